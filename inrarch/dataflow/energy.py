"""Energy of one invocation: operations done x energy per operation, plus static power x time. An estimate.

Per-operation energies are those of an ASIC in 45 nm at 0.9 V (M. Horowitz, "Computing's energy problem (and what we can
do about it)", ISSCC 2014, table 1), scaled by size and voltage squared, times the gap between an ASIC and an FPGA
(I. Kuon, J. Rose, "Measuring the gap between FPGAs and ASICs", IEEE TCAD 26(2), 2007: 14 in dynamic power for logic
in LUTs, less for hard blocks, for which the geometric mean of 1 and 14 is taken here).

A unit works `cycles_per_row` cycles per row; on sums over the batch, for one row per invocation. In such a cycle each
of its multiplier blocks makes a product (a matmul's: as many as it has useful products), each of its memory blocks is
read once, its LUTs switch. Flip-flops take energy in every cycle, for the clock. Nothing here was measured: see `BAND`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields

from inrarch.dataflow.cost import Cost
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.target import Target
from inrarch.dataflow.units import Facts, Unit, Units, in_invocation, rows_of

MODEL = "activity x energy per operation (Horowitz 2014, scaled; FPGA gap of Kuon and Rose 2007), not measured"

BAND = (0.5, 2.0)
"""What the energy may be, over the estimate: a factor of 2. Models of this form that are *fitted* to board measurements
err by 25 % with activity and 50 % without (PowerGear, 785 designs on a ZCU102); this one is not fitted."""

_PRODUCT_PER_BIT2 = 3.1 / 32**2
"""pJ at 45 nm per bit x bit: a 32-bit integer product takes 3.1 pJ, one of 8 bits 0.2 pJ."""
_ADD_PER_BIT = 0.1 / 32
"""pJ at 45 nm: a 32-bit integer addition takes 0.1 pJ."""
_SRAM_PER_BIT = 10 / 64
"""pJ at 45 nm per bit of a memory of 8 KB; it grows with the root of the size (20 at 32 KB, 100 at 1 MB)."""
_DRAM_PER_BIT = 2000 / 64
"""pJ per bit that leaves or enters the device, taken to come from or go to DRAM: 1.3 to 2.6 nJ per 64 bits."""
_LOGIC_GAP = 14.0
_BLOCK_GAP = math.sqrt(_LOGIC_GAP)
PORT_WORD = 32
"""Bits of a word of a port (kernel_lib/source, kernel_lib/sink)."""


@dataclass(frozen=True, slots=True)
class Picojoules:
    """Per operation. dsp: a product in one multiplier block and its addition. bram18, uram: an access of a whole block.
    lut: a LUT in a cycle in which it works. ff: a flip-flop in any cycle (taken as a LUT's). fifo_bit: a bit written
    and read. port_bit: a bit of a port."""

    dsp: float
    bram18: float
    uram: float
    lut: float
    ff: float
    fifo_bit: float
    port_bit: float


def picojoules(target: Target) -> Picojoules:
    """The figures of a device."""
    technology = target.fabric.technology
    scale = technology.nm / 45 * (technology.volts / 0.9) ** 2
    wide, narrow = target.shape
    lut = _ADD_PER_BIT * _LOGIC_GAP * scale
    product = wide * narrow * _PRODUCT_PER_BIT2 + target.dsp.accumulator_bits * _ADD_PER_BIT

    def access(kilobytes: float, bits: int) -> float:
        return _SRAM_PER_BIT * bits * math.sqrt(kilobytes / 8) * _BLOCK_GAP * scale

    return Picojoules(
        dsp=product * _BLOCK_GAP * scale,
        bram18=access(2.25, 36),
        uram=access(36, 72),
        lut=lut,
        ff=lut,
        fifo_bit=2 * lut,
        port_bit=_DRAM_PER_BIT,
    )


@dataclass(frozen=True, slots=True)
class Energy:
    """Joules of one invocation, by what takes them."""

    multipliers: float = 0.0
    memories: float = 0.0
    logic: float = 0.0
    registers: float = 0.0
    streams: float = 0.0
    ports: float = 0.0
    static: float = 0.0

    @property
    def joules(self) -> float:
        """The sum."""
        return math.fsum(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Work:
    """What a unit does in one invocation. busy: cycles in which it works. use: share of its multipliers' products in
    these that are useful (an idle multiplier takes its clock only)."""

    cost: Cost
    busy: int
    use: float = 1.0


def energy(
    works: Iterable[Work], *, fifo_bits: int, port_words: int, cycles: int, clock_mhz: float, target: Target
) -> Energy:
    """Joules of one invocation of `cycles` cycles.

    fifo_bits: bits that go through the streams. port_words: words that cross the ports.
    """
    each = picojoules(target)
    multipliers = memories = logic = 0.0
    registers = 0
    for work in works:
        multipliers += work.cost.dsp * work.busy * work.use
        memories += work.busy * (work.cost.bram18 * each.bram18 + work.cost.uram * each.uram)
        logic += work.busy * work.cost.lut
        registers += work.cost.ff
    pico = 1e-12
    return Energy(
        multipliers=multipliers * each.dsp * pico,
        memories=memories * pico,
        logic=logic * each.lut * pico,
        registers=registers * cycles * each.ff * pico,
        streams=fifo_bits * each.fifo_bit * pico,
        ports=port_words * PORT_WORD * each.port_bit * pico,
        static=static_watts(target) * cycles / (clock_mhz * 1e6),
    )


def static_watts(target: Target) -> float:
    """Static power of the whole device, whatever part of it is used."""
    return target.lut * target.fabric.technology.static_uw_per_lut * 1e-6


def energy_of(
    units: Units,
    facts: Facts,
    parallelism: Parallelism,
    cycles: int,
    clock_mhz: float,
    cost: Callable[[Unit], Cost] | None = None,
) -> Energy:
    """Joules of one invocation of a network that takes `cycles` cycles, predicted or simulated.

    cost: of a unit at this parallelism, where the caller has it already.
    """
    cost = cost or (lambda unit: unit.cost(facts, parallelism))
    works, port_words = [], 0
    for unit in units.units:
        each, times = in_invocation(unit, facts.rows)
        step, lanes = each.cycles_per_row(parallelism), each.multipliers(parallelism)
        use = each.macs_per_row() / (lanes * step) if lanes else 1.0
        works.append(Work(cost(unit), step * times, use))
        if unit.is_port:
            port_words += step * times
    bits = facts.formats.data_bits
    fifo_bits = sum(len(link.fields) * link.features * bits * rows_of(link.repeat, facts.rows) for link in units.links)
    return energy(
        works, fifo_bits=fifo_bits, port_words=port_words, cycles=cycles, clock_mhz=clock_mhz, target=facts.target
    )
