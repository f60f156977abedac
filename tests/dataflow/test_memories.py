"""Which memory a ROM or a buffer becomes."""

from __future__ import annotations

import pytest

from inrarch.dataflow.cost import Cost
from inrarch.dataflow.memories import buffer, rom, style
from inrarch.dataflow.target import Target
from tests.targets import PYNQ, U50, ULX3S, ZCU102


@pytest.mark.parametrize(
    ("words", "bits", "target", "cost"),
    [
        (1, 500, U50, Cost()),
        (64, 100, U50, Cost(lut=100, ff=100)),
        (65, 36, U50, Cost(bram18=1)),
        (512, 37, PYNQ, Cost(bram18=2)),
        (1024, 18, ULX3S, Cost(bram18=1)),
        (16, 10, ULX3S, Cost(lut=10, ff=10)),
        (64, 10, ULX3S, Cost(lut=40, ff=10)),
        (65, 100, ULX3S, Cost(bram18=3)),
        (128, 18, U50, Cost(lut=36, ff=18)),
        (256, 8, PYNQ, Cost(lut=32, ff=8)),
        (65536, 18, U50, Cost(bram18=64)),
    ],
)
def test_read_only_memories(words: int, bits: int, target: Target, cost: Cost) -> None:
    assert rom(words, bits, target) == cost


@pytest.mark.parametrize(
    ("words", "bits", "target", "cost"),
    [
        (32, 12, U50, Cost(lut=8, ff=12)),
        (33, 14, U50, Cost(lut=16, ff=14)),
        (65, 36, U50, Cost(bram18=1)),
        (16, 8, ULX3S, Cost(lut=12, ff=8)),
        (32, 8, ULX3S, Cost(lut=32, ff=8)),
        (512, 36, ULX3S, Cost(bram18=1)),
        (4096, 72, U50, Cost(uram=1)),
        (4096, 72, ZCU102, Cost(bram18=16)),
        (2048, 36, U50, Cost(bram18=4)),
        (8192, 144, U50, Cost(uram=4)),
    ],
)
def test_buffers(words: int, bits: int, target: Target, cost: Cost) -> None:
    assert buffer(words, bits, target) == cost


def test_the_style_of_a_memory_follows_its_cost() -> None:
    assert [style(each) for each in (Cost(), Cost(lut=3, ff=1), Cost(bram18=2), Cost(uram=1))] == [0, 1, 2, 3]


def test_weights_never_start_in_an_ultraram_that_the_bitstream_cannot_fill() -> None:
    assert rom(4096, 72, U50) == Cost(bram18=16)
    assert buffer(4096, 72, U50) == Cost(uram=1)
