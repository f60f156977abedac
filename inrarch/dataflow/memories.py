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

from functools import reduce

from inrarch.config.fabric import Logic, Memories
from inrarch.dataflow.cost import Cost, either
from inrarch.dataflow.several import Count, ceiling, larger, pick, smaller
from inrarch.dataflow.target import Target

FIFO_LUT_WORDS = 32
"""FIFOs up to this depth are LUTs, deeper ones block RAM."""
URAM_WORTH = 8
"""Half of the 16 block RAMs of 18 kbit that an UltraRAM holds."""


def rom(words: Count, bits: Count, target: Target) -> Cost:
    """A read-only memory that gives one word of `bits` bits per cycle; of one word: constants. LUTs with a register."""
    memory = target.fabric.memory
    luts = bits * -(-words // memory.rom_words_per_lut)
    return either(words <= 1, Cost(), _cheaper(luts, words, bits, memory, filled=True))


def buffer(words: Count, bits: Count, target: Target) -> Cost:
    """A memory with one read and one write port, empty at the start: cells of LUT memory in rows, or blocks.

    LUTs have a register behind them, as blocks have inside.
    """
    return _cheaper(lut_memory(words, bits, target), words, bits, target.fabric.memory, filled=False)


def lut_memory(words: Count, bits: Count, target: Target) -> Count:
    """LUTs of a buffer that is made of LUT memory: the cheapest of its cells in rows, and the choice of a row."""
    arrays = []
    for cell in target.fabric.memory.lut_ram:
        rows = -(-words // cell.words)
        arrays.append(rows * -(-bits // cell.bits) * cell.luts + choice(rows, bits, target.fabric.logic))
    return reduce(smaller, arrays)


def style(cost: Cost) -> int:
    """STYLE of the modules of kernel_lib/common that are memories, for one that costs this. 0: the tool's choice."""
    kinds = (cost.uram, cost.bram18, cost.lut)
    return next((number for number, of in zip((3, 2, 1), kinds, strict=True) if of), 0)


def _cheaper(luts: Count, words: Count, bits: Count, memory: Memories, *, filled: bool) -> Cost:
    blocks = block_ram(words, bits, memory)
    large = _blocks(words, bits, memory, filled=filled)
    return either(luts <= memory.bram18_worth * blocks, Cost(lut=luts, ff=bits), large)


def choice(ways: Count, bits: Count, logic: Logic) -> Count:
    """LUTs of a multiplexer."""
    return pick(ways < 2, 0, ceiling((1 + logic.mux * larger(ways - logic.mux_ways, 0)) * bits))


def block_ram(words: Count, bits: Count, memory: Memories) -> Count:
    """18-kbit block RAMs of a memory: the cheapest array of one shape."""
    return reduce(smaller, [-(-words // deep) * -(-bits // wide) for deep, wide in memory.bram18])


def _blocks(words: Count, bits: Count, memory: Memories, *, filled: bool) -> Cost:
    small, uram = block_ram(words, bits, memory), memory.uram
    if uram is not None and (uram.initialised or not filled):
        large = -(-words // uram.words) * -(-bits // uram.bits)
        return either(small >= URAM_WORTH * large, Cost(uram=large), Cost(bram18=small))
    return Cost(bram18=small)
