"""What a FIFO of a given depth and width costs in block RAM, and in LUTs of a fabric."""

from __future__ import annotations

from collections.abc import Callable

from inrarch.config.fabric import Memories

REGISTER_WORDS = 2
"""FIFOs up to this depth are registers, whose word can be read a cycle earlier (`Stream.visible_after`)."""

SRL_WORDS = 32
"""FIFOs up to this depth are shift registers in LUTs (one SRLC32E per bit: UG574, CLB User Guide), no block RAM."""

RAMB18_SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
"""(words, bits) of an 18-kbit block RAM, simple dual port: AMD UG573, UltraScale Memory Resources, chapter "Block RAM";
equal for 7 series (UG473) and for the ECP5's DP16KD (Lattice FPGA-TN-02204)."""


def bram18(depth: int, bits: int) -> int:
    """18-kbit block RAMs of a FIFO of `depth` words of `bits` bits: the cheapest array of one shape.

    0 up to `SRL_WORDS`.

    >>> bram18(32, 144), bram18(33, 144), bram18(1024, 20)
    (0, 4, 2)
    """
    if depth <= SRL_WORDS:
        return 0
    return min(-(-depth // words) * -(-bits // width) for words, width in RAMB18_SHAPES)


def luts_on(memory: Memories) -> Callable[[int, int], int]:
    """LUTs of the memory of a FIFO of (depth, bits) on a fabric, where a block RAM counts as `bram18_worth` LUTs.

    Registers count nothing; up to `SRL_WORDS` words it is shift registers, LUT memory where the fabric has none, but
    never counts more than the block RAM that a deeper one takes. An UltraRAM is never used: FIFOs are not generated so.
    """

    def blocks(depth: int, bits: int) -> int:
        return min(-(-depth // words) * -(-bits // width) for words, width in memory.bram18) * memory.bram18_worth

    def luts(depth: int, bits: int) -> int:
        if depth <= REGISTER_WORDS:
            return 0
        if depth > SRL_WORDS:
            return blocks(depth, bits)
        cells = [-(-depth // each.words) * -(-bits // each.bits) * each.luts for each in memory.lut_ram]
        shallow = -(-depth // memory.srl_words) * bits if memory.srl_words else min(cells)
        return min(shallow, blocks(SRL_WORDS + 1, bits))

    return luts


def memory_kind(depth: int, bits: int) -> str:
    """What a FIFO of this size is made of.

    >>> memory_kind(2, 24), memory_kind(16, 24), memory_kind(64, 24)
    ('registers', 'LUTs', 'block RAM')
    """
    if bram18(depth, bits):
        return "block RAM"
    return "registers" if depth <= REGISTER_WORDS else "LUTs"
