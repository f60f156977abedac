"""A region's program as C++: one primitive of kernel_lib/common per instruction, every intermediate with its type."""

from __future__ import annotations

from dataclasses import dataclass

from inrarch.hardware.names import Namer
from inrarch.hardware.region import COPIES, Constant, Instruction, Region
from inrarch.numeric.formats import Format
from inrarch.numeric.reductions import ExponentialTable, FoldedTable, NormalisedTable, PhaseTable, Table, WindowTable
from inrarch.numeric.tables import table_name

_PRIMITIVES = {
    "Add": "add",
    "Sub": "subtract",
    "Mul": "multiply",
    "Neg": "negate",
    "Abs": "absolute",
    "Relu": "relu",
    "Floor": "round_down",
    "Round": "round_to_even",
    "Where": "select",
}
_LOGIC = {
    "Greater": "inrarch::greater({}, {})",
    "Equal": "inrarch::equal({}, {})",
    "Not": "!{}",
    "And": "{} && {}",
    "Or": "{} || {}",
    "Xor": "{} != {}",
}
_PRIMITIVES |= dict.fromkeys(("Cast", *COPIES), "rescale")
_FUNCTIONS = {
    WindowTable: "windowed",
    ExponentialTable: "exponential",
    NormalisedTable: "normalised",
    FoldedTable: "folded",
}
"""By kind of table; softplus has its own."""


@dataclass(frozen=True, slots=True)
class Rom:
    """A constant per feature, as a read-only memory."""

    name: str
    bits: int
    integers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RegionText:
    """What the template prints. statements: lines of the body. tables: names of the tables that it includes."""

    roms: tuple[Rom, ...]
    statements: tuple[str, ...]
    tables: tuple[str, ...]
    uses_feature: bool


def function_template(table: Table) -> str:
    """The template of kernel_lib/common/functions that evaluates a table; not for sin and cos, which take two."""
    return "softplus" if table.function == "softplus" else _FUNCTIONS[type(table)]


def render_region(region: Region, name: str) -> RegionText:
    """The body of `apply` for one feature. name: legal name of the unit, in front of the names of its memories."""
    names = Namer()
    statements = []
    for field in region.fields:
        local = names(field.tensor)
        statements.append(f"const {_type(field.format)} {local}(tokens.in{field.stream}.value[lane][{field.field}]);")
    roms: list[Rom] = []
    for constant in region.constants:
        local = names(constant.tensor)
        statements.append(_constant(constant, local, f"{name}_{local}", roms))
    turns: dict[tuple[object, ...], str] = {}
    tables: list[str] = []
    for instruction in region.instructions:
        if instruction.table is not None:
            tables.append(table_name(instruction.table))
            statements += _function(instruction, instruction.table, names, turns)
        else:
            statements.append(_primitive(instruction, names))
    for place, tensor in enumerate(region.outputs):
        statements.append(f"out.value[lane][{place}] = {names(tensor)}.raw;")
    return RegionText(tuple(roms), tuple(statements), tuple(dict.fromkeys(tables)), bool(roms))


def _type(fmt: Format) -> str:
    return f"fixed<{fmt.bits}, {fmt.frac}>"


def _constant(constant: Constant, local: str, rom: str, roms: list[Rom]) -> str:
    bits = constant.format.bits
    value = str(constant.integers[0])
    if len(set(constant.integers)) > 1:
        roms.append(Rom(rom, bits + constant.truth, constant.integers))
        value = f"{rom}[feature]"
    if constant.truth:
        return f"const bool {local} = {value} != 0;"
    return f"const {_type(constant.format)} {local}(ap_int<{bits}>({value}));"


def _primitive(instruction: Instruction, names: Namer) -> str:
    taken = [names(operand) for operand in instruction.operands]
    if instruction.factor is not None:
        place = instruction.factor.operand
        taken[place] = f"inrarch::rescale<{_type(instruction.factor.format)}>({taken[place]})"
    result = names(instruction.result)
    if instruction.format is None:
        return f"const bool {result} = {_LOGIC[instruction.operator].format(*taken)};"
    arguments = ", ".join(taken)
    kind = _type(instruction.format)
    return f"const {kind} {result} = inrarch::{_PRIMITIVES[instruction.operator]}<{kind}>({arguments});"


def _function(instruction: Instruction, table: Table, names: Namer, turns: dict[tuple[object, ...], str]) -> list[str]:
    """One table look-up; sin and cos of one argument share its reduction to turns."""
    argument, result, kind = names(instruction.operands[0]), names(instruction.result), _type(table.output)
    title = table_name(table)
    if not isinstance(table, PhaseTable):
        return [f"const {kind} {result} = inrarch::{function_template(table)}<{title}>({argument}.raw);"]
    lines = []
    reduction = (argument, table.scale, table.phase_bits, table.turn_bits)
    if reduction not in turns:
        turns[reduction] = names(f"{argument} turns {len(turns)}")
        lines.append(f"const ap_uint<{table.turn_bits}> {turns[reduction]} = inrarch::turns<{title}>({argument}.raw);")
    function = "cosine_of_turns" if table.function == "cos" else "sine_of_turns"
    return [*lines, f"const {kind} {result} = inrarch::{function}<{title}>({turns[reduction]});"]
