"""What a device is made of besides its multipliers: logic cells, memories, and what they take in energy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logic:
    """LUTs of the parts that data paths are made of.

    adder: per bit of a sum. counter: per bit of a counter, with what it is compared with. mux_ways: inputs of a
    multiplexer that one LUT per bit is enough for; mux: per bit and input beyond. saturate: per bit of a value that is
    clipped; saturate_few: the same where only 1, 2, ... bits are dropped, which a tool may look at for each bit anew.
    compare: per bit that is only looked at (dropped bits of a saturation, a comparison). gate: per bit of an operand of
    an adder that a signal chooses between two. packed: whether registers before, in and behind a product are those of
    the block.
    """

    adder: float
    counter: float
    mux_ways: int
    mux: float
    saturate: float
    saturate_few: tuple[float, ...]
    compare: float
    gate: float
    packed: bool


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

    bram18_worth: LUTs that are spent at most to spare a block RAM. rom_words_per_lut: words, 1 bit wide, that a LUT
    holds as a read-only memory. lut_ram: cells of LUT memory, the shallowest first. srl_words: depth of a shift
    register in one LUT, 0 for none. bram18: (words, bits) of a block of 18 kbit. uram: None for none.
    """

    bram18_worth: int
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
class Timing:
    """Delays for the estimate of paths, ps, of the slowest speed grade.

    net: a wire through the interconnect. register: clock to output of a flip-flop. setup: of an input of a clocked
    cell. lut: through a LUT. mux: through a multiplexer behind LUTs. carry_in: from another input of a carry block than
    that of the carry. carry_next: from carry to carry. carry_out: from the carry to another output. lut_ram: clock to
    output of a memory or shift register of LUTs. block_ram: of a block RAM without output register. multiplier: through
    a multiplier block without registers.
    """

    net: int
    register: int
    setup: int
    lut: int
    mux: int
    carry_in: int
    carry_next: int
    carry_out: int
    lut_ram: int
    block_ram: int
    multiplier: int


@dataclass(frozen=True, slots=True)
class Fabric:
    """Logic, memories, technology and delays of one generation of devices; families share it.

    timing: None where it is not known. yosys: the command of Yosys that synthesises for it, without a top; None where
    there is none.
    """

    name: str
    logic: Logic
    memory: Memories
    technology: Technology
    timing: Timing | None
    yosys: str | None
