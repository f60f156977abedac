"""What a device is made of besides its multipliers: logic cells, memories, and what they take in energy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logic:
    """LUTs of the parts that data paths are made of.

    adder: per bit of a sum. mux: per bit and input of a multiplexer beyond the first. saturate: per bit of a value that
    is clipped. compare: per bit that is only looked at (dropped bits of a saturation, a comparison).
    """

    adder: float
    mux: float
    saturate: float
    compare: float


@dataclass(frozen=True, slots=True)
class LutRam:
    """One cell of LUT memory: `words` x `bits` with one write and one read port, made of `luts` LUTs."""

    words: int
    bits: int
    luts: int


@dataclass(frozen=True, slots=True)
class Uram:
    """A large memory block of one shape. initialised: whether the bitstream can fill it, so that it can be a ROM."""

    words: int
    bits: int
    initialised: bool


@dataclass(frozen=True, slots=True)
class Memories:
    """How memories are built.

    lut_rom_words: deepest read-only memory in LUTs. rom_words_per_lut: words of it, 1 bit wide, that a LUT holds.
    lut_ram: cells of LUT memory, the shallowest first; the last is the deepest memory in LUTs. srl_words: depth of a
    shift register in one LUT, 0 for none. bram18: (words, bits) of a block of 18 kbit. uram: None for none.
    """

    lut_rom_words: int
    rom_words_per_lut: int
    lut_ram: tuple[LutRam, ...]
    srl_words: int
    bram18: tuple[tuple[int, int], ...]
    uram: Uram | None


@dataclass(frozen=True, slots=True)
class Technology:
    """What energies scale with: feature size, core voltage, and static power in microwatts per LUT of the device."""

    nm: float
    volts: float
    static_uw_per_lut: float


@dataclass(frozen=True, slots=True)
class Fabric:
    """Logic, memories and technology of one generation of devices; families share it."""

    name: str
    logic: Logic
    memory: Memories
    technology: Technology
