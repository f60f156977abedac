"""What FIFOs cost: by hand for known sizes, and never less for a deeper one, on every fabric."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.config.fabric import Memories
from inrarch.fifo.memory import bram18, luts_on, memory_kind


def memory(fabric: str) -> Memories:
    return read_fabric(fabric_files()[fabric]).memory


@pytest.mark.parametrize(
    ("fabric", "depth", "bits", "luts"),
    [
        ("ultrascale_plus", 2, 24, 0),  # registers
        ("ultrascale_plus", 3, 24, 24),  # an SRLC32E per bit
        ("ultrascale_plus", 32, 24, 24),
        ("ultrascale_plus", 33, 24, 64),  # a RAMB18 of 512x36
        ("ultrascale_plus", 1024, 20, 128),  # two of 1kx18
        ("ultrascale_plus", 20, 100, 100),
        ("ecp5", 16, 24, 36),  # six cells of 16x4
        ("ecp5", 17, 24, 72),
        ("ecp5", 32, 1, 12),
        ("ecp5", 33, 24, 144),
    ],
)
def test_luts_by_hand(fabric: str, depth: int, bits: int, luts: int) -> None:
    assert luts_on(memory(fabric))(depth, bits) == luts


@pytest.mark.parametrize("fabric", fabric_files())
def test_a_deeper_fifo_never_costs_less(fabric: str) -> None:
    own = replace(memory(fabric), bram18_worth=3, srl_words=8)
    for price in (bram18, luts_on(memory(fabric)), luts_on(own)):
        for bits in (1, 7, 18, 36, 37, 200):
            prices = [price(depth, bits) for depth in (*range(1, 100), *range(100, 40_000, 97))]
            assert prices == sorted(prices)


def test_kinds_are_as_generated() -> None:
    assert [memory_kind(depth, 8) for depth in (2, 3, 32, 33)] == ["registers", "LUTs", "LUTs", "block RAM"]
