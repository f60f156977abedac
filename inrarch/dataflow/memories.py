"""Which memory a ROM, a buffer or a FIFO becomes, and how many LUTs, block RAMs and UltraRAMs that takes.

| memory | in LUTs | in block RAM | in UltraRAM |
|---|---|---|---|
| ROM | up to `lut_rom_words` words | deeper | where the bitstream can fill it and it is worth it |
| buffer | up to the deepest cell of LUT memory | deeper | where it is worth it |
| FIFO | shift registers or LUT memory, up to 32 words | deeper | never |

A block RAM array has one shape for all its blocks, the cheapest. UltraRAM is worth it where it replaces at least
`URAM_WORTH` block RAMs each: devices have 4 to 5 times as many block RAMs (AMD DS890, UltraScale product overview).
"""

from __future__ import annotations

from inrarch.config.fabric import Memories
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.target import Target

URAM_WORTH = 8
"""Half of the 16 block RAMs of 18 kbit that an UltraRAM holds."""


def rom(words: int, bits: int, target: Target) -> Cost:
    """A read-only memory that gives one word of `bits` bits per cycle; of one word: constants."""
    memory = target.fabric.memory
    if words <= 1:
        return Cost()
    if words <= memory.lut_rom_words:
        return Cost(lut=bits * -(-words // memory.rom_words_per_lut))
    return _blocks(words, bits, memory, filled=True)


def buffer(words: int, bits: int, target: Target) -> Cost:
    """A memory with one read and one write port, empty at the start."""
    memory = target.fabric.memory
    if words <= memory.lut_ram[-1].words:
        return Cost(lut=_lut_ram(words, bits, memory))
    return _blocks(words, bits, memory, filled=False)


def _lut_ram(words: int, bits: int, memory: Memories) -> int:
    """LUTs of a memory with one read and one write port: the cheapest array of one cell."""
    return min(-(-words // cell.words) * -(-bits // cell.bits) * cell.luts for cell in memory.lut_ram)


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
