"""Which memory a ROM, a buffer or a FIFO becomes, and how many LUTs, block RAMs and UltraRAMs that takes.

| memory | in LUTs | in block RAM | in UltraRAM |
|---|---|---|---|
| ROM | up to `bram18_worth` LUTs per block RAM spared | beyond | where the bitstream can fill it, and worth it |
| buffer | the same | beyond | where it is worth it |
| FIFO | shift registers or LUT memory, up to 32 words | deeper | never |

A block RAM array has one shape for all its blocks, the cheapest. The shipped boards have 150 to 410 LUTs per block RAM
of 18 kbit, so the 64 to 144 LUTs of `bram18_worth` leave the others to the data path. They have 4 to 5 such block RAMs
per UltraRAM, which is therefore worth it where it replaces at least `URAM_WORTH` of them.
"""

from __future__ import annotations

import math

from inrarch.config.fabric import Logic, Memories
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.target import Target

URAM_WORTH = 8
"""Half of the 16 block RAMs of 18 kbit that an UltraRAM holds."""


def rom(words: int, bits: int, target: Target) -> Cost:
    """A read-only memory that gives one word of `bits` bits per cycle; of one word: constants."""
    memory = target.fabric.memory
    if words <= 1:
        return Cost()
    luts = bits * -(-words // memory.rom_words_per_lut)
    return _cheaper(luts, words, bits, memory, filled=True)


def buffer(words: int, bits: int, target: Target) -> Cost:
    """A memory with one read and one write port, empty at the start: cells of LUT memory in rows, or blocks."""
    memory, logic = target.fabric.memory, target.fabric.logic
    luts = math.inf
    for cell in memory.lut_ram:
        rows = -(-words // cell.words)
        luts = min(luts, rows * -(-bits // cell.bits) * cell.luts + choice(rows, bits, logic))
    return _cheaper(int(luts), words, bits, memory, filled=False)


def _cheaper(luts: int, words: int, bits: int, memory: Memories, *, filled: bool) -> Cost:
    blocks = block_ram(words, bits, memory)
    return Cost(lut=luts) if luts <= memory.bram18_worth * blocks else _blocks(words, bits, memory, filled=filled)


def choice(ways: int, bits: int, logic: Logic) -> int:
    """LUTs of a multiplexer."""
    return 0 if ways < 2 else math.ceil((1 + logic.mux * max(ways - logic.mux_ways, 0)) * bits)


def block_ram(words: int, bits: int, memory: Memories) -> int:
    """18-kbit block RAMs of a memory: the cheapest array of one shape."""
    return min(-(-words // deep) * -(-bits // wide) for deep, wide in memory.bram18)


def _blocks(words: int, bits: int, memory: Memories, *, filled: bool) -> Cost:
    small, uram = block_ram(words, bits, memory), memory.uram
    if uram is not None and (uram.initialised or not filled):
        large = -(-words // uram.words) * -(-bits // uram.bits)
        if small >= URAM_WORTH * large:
            return Cost(uram=large)
    return Cost(bram18=small)
