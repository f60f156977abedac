"""Costs: multiplier tiles, memories, and the units made of them."""

from __future__ import annotations

import pytest

from inrarch.boards import load_board
from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import matmul_latency
from inrarch.dataflow.kernels.matmul_cost import matmul_cost, weight_words
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.partition import partition
from inrarch.dataflow.resources import Cost, buffer, dsp_tiles, excess, operation_cost, rom
from inrarch.dataflow.target import target_of
from inrarch.graph.load import load_model
from inrarch.numeric.formats import Format
from tests.dataflow.networks import plain_facts
from tests.models import perceptron

U50 = target_of(load_board("u50"))


@pytest.mark.parametrize(
    ("bits", "shape", "tiles"),
    [
        ((24, 18), (27, 18), 1),
        ((18, 24), (27, 18), 1),
        ((27, 18), (27, 18), 1),
        ((27, 24), (27, 18), 2),
        ((24, 24), (25, 18), 2),
        ((32, 32), (27, 18), 4),
        ((24, 18), (18, 18), 2),
        ((24, 24), (18, 18), 4),
        ((24, 2), (27, 18), 0),
    ],
)
def test_products_are_cut_into_multiplier_tiles(bits: tuple[int, int], shape: tuple[int, int], tiles: int) -> None:
    assert dsp_tiles(*bits, shape) == tiles


def test_shallow_memories_are_luts_and_deep_ones_block_ram() -> None:
    assert rom(64, 1000, U50).bram18 == 0
    assert rom(65, 36, U50).bram18 == 1
    assert rom(65536, 18, U50).bram18 == 64
    assert buffer(64, 144, U50) == Cost(lut=168, ff=144)
    assert buffer(512, 144, U50).bram18 == 4


def unit(lanes_in: int, lanes_out: int, coefficients: int = 6, lanes_coefficients: int | None = None) -> Cost:
    return matmul_cost(
        K=256,
        M=256,
        coefficients=coefficients,
        lanes=Lanes(lanes_in, lanes_out, lanes_coefficients),
        data_bits=24,
        weight_bits=18,
        accumulator_bits=50,
        bias_rows=1,
        target=U50,
    )


def test_a_matmul_has_one_multiplier_per_lane_and_coefficient() -> None:
    assert unit(16, 16).dsp == 16 * 16 * 6
    assert unit(1, 1, 1).dsp == 1


def test_weights_are_stored_once_whatever_the_coefficients() -> None:
    assert unit(16, 16, 1).bram18 == unit(16, 16, 10).bram18
    assert unit(1, 1).bram18 >= 256 * 256 * 18 / 18432


def test_coefficients_in_turns_save_multipliers_and_read_narrower_weights() -> None:
    assert unit(16, 16, 6, 1).dsp == 16 * 16
    assert unit(16, 16, 6, 4).dsp == 16 * 16 * 4
    assert unit(16, 16, 6, 6) == unit(16, 16, 6)
    assert unit(32, 48, 6, 1).dsp == unit(16, 16, 6).dsp
    assert unit(32, 48, 6, 1).bram18 <= unit(16, 16, 6).bram18
    assert unit(1, 1, 6, 1).bram18 <= unit(1, 1, 6).bram18
    assert weight_words(1, 1, 6) == (1, 1)
    assert weight_words(2, 2, 3) == (2, 2)
    assert weight_words(16, 16, 6) == (6, 43)


def test_only_products_of_computed_tensors_take_multipliers() -> None:
    assert operation_cost("Mul", [Format(24, 18)] * 2, Format(24, 18), U50).dsp == 2
    assert operation_cost("Add", [Format(24, 18)] * 2, Format(24, 18), U50).dsp == 0


def test_scarcest_resource_comes_first() -> None:
    assert excess(Cost(dsp=10, bram18=30, lut=5), Cost(dsp=5, bram18=10, lut=5)) == ["bram18", "dsp"]
    assert excess(Cost(dsp=5), Cost(dsp=5)) == []


def test_latency_of_a_region_is_its_longest_path() -> None:
    model = load_model(perceptron((2, 4, 1), "Sin"))
    (region,) = [unit for unit in partition(model).units if isinstance(unit, Region)]
    assert region.latency(plain_facts(model), Parallelism({}, {4: 1})) == 19
    assert matmul_latency(1) == 8
    assert matmul_latency(10) == 12
