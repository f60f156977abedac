"""Parts of data paths: counts that follow from their structure."""

from __future__ import annotations

import pytest

from inrarch.boards import load_board
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.logic import adder, adder_tree, clip, gated_adder, multiplexer, product, rounding
from inrarch.dataflow.target import Target, target_of

U50, PYNQ, ULX3S = (target_of(load_board(name)) for name in ("u50", "pynq_z2", "ulx3s_85f"))


def test_an_accumulator_costs_lut4_devices_a_multiplexer() -> None:
    assert gated_adder(48, U50) == adder(48, U50) == Cost(lut=48, ff=48)
    assert gated_adder(48, ULX3S).lut == 2 * adder(48, ULX3S).lut


@pytest.mark.parametrize("operands", [1, 2, 3, 4, 7, 8])
def test_a_tree_has_one_adder_less_than_operands(operands: int) -> None:
    tree = adder_tree(operands, 42, U50)
    assert 42 * (operands - 1) <= tree.lut <= 46 * (operands - 1)
    assert tree.ff >= tree.lut


@pytest.mark.parametrize(("ways", "per_bit"), [(1, 0), (2, 1), (4, 1)])
def test_a_lut6_chooses_among_four(ways: int, per_bit: int) -> None:
    assert multiplexer(ways, 24, U50).lut == 24 * per_bit


def test_nothing_is_clipped_where_nothing_can_overflow() -> None:
    assert clip(24, 24, U50) == Cost(ff=24)
    assert rounding(24, 0, 24, U50) == Cost(ff=24)


@pytest.mark.parametrize(
    ("a", "b", "target", "dsp"),
    [(24, 18, U50, 1), (27, 24, U50, 2), (24, 24, PYNQ, 2), (24, 18, ULX3S, 2), (24, 24, ULX3S, 4), (24, 2, U50, 0)],
)
def test_products(a: int, b: int, target: Target, dsp: int) -> None:
    assert product(a, b, target).dsp == dsp


def test_blocks_that_are_cascaded_need_no_adder_for_a_second_tile() -> None:
    assert product(27, 24, U50).lut == 0
    assert product(24, 18, ULX3S).lut > 0


def test_dropped_bits_need_no_registers() -> None:
    assert product(24, 24, U50, dropped=20).ff < product(24, 24, U50).ff
    assert product(24, 18, U50, dropped=20).ff == 0
