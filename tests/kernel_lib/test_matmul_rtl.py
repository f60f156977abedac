"""RTL of the dense matmul: random units give the exact product in the cycles that the simulator says."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import pytest

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import matmul_latency, matmul_schedule
from inrarch.dataflow.kernels.matmul_shape import shape_of
from inrarch.hardware.kernels.matmul import matmul_rtl
from inrarch.hardware.layout import Stream
from tests.kernel_lib.rtl_bench import Case, check, make_port, words_of
from tests.kernel_lib.test_matmul import random_case
from tests.targets import U50

QUICK, BATCH, BATCHES = 8, 25, 8


def make_case(seed: int) -> Case:
    """A random unit of `tests/kernel_lib/test_matmul.py`, between random streams."""
    case = random_case(seed)
    unit, (wi, wo), rows = case.unit, case.stream_lanes, len(case.x)
    names = tuple(f"t{field}" for field in range(case.x.shape[2]))
    read = Stream("in", wi * len(names) * unit.data_bits, "end", "u", unit.inputs, wi, names)
    out_bits = wo * unit.coefficients * unit.data_bits
    out = Stream("out", out_bits, "u", "end", unit.outputs, wo, names[: unit.coefficients])
    lanes = Lanes(unit.lanes_in, unit.lanes_out, unit.lanes_coefficients)
    shape = shape_of(unit.inputs, unit.outputs, unit.coefficients, lanes, wi, wo)
    shape = dataclasses.replace(shape, step=unit.step)  # which may be longer than it must be
    latency = matmul_latency(unit.lanes_in, -(-unit.coefficients // unit.lanes_coefficients))
    iterations = rows * unit.step + (shape.blocks_out - 1) * shape.slot + shape.blocks_in + shape.tokens_last
    draw = random.Random(seed)
    return Case(
        "matmul",
        matmul_rtl(unit, read, out, rows, U50),
        [make_port(draw, "in", read.bits, words_of(case.x, read))],
        [make_port(draw, "out", out.bits, words_of(case.expected(), out))],
        matmul_schedule("in", "out", rows, shape, latency),
        iterations + latency,
        seed,
    )


def test_random_units(tmp_path: Path) -> None:
    check([make_case(seed) for seed in range(QUICK)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(BATCHES))
def test_many_random_units(batch: int, tmp_path: Path) -> None:
    check([make_case(100 + BATCH * batch + seed) for seed in range(BATCH)], tmp_path)


def test_quick_random_units_cover_turns_padding_and_wide_tokens() -> None:
    drawn = [random_case(seed) for seed in range(QUICK)]
    units = [(case.unit, *case.stream_lanes) for case in drawn]
    assert any(unit.lanes_coefficients < unit.coefficients for unit, _, _ in units)
    assert any(unit.lanes_coefficients == unit.coefficients for unit, _, _ in units)
    assert any(unit.inputs % unit.lanes_in for unit, _, _ in units)
    assert any(unit.outputs % unit.lanes_out for unit, _, _ in units)
    assert any(wi > unit.lanes_in for unit, wi, _ in units)
    assert any(wi < unit.lanes_in for unit, wi, _ in units)
    assert any(wo > unit.lanes_out for unit, _, wo in units)
    assert any(wo < unit.lanes_out for unit, _, wo in units)
    assert any(max(unit.bias) < 0 for unit, _, _ in units)
