"""The operators of a region as instances of kernel_lib/pointwise: from formats to shifts and widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inrarch.dataflow.target import Target
from inrarch.hardware.region import COPIES, Instruction
from inrarch.hardware.rtl.text import Parameters, multiplier
from inrarch.numeric.formats import Format

_UNARY = {"Neg": 1, "Abs": 2, "Relu": 3, "Cast": 0, **dict.fromkeys(COPIES, 0)}
"""KIND of inrarch_unary."""
_LOGIC = {"Not": "!{}", "And": "{} & {}", "Or": "{} | {}", "Xor": "{} ^ {}"}


@dataclass(frozen=True, slots=True)
class OperatorModule:
    """An instance without its wires. ports: of the operands, in order."""

    module: str
    parameters: Parameters
    ports: tuple[str, ...]


def logic_of(instruction: Instruction) -> str | None:
    """The expression of an operator of truth values, with {} for the operands; None for any other."""
    return _LOGIC.get(instruction.operator)


def operator_module(instruction: Instruction, formats: Sequence[Format], target: Target) -> OperatorModule:
    """The module of an operator that is neither a function nor logic. formats: of its operands."""
    operator, result = instruction.operator, instruction.format
    if operator in ("Greater", "Equal"):
        return OperatorModule("inrarch_compare", {**_aligned(formats), "EQUAL": int(operator == "Equal")}, ("a", "b"))
    assert result is not None
    given: Parameters = {"A_BITS": formats[0].bits, "OUT_BITS": result.bits}
    if operator in ("Add", "Sub"):
        shift = max(each.frac for each in formats) - result.frac
        sums: Parameters = {"SUBTRACT": int(operator == "Sub"), "SHIFT": shift, "OUT_BITS": result.bits}
        return OperatorModule("inrarch_add", _aligned(formats) | sums, ("a", "b"))
    if operator == "Mul":
        return OperatorModule(
            "inrarch_multiply", _product(instruction, formats, result) | multiplier(target), ("a", "b")
        )
    if operator == "Where":
        branches = formats[1:]
        shifts = {f"{name}_SHIFT": each.frac - result.frac for name, each in zip("AB", branches, strict=True)}
        return OperatorModule(
            "inrarch_select", {**_widths(branches), **shifts, "OUT_BITS": result.bits}, ("condition", "a", "b")
        )
    if operator in ("Floor", "Round"):
        module = "inrarch_floor" if operator == "Floor" else "inrarch_round_even"
        return OperatorModule(module, given | {"FRAC": formats[0].frac, "SHIFT": -result.frac}, ("a",))
    kind: Parameters = {"KIND": _UNARY[operator], "SHIFT": formats[0].frac - result.frac}
    return OperatorModule("inrarch_unary", kind | given, ("a",))


def factors(instruction: Instruction, formats: Sequence[Format]) -> list[Format]:
    """The formats of a product's operands behind their rounding."""
    taken = list(formats)
    if instruction.factor is not None:
        taken[instruction.factor.operand] = instruction.factor.format
    return taken


def _widths(formats: Sequence[Format]) -> Parameters:
    return {f"{name}_BITS": each.bits for name, each in zip("AB", formats, strict=True)}


def _aligned(formats: Sequence[Format]) -> Parameters:
    frac = max(each.frac for each in formats)
    return _widths(formats) | {
        f"{name}_SHIFT": frac - each.frac for name, each in zip("AB", formats, strict=True) if each.frac != frac
    }


def _product(instruction: Instruction, formats: Sequence[Format], result: Format) -> Parameters:
    taken = factors(instruction, formats)
    parameters = _widths(formats)
    for name, before, after in zip("AB", formats, taken, strict=True):
        if after != before:
            parameters |= {f"{name}_SHIFT": before.frac - after.frac, f"{name}_FACTOR": after.bits}
    shift = taken[0].frac + taken[1].frac - result.frac
    return parameters | {"SHIFT": shift, "OUT_BITS": result.bits}
