"""What a function table costs: a reduction of the argument around a polynomial, register by register as in the RTL.

The modules are those of kernel_lib/pointwise; registers of which the RTL reads no bit are left out.
"""

from __future__ import annotations

from inrarch.dataflow.cost import Cost, total
from inrarch.dataflow.logic import (
    adder,
    clip,
    comparison,
    delay,
    multiplexer,
    product,
    shifter,
)
from inrarch.dataflow.memories import rom
from inrarch.dataflow.operator_latency import core_latency
from inrarch.dataflow.target import Target
from inrarch.numeric.polynomial import GUARD_BITS, Polynomial, signed_bits
from inrarch.numeric.reductions import (
    ExponentialTable,
    FoldedTable,
    NormalisedTable,
    PhaseTable,
    ScaledConstant,
    Table,
    WindowTable,
)

GROUP = 6
"""Bits of which inrarch_bit_length.sv finds the leading one at a time."""


def table_cost(table: Table, target: Target) -> Cost:
    """One lane of a function table."""
    core = polynomial(table.core, target)
    if isinstance(table, PhaseTable):
        return core + _phase(table, target)
    if isinstance(table, WindowTable):
        return core + _window(table, target)
    if isinstance(table, ExponentialTable):
        return core + _exponential(table, target)
    if isinstance(table, FoldedTable):
        return core + _folded(table, target)
    return core + _normalised(table, target)


def polynomial(core: Polynomial, target: Target) -> Cost:
    """(c2 t + c1) t + c0 (inrarch_polynomial.sv). A word of coefficients is registered once more behind the memory."""
    c0, c1, c2 = core.coefficient_bits
    offset, slope = core.offset_bits, core.slope_bits
    lines = ((offset, 2), (offset, 4), (c1, 3), (c0, 7))
    return (
        _place(core, target)
        + rom(len(core.c0), c0 + c1 + c2, target)
        + Cost(ff=c0 + c1 + c2)
        + total(delay(bits, cycles, target) for bits, cycles in lines)
        + product(c2, offset, target)
        + Cost(lut=adder(slope + 1, target).lut, ff=slope)
        + product(slope, offset, target)
        + Cost(lut=adder(core.sum_bits - core.result_shift + GUARD_BITS, target).lut, ff=core.sum_bits)
    )


def _place(core: Polynomial, target: Target) -> Cost:
    """The segment and the place in it, where the regions have segments of different lengths."""
    if len(core.shifts) == 1:
        return Cost()
    address, most, rest = (len(core.c0) - 1).bit_length(), max(core.shifts), core.rest_bits
    places = max(1, most.bit_length())
    kept = rest + address + (core.offset_bits + most) + core.offset_bits
    return (
        rom(len(core.shifts), address + places, target)
        + Cost(ff=kept)
        + shifter(core.offset_bits + most, places, target)
        + adder(address, target)
    )


def _phase(table: PhaseTable, target: Target) -> Cost:
    quarter, bits = table.turn_bits - 2, _result_bits(table) + 1
    return (
        Cost(ff=table.input.bits)
        + _scaled(table.scale, table.input.bits, table.phase_bits, target)
        + Cost(lut=quarter, ff=quarter + 1)
        + delay(1, 5, target)
        + delay(1, core_latency(table), target)
        + adder(bits, target)
        + clip(bits, table.output.bits, target)
    )


def _window(table: WindowTable, target: Target) -> Cost:
    core, bits, window = table.core, table.input.bits, table.half_window_bits + 1
    cost = Cost(lut=clip(bits, window, target).lut, ff=min(window, core.argument_bits))
    wide = core.sum_bits
    if table.function == "softplus":
        wide = max(wide, bits + max(table.linear_shift, 0)) + 1
        cost += comparison(bits, target) + Cost(lut=bits, ff=bits) + delay(bits, core_latency(table), target)
        cost += Cost(lut=adder(wide - max(table.linear_shift, 0), target).lut)
    wide -= core.result_shift
    return cost + Cost(ff=wide) + clip(wide, table.output.bits, target)


def _exponential(table: ExponentialTable, target: Target) -> Cost:
    bits, result = table.input.bits, _result_bits(table)
    scale, places = table.scale, result.bit_length()
    ends = tuple(
        (end >> scale.split) * scale.high + (end % (1 << scale.split)) * scale.low
        for end in (table.lowest, table.highest)
    )
    scaled = max(signed_bits(ends), table.scale_frac + 1)
    exponent = scaled - table.scale_frac
    return (
        comparison(bits, target).times(2)
        + Cost(lut=bits, ff=bits)
        + _scaled(scale, bits, scaled, target)
        + Cost(lut=adder(exponent + 1, target).lut + places, ff=places)
        + comparison(exponent + 1, target)
        + delay(places, core_latency(table) - 1, target)
        + _shift_down(result, target)
        + clip(result + 1, table.output.bits, target)
    )


def _folded(table: FoldedTable, target: Target) -> Cost:
    core, distance = table.core, table.distance_bits
    wide = max(table.input.bits, table.highest.bit_length()) + 2
    whole = core.rest_bits + table.parts_bits
    summed = max(core.sum_bits, core.result_shift + 2) + 1
    cost = Cost(ff=table.input.bits)
    if table.symmetry:
        cost = adder(table.input.bits, target)
    if table.symmetry < 0:
        cost += delay(1, 5 + core_latency(table), target) + Cost(lut=adder(summed, target).lut)
    return (
        cost
        + comparison(wide, target).times(2)
        + Cost(lut=adder(wide, target).lut + distance, ff=distance)
        + _bit_length(distance, target)
        + delay(distance, 2, target)
        + shifter(whole, whole.bit_length(), target)
        + Cost(ff=core.argument_bits)
        + Cost(ff=summed - core.result_shift)
        + clip(summed - core.result_shift, table.output.bits, target)
    )


def _normalised(table: NormalisedTable, target: Target) -> Cost:
    core, bits = table.core, table.input.bits
    offset = signed_bits(table.offsets)
    summed = max(core.sum_bits, offset) + 1
    mantissa = summed - core.result_shift
    places, length = mantissa.bit_length(), bits.bit_length()
    result = max(mantissa + 1, table.output.bits + 2) + 1
    magnitude = adder(bits, target) if table.odd else Cost(lut=bits, ff=bits)
    cost = magnitude + (delay(1, 7 + core_latency(table), target) + adder(result, target) if table.odd else Cost())
    return (
        cost
        + _bit_length(bits, target)
        + delay(bits, 2, target)
        + shifter(core.rest_bits, core.rest_bits.bit_length(), target)
        + Cost(ff=core.argument_bits)
        + delay(length, core_latency(table), target)
        + rom(bits + 1, offset + places, target)
        + Cost(lut=adder(summed, target).lut, ff=mantissa + places + 1)
        + delay(1, 3, target)
        + _shift_down(mantissa, target)
        + (Cost(lut=result) if table.odd else Cost(lut=result, ff=result))
        + clip(result, table.output.bits, target)
    )


def _result_bits(table: Table) -> int:
    """Bits of the core's result at its binary point."""
    return table.core.sum_bits - table.core.result_shift


def _scaled(scale: ScaledConstant, bits: int, result: int, target: Target) -> Cost:
    """inrarch_scaled.sv: one product, or two and their sum."""
    parts = [(bits - scale.split, scale.high)] + ([(scale.split + 1, scale.low)] if scale.split else [])
    products = total(product(wide, max(1, factor.bit_length()) + 1, target) for wide, factor in parts)
    return products + (adder(result, target) if scale.split else Cost(ff=result))


def _bit_length(bits: int, target: Target) -> Cost:
    """inrarch_bit_length.sv: the leading one of each group, then the group."""
    groups, length = -(-bits // GROUP), bits.bit_length()
    return Cost(lut=3 * groups, ff=3 * groups) + multiplexer(groups, length, target) + Cost(lut=groups)


def _shift_down(bits: int, target: Target) -> Cost:
    """inrarch_shift_down.sv: half of the last place is added, which the distance gives, then the shift."""
    places = bits.bit_length()
    return (
        Cost(lut=bits + 1)
        + adder(bits + 1, target)
        + Cost(ff=places)
        + shifter(bits + 1, places, target)
        + Cost(ff=bits + 1)
    )
