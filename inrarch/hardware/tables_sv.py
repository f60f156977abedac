"""Function tables as instances of kernel_lib/pointwise: a reduction of the argument around a polynomial core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inrarch.dataflow.memories import rom, style
from inrarch.dataflow.operator_latency import core_latency
from inrarch.dataflow.target import Target
from inrarch.hardware.rtl.module import Image
from inrarch.hardware.rtl.text import CLOCKED, Parameters, declared, hexadecimal, image_name, instance, multiplier, text
from inrarch.numeric.polynomial import Polynomial, signed_bits
from inrarch.numeric.reductions import (
    ExponentialTable,
    FoldedTable,
    NormalisedTable,
    PhaseTable,
    ScaledConstant,
    Table,
    WindowTable,
)


def function_lines(
    table: Table,
    name: str,
    argument: str,
    result: str,
    images: dict[str, Image],
    target: Target,
    cosine: str | None = None,
) -> list[str]:
    """The instances of a function and the wires between them; their memories are added to `images`.

    name: what their names begin with. argument, result: wires. cosine: whether it is a cosine, where that changes.
    """
    modules = function_modules(table, target)
    images |= modules.images
    ports = CLOCKED | {"x": argument, "t": f"{name}_t", "sum": f"{name}_sum", "out": result}
    if isinstance(table, PhaseTable):
        ports["cosine"] = cosine or f"1'b{int(table.function == 'cos')}"
    return [
        declared(f"{name}_t", modules.argument_bits),
        declared(f"{name}_sum", modules.sum_bits),
        *instance(modules.around, f"u_{name}", modules.parameters, ports),
        *instance(
            "inrarch_polynomial", f"core_{name}", modules.core, CLOCKED | {"t": f"{name}_t", "sum": f"{name}_sum"}
        ),
    ]


@dataclass(frozen=True, slots=True)
class FunctionModules:
    """The two instances of a function: the module around the core, and the core.

    argument_bits, sum_bits: of the wires between them. images: the memories of both.
    """

    around: str
    parameters: Parameters
    core: Parameters
    argument_bits: int
    sum_bits: int
    images: Mapping[str, Image]


def function_modules(table: Table, target: Target) -> FunctionModules:
    """What evaluates a table; its latency is that of `inrarch.dataflow.operator_latency`."""
    core = table.core
    images: dict[str, Image] = {}
    sum_bits = core.sum_bits
    core_parameters = _core(core, sum_bits, "sine" if isinstance(table, PhaseTable) else table.function, images, target)
    given: Parameters = {
        "BITS": table.input.bits,
        "OUT_BITS": table.output.bits,
        "SUM_BITS": sum_bits,
        "RESULT_SHIFT": core.result_shift,
        "CORE_CYCLES": core_latency(table),
    }
    if isinstance(table, PhaseTable):
        around, more = "inrarch_phase", _phase(table) | multiplier(target)
    elif isinstance(table, WindowTable):
        around, more = "inrarch_window", _window(table)
    elif isinstance(table, ExponentialTable):
        around, more = "inrarch_exponential", _exponential(table) | multiplier(target)
    elif isinstance(table, FoldedTable):
        around, more = "inrarch_folded", _folded(table)
    else:
        around, more = "inrarch_normalised", _normalised(table, sum_bits, images, target)
    return FunctionModules(around, given | more, core_parameters, core.argument_bits, sum_bits, images)


def packed(fields: Sequence[tuple[int, int]]) -> int:
    """(value, bits) of each field in two's complement, the first one in the highest bits.

    >>> bin(packed([(-1, 2), (1, 3)]))
    '0b11001'
    """
    word = 0
    for value, bits in fields:
        word = word << bits | value & ((1 << bits) - 1)
    return word


def _core(core: Polynomial, sum_bits: int, function: str, images: dict[str, Image], target: Target) -> Parameters:
    c0, c1, c2 = core.coefficient_bits
    segments = len(core.c0)
    words = tuple(packed([(a, c0), (b, c1), (c, c2)]) for a, b, c in zip(core.c0, core.c1, core.c2, strict=True))
    parameters: Parameters = {
        "REST_BITS": core.rest_bits,
        "DROP_BITS": core.drop_bits,
        "SLOPE_SHIFT": core.slope_shift,
        "RESULT_SHIFT": core.result_shift,
        "SEGMENTS": segments,
        "C0_BITS": c0,
        "C1_BITS": c1,
        "C2_BITS": c2,
        "SUM_BITS": sum_bits,
        **multiplier(target),
        **_memory("", function, Image(c0 + c1 + c2, words), images, target),
    }
    if len(core.shifts) == 1:
        return parameters | {"SHIFT": core.shifts[0]}
    address_bits, shift_bits = max(1, (segments - 1).bit_length()), max(1, max(core.shifts).bit_length())
    regions = tuple(
        packed([(base, address_bits), (shift, shift_bits)]) for base, shift in zip(core.bases, core.shifts, strict=True)
    )
    return parameters | {
        "REGIONS": len(core.shifts),
        "REGION_BITS": core.region_bits,
        "MAX_SHIFT": max(core.shifts),
        **_memory("REGION_", f"{function}_regions", Image(address_bits + shift_bits, regions), images, target),
    }


def _memory(prefix: str, title: str, image: Image, images: dict[str, Image], target: Target) -> Parameters:
    name = image_name(title, image)
    images[name] = image
    kind = style(rom(len(image.words), image.bits, target))
    return {f"{prefix}FILE": text(name), f"{prefix}STYLE": kind}


def _scaled(scale: ScaledConstant) -> Parameters:
    return {
        "SPLIT": scale.split,
        "HIGH": hexadecimal(scale.high, 64),
        "LOW": hexadecimal(scale.low, 64),
        "HIGH_BITS": max(1, scale.high.bit_length()),
        "LOW_BITS": max(1, scale.low.bit_length()),
    }


def _phase(table: PhaseTable) -> Parameters:
    return {"PHASE_BITS": table.phase_bits, "TURN_BITS": table.turn_bits} | _scaled(table.scale)


def _window(table: WindowTable) -> Parameters:
    linear: Parameters = {}
    if table.function == "softplus":
        linear = {
            "LINEAR": 1,
            "LINEAR_MAX": hexadecimal(table.linear_max, 32),
            "LINEAR_SHIFT": table.linear_shift,
        }
    window: Parameters = {
        "HALF_WINDOW_BITS": table.half_window_bits,
        "DROP": table.drop,
        "T_BITS": table.core.argument_bits,
    }
    return window | linear


def _exponential(table: ExponentialTable) -> Parameters:
    scale = table.scale
    ends = [
        (end >> scale.split) * scale.high + (end & ((1 << scale.split) - 1)) * scale.low
        for end in (table.lowest, table.highest)
    ]
    own: Parameters = {
        "LOWEST": hexadecimal(table.lowest, 32),
        "HIGHEST": hexadecimal(table.highest, 32),
        "SCALE_FRAC": table.scale_frac,
        "SCALED_BITS": max(signed_bits(tuple(ends)), table.scale_frac + 1),
        "SHIFT": table.core.frac - table.output.frac,
        "T_BITS": table.core.argument_bits,
    }
    return own | _scaled(scale)


def _folded(table: FoldedTable) -> Parameters:
    core = table.core
    return {
        "SYMMETRY": table.symmetry,
        "FALLING": int(table.falling),
        "WIDE_BITS": max(table.input.bits, table.highest.bit_length()) + 2,
        "LOWEST": hexadecimal(table.lowest, 64),
        "HIGHEST": hexadecimal(table.highest, 64),
        "BASE": hexadecimal(table.base, 64),
        "LINEAR_BITS": table.linear_bits,
        "DISTANCE_BITS": table.distance_bits,
        "WHOLE_BITS": core.rest_bits + table.parts_bits,
        "T_BITS": core.argument_bits,
    }


def _normalised(table: NormalisedTable, sum_bits: int, images: dict[str, Image], target: Target) -> Parameters:
    offset_bits = signed_bits(table.offsets)
    mantissa_bits = max(sum_bits, offset_bits) + 1 - table.core.result_shift
    shift_bits = mantissa_bits.bit_length()
    words = tuple(
        packed([(offset, offset_bits), (min(shift, mantissa_bits), shift_bits)])
        for offset, shift in zip(table.offsets, table.shifts, strict=True)
    )
    return {
        "ODD": int(table.odd),
        "HALVES": int(table.halves),
        "AT_ZERO": hexadecimal(table.at_zero, 64),
        "OFFSET_BITS": offset_bits,
        "REST_BITS": table.core.rest_bits,
        "T_BITS": table.core.argument_bits,
        **_memory("", f"{table.function}_octaves", Image(offset_bits + shift_bits, words), images, target),
    }
