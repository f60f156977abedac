"""Parts of data paths: counts that follow from their structure."""

from __future__ import annotations

import pytest

from inrarch.dataflow.cost import Cost
from inrarch.dataflow.logic import (
    adder,
    adder_tree,
    clip,
    comparison,
    delay,
    gated_adder,
    multiplexer,
    product,
    rounding,
    rounding_at_once,
    shifter,
)
from inrarch.dataflow.target import Target
from tests.targets import PYNQ, U50, ULX3S


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


def test_a_shifter_has_a_multiplexer_of_four_per_two_places() -> None:
    assert [shifter(24, places, U50).lut for places in (1, 2, 3, 4)] == [24, 24, 48, 48]
    assert shifter(24, 4, ULX3S).lut == 2 * multiplexer(4, 24, ULX3S).lut
    assert comparison(48, U50).lut < comparison(48, ULX3S).lut < 48


def test_nothing_is_clipped_where_nothing_can_overflow() -> None:
    assert clip(24, 24, U50) == Cost(ff=24)
    assert rounding(24, 0, 24, U50) == Cost(ff=48)
    assert rounding_at_once(24, 0, 24, U50) == Cost(ff=24)


@pytest.mark.parametrize(
    ("a", "b", "target", "dsp"),
    [(24, 18, U50, 1), (27, 24, U50, 2), (24, 24, PYNQ, 2), (24, 18, ULX3S, 2), (24, 24, ULX3S, 4), (24, 2, U50, 0)],
)
def test_products(a: int, b: int, target: Target, dsp: int) -> None:
    assert product(a, b, target).dsp == dsp


def test_a_product_is_what_the_kernel_library_makes_of_it() -> None:
    """Figures of Yosys' netlists of inrarch_product, with the registers of the blocks in these."""
    assert product(24, 18, U50) == product(27, 18, U50) == Cost(dsp=1)
    assert product(24, 24, U50) == Cost(dsp=2, lut=31, ff=48)
    assert product(27, 24, U50) == Cost(dsp=2, lut=34, ff=51)
    assert product(18, 18, ULX3S) == Cost(dsp=1, ff=3 * 36)
    assert product(24, 2, U50) == Cost(lut=26 + 24, ff=3 * 26)


def test_a_delay_is_a_shift_register_of_luts_where_there_is_one() -> None:
    assert delay(24, 2, U50) == delay(24, 2, ULX3S) == Cost(ff=48)
    assert delay(24, 7, U50) == Cost(lut=24)
    assert delay(24, 33, U50) == Cost(lut=48)
    assert delay(24, 7, ULX3S) == Cost(ff=168)


def test_few_dropped_bits_are_looked_at_for_each_bit_on_lut4_devices() -> None:
    luts = [clip(18 + dropped, 18, ULX3S).lut for dropped in range(7)]
    assert luts[0] == 0
    assert luts[1] == luts[2] == 18
    assert luts[4] == 4 * 18 > luts[6]
