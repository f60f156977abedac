"""Function tables made to measure: the constants of reduction and polynomial for two formats, and their worst error.

The worst-case error is a bound over all inputs in LSB of the output: final rounding (1/2), polynomial with its rounded
coefficients, rounding of the argument, rounding of the reduction's constant. It is at most 1 for 8 to 32 bits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from inrarch.numeric import constants
from inrarch.numeric.arithmetic import Integers, require_width
from inrarch.numeric.fitting import build_lookup, build_polynomial
from inrarch.numeric.folded import folded_table
from inrarch.numeric.formats import Format
from inrarch.numeric.functions import RealFunction, function_named, softplus_rest
from inrarch.numeric.normalised import normalised_table
from inrarch.numeric.polynomial import GUARD_BITS
from inrarch.numeric.reductions import (
    ExponentialTable,
    FoldedTable,
    NormalisedTable,
    PhaseTable,
    ScaledConstant,
    Table,
    WindowTable,
)

FINEST_FRAC = 33
"""Fraction bits of a result up to which the error of functions of known range stays below one LSB."""
_TOLERANCE_LSB = 1 / 8
_REGION_BITS = 5
_MIN_REST_BITS = 12
_MOST_LOOKUP_BITS = 7
_LEGAL = {"(": "_", ")": "", "-": "m", "+": "", ".": "p"}
"""For the names of powers: `pow(-0.5)` is `pow_m0p5`."""


def reference(function: str) -> RealFunction:
    """The function itself in float64, vectorised."""
    return function_named(function).exact


@lru_cache(maxsize=256)
def build_table(function: str, source: Format, target: Format) -> Table:
    """The table of `function` from input format `source` to output format `target`: deterministic, a few milliseconds.

    UserError for a function that has no table, or formats whose intermediate results need more than 64 bits.
    """
    known = function_named(function)
    if known.kind == "phase":
        table: Table = _phase_table(function, source, target)
    elif known.kind == "exponential":
        table = _exponential_table(source, target)
    elif known.kind == "window":
        table = _window_table(function, source, target)
    elif known.kind == "normalised":
        table = normalised_table(known, source, target, _TOLERANCE_LSB)
    else:
        table = folded_table(known, source, target, _TOLERANCE_LSB)
    core = table.core
    steepest = max(abs(c) for c in core.c1) + max(abs(c) for c in core.c2)
    widest = (max(abs(c) for c in core.c0) << (core.result_shift - GUARD_BITS)) + (steepest << (core.offset_bits - 1))
    require_width(widest.bit_length() + 1, table_name(table), 64)
    return table


def undefined_inputs(table: Table, values: Integers) -> int:
    """How many inputs lie outside of the function's domain by more than one LSB; the table has a result for them."""
    return table.undefined(values) if isinstance(table, NormalisedTable | FoldedTable) else 0


def table_name(table: Table) -> str:
    """`sin_24_17_24_23`: function and the formats of input and output (`m` for minus); legal in C++."""
    numbers = (table.input.bits, table.input.frac, table.output.bits, table.output.frac)
    function = "".join(_LEGAL.get(character, character) for character in table.function)
    return "_".join([function, *(str(n).replace("-", "m") for n in numbers)])


def describe(table: Table) -> dict[str, Any]:
    """What `formats.json` says about a table."""
    widths = table.core.coefficient_bits
    return {
        "function": table.function,
        "name": table_name(table),
        "segments": len(table.core.c0),
        "rom_bits": len(table.core.c0) * sum(widths),
        "worst_error_lsb": round(table.worst_error_lsb, 4),
    }


def _phase_table(function: str, source: Format, target: Format) -> PhaseTable:
    turn_bits = max(target.frac + 5, 8)

    def error_per_unit(bits: int) -> float:
        return 2 * math.pi * 2.0 ** (target.frac - bits)

    def phase_bits_for(split: int) -> int:
        error = _worst_rounding(source, split)
        return max(turn_bits, math.ceil(math.log2(error) + target.frac + 4 + math.log2(2 * math.pi)))

    split = 0
    if phase_bits_for(0) > 64:
        split = source.bits // 2
    phase_bits = min(phase_bits_for(split), 64)
    turn_bits = min(turn_bits, phase_bits)
    scale = _scaled_constant("turns", phase_bits - source.frac, source, split, phase_bits)
    core = build_polynomial(
        np.sin,
        region_bits=0,
        rest_bits=turn_bits - 2,
        origin=0.0,
        step=2 * math.pi * 2.0**-turn_bits,
        centre=0.5,
        frac=target.frac,
        result_limit=1 << target.bits,
        tolerance_lsb=_TOLERANCE_LSB,
    )
    error = 0.5 + core.approximation_lsb + 0.5 * error_per_unit(turn_bits) + scale.error * error_per_unit(phase_bits)
    # A result of exactly +1 is clipped by one LSB where the format ends just below it.
    if target.highest < 2.0**target.frac:
        error = max(error, 1.0)
    return PhaseTable(function, source, target, core, error, scale, phase_bits, turn_bits)


def _window_table(function: str, source: Format, target: Format) -> WindowTable:
    # Beyond this argument the function is within 1/16 LSB of its limit.
    edge = max((target.frac + 4) * math.log(2), 1.0)
    half_window_bits = min(source.bits - 1, max(1, math.ceil(math.log2(edge * 2.0**source.frac + 1))))
    origin = -(2.0 ** (half_window_bits - source.frac))
    tabulated = softplus_rest if function == "softplus" else reference(function)
    slope = {"sigmoid": 0.25, "softplus": 0.5}[function]
    argument_error = 0.0
    if half_window_bits < _MOST_LOOKUP_BITS:
        drop = 0
        arguments = np.asarray(origin + np.arange(2 << half_window_bits) * 2.0**-source.frac, dtype=np.float64)
        core = build_lookup(tabulated(arguments), target.frac, 1 << target.bits)
    else:
        wanted_frac = target.frac + 3 + int(math.log2(slope))
        drop = min(max(0, source.frac - wanted_frac), half_window_bits + 1 - _REGION_BITS - _MIN_REST_BITS)
        step = 2.0 ** (drop - source.frac)
        centre = (1 - 2.0**-drop) / 2 if drop > 0 else 0.0
        argument_error = slope * centre * math.ldexp(step, target.frac)
        core = build_polynomial(
            tabulated,
            region_bits=_REGION_BITS,
            rest_bits=half_window_bits + 1 - drop - _REGION_BITS,
            origin=origin,
            step=step,
            centre=centre,
            frac=target.frac,
            result_limit=1 << target.bits,
            tolerance_lsb=_TOLERANCE_LSB,
        )
    error = 0.5 + core.approximation_lsb + argument_error + 1 / 16
    linear_max = linear_shift = 0
    if function == "softplus":
        # Twice the output's range, in LSB of the input: more saturates in any case.
        linear_max = min(source.highest, 1 << max(0, target.bits + source.frac - target.frac))
        linear_shift = min(target.frac + core.result_shift - source.frac, target.bits + core.result_shift)
        error += 2.0**-core.result_shift if linear_shift < 0 else 0.0
    elif target.highest < 2.0**target.frac:
        error = max(error, 1.0)
    return WindowTable(function, source, target, core, error, half_window_bits, drop, linear_max, linear_shift)


def _exponential_table(source: Format, target: Format) -> ExponentialTable:
    def clamp(integer: int) -> int:
        return max(source.lowest, min(source.highest, integer))

    lowest = clamp(math.floor(math.ldexp(math.log(2) * (-target.frac - 2), source.frac)))
    highest = clamp(math.ceil(math.ldexp(math.log(2) * (target.bits - target.frac), source.frac)))
    largest = max(abs(lowest), abs(highest), 1)
    exponent_bits = max(0, math.ceil(math.log2(largest * 1.4427) - source.frac)) + 2
    core_frac = target.bits + 2

    def scale_frac_for(split: int) -> int:
        error = _worst_rounding(Format(largest.bit_length() + 1, 0), split)
        return max(core_frac, math.ceil(math.log2(error)) + target.bits + 3)

    split = 0
    if scale_frac_for(0) + exponent_bits > 62:
        split = largest.bit_length() // 2
    scale_frac = scale_frac_for(split)
    require_width(scale_frac + exponent_bits, f"exp of Format{(source.bits, source.frac)}")
    scale = _scaled_constant("log2_e", scale_frac - source.frac, Format(largest.bit_length() + 1, 0), split, None)
    core = build_polynomial(
        np.exp2,
        region_bits=0,
        rest_bits=core_frac,
        origin=0.0,
        step=2.0**-core_frac,
        centre=0.5,
        frac=core_frac,
        result_limit=1 << 62,
        tolerance_lsb=0.5,
    )
    # One LSB of the mantissa is at most 1/16 LSB of an unsaturated output; relative errors count at full scale.
    relative = math.log(2) * (0.5 * 2.0**-core_frac + scale.error * 2.0**-scale_frac)
    error = 0.5 + (0.5 + core.approximation_lsb) / 16 + math.ldexp(relative, target.bits - 1) + 1 / 64
    return ExponentialTable("exp", source, target, core, error, scale, scale_frac, lowest, highest)


def _worst_rounding(source: Format, split: int) -> float:
    """Largest error of `scaled` when each constant is off by 1/2."""
    if split == 0:
        return 2.0 ** (source.bits - 2)
    return 2.0 ** (source.bits - 2 - split) + 2.0 ** (split - 1)


def _scaled_constant(constant: str, frac_bits: int, source: Format, split: int, modulo: int | None) -> ScaledConstant:
    """The rounded constants and the exact error that their rounding causes."""
    exact = constants.inverse_two_pi if constant == "turns" else constants.log2_e
    extra = 64

    def rounded(shift: int) -> tuple[int, float]:
        value = exact(frac_bits + shift)
        distance = exact(frac_bits + shift + extra) - (value << extra)
        return value, abs(distance) * 2.0**-extra

    high, high_error = rounded(split)
    low, low_error = rounded(0) if split else (0, 0.0)
    error = high_error * 2.0 ** (source.bits - 1 - split) + low_error * ((1 << split) - 1)
    if modulo is not None:
        high, low = high % (1 << modulo), low % (1 << modulo)
    return ScaledConstant(split, high, low, error)
