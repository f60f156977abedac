"""Lanes: the least that meet a row time, compatible with their streams, pinned ones kept."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul_shape import shape_of
from inrarch.dataflow.parallelism import Parallelism, check_pinned, row_floor
from inrarch.dataflow.partition import partition
from inrarch.dataflow.units import Facts, Units
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from tests.dataflow.networks import at_row_time, matmuls, plain_facts, slowest
from tests.models import siren


def units_of(*sizes: int) -> tuple[Units, Facts]:
    model = load_model(siren(sizes))
    return partition(model), plain_facts(model)


def lanes_of(chosen: Parallelism) -> list[Lanes]:
    return [choice for choice in chosen.choices.values() if isinstance(choice, Lanes)]


def multipliers(lanes: Lanes) -> int:
    return lanes.inputs * lanes.outputs


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(2, 500))
def test_no_fewer_lanes_of_a_unit_meet_the_row_time(K: int, M: int, cycles: int) -> None:
    units, facts = units_of(K, M)
    chosen = at_row_time(units, facts, max(cycles, row_floor(units)))
    assert chosen is not None
    (unit,) = matmuls(units)
    widths = chosen.stream_lanes
    assert K % widths[K] == 0
    assert M % widths[M] == 0
    lanes = unit.lanes(chosen)
    assert unit.shape(chosen).step <= max(cycles, row_floor(units))
    for inputs, outputs in product(range(1, K + 1), range(1, M + 1)):
        legal = all(
            own % stream == 0 or stream % own == 0 for own, stream in ((inputs, widths[K]), (outputs, widths[M]))
        )
        if legal and inputs * outputs < multipliers(lanes):
            assert shape_of(K, M, 1, Lanes(inputs, outputs), widths[K], widths[M]).step > max(cycles, row_floor(units))


def test_stream_lanes_are_equal_for_equal_features() -> None:
    chosen = at_row_time(*units_of(2, 64, 64, 64, 1), 20)
    assert chosen is not None
    assert chosen.stream_lanes[64] in (4, 8, 16, 32)
    assert set(chosen.stream_lanes) == {2, 64, 1}


def test_pinned_lanes_are_kept_and_the_rest_keeps_up() -> None:
    units, facts = units_of(2, 64, 64, 3)
    assert at_row_time(units, facts, 127, {"net_1": Lanes(8, 4)}) is None
    chosen = at_row_time(units, facts, 128, {"net_1": Lanes(8, 4)})
    assert chosen is not None
    assert chosen.choices["net_1"] == Lanes(8, 4)
    steps = {unit.name: unit.shape(chosen).step for unit in matmuls(units)}
    assert max(steps.values()) == steps["net_1"] == 128


def test_pinned_lanes_that_fit_no_wide_stream_keep_the_stream_narrow() -> None:
    units, facts = units_of(2, 64, 64, 3)
    chosen = at_row_time(units, facts, 500, {"net_1": Lanes(7, 5)})
    assert chosen is not None
    assert chosen.stream_lanes[64] == 1


def test_the_least_parallelism_is_one_multiplier_per_coefficient() -> None:
    units, facts = units_of(2, 64, 64, 3)
    chosen = slowest(units, facts)
    assert set(lanes_of(chosen)) == {Lanes(1, 1, 1)}
    assert max(unit.cycles_per_row(chosen) for unit in units.units) == 64 * 64


@pytest.mark.parametrize(
    ("name", "lanes", "expected"),
    [
        (
            "net_3",
            Lanes(1, 1),
            "dataflow.parallelism.net_3: unknown unit 'net_3'; expected one of net_0, net_1, net_2\n"
            "hint: did you mean 'net_2'?",
        ),
        ("net_1", Lanes(65, 1), "dataflow.parallelism.net_1: inputs: 65; expected 1 to 64 (inputs of unit 'net_1')"),
        (
            "net_1",
            Lanes(1, 1, 2),
            "dataflow.parallelism.net_1: coefficients: 2; expected 1 to 1 (coefficients of unit 'net_1')",
        ),
        ("net_2", Lanes(1, 4), "dataflow.parallelism.net_2: outputs: 4; expected 1 to 3 (outputs of unit 'net_2')"),
    ],
)
def test_impossible_pins_are_refused(name: str, lanes: Lanes, expected: str) -> None:
    with pytest.raises(UserError) as error:
        check_pinned(units_of(2, 64, 64, 3)[0], {name: lanes})
    assert error.value.text() == expected
