"""A pointwise region as a straight-line program: one typed instruction per graph node.

C++ is printed from it (`region_cpp.py`), and RTL will be: both then are the same expression, which is that of
`inrarch.numeric.bittrue`, node by node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.hardware.layout import Layout, Unit
from inrarch.numeric.formats import Factor, Format, Formats, to_integers
from inrarch.numeric.reductions import Table
from inrarch.numeric.tables import build_table
from inrarch.numeric.view import (
    POINTWISE,
    STRUCTURAL,
    TABLES,
    TRUTHS,
    constant_array,
    function_of,
    is_arithmetic,
    name_of,
    operands,
)

COPIES = STRUCTURAL
"""`map` puts them into a region where they leave every number of a row's feature where it is."""
INSTRUCTIONS = (*POINTWISE, *COPIES)


@dataclass(frozen=True, slots=True)
class Field:
    """An operand that arrives on a stream: field number `field` of input number `stream`."""

    tensor: str
    format: Format
    stream: int
    field: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant operand: one integer, or one per feature. truth: whether they are truth values, 0 or 1."""

    tensor: str
    format: Format
    integers: tuple[int, ...]
    truth: bool = False


@dataclass(frozen=True, slots=True)
class Instruction:
    """One node. operands, result: tensor names. format: of the result; None for a truth value. table: of a function.

    factor: the operand that is rounded in front of the multiplier, if one is.
    """

    operator: str
    result: str
    format: Format | None
    operands: tuple[str, ...]
    table: Table | None
    factor: Factor | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """The program of one feature of one row.

    fields, constants: every operand that is not computed here. instructions: in an order in which they can run.
    outputs: tensors in the order of the output token's fields.
    """

    unit: Unit
    features: int
    fields: tuple[Field, ...]
    constants: tuple[Constant, ...]
    instructions: tuple[Instruction, ...]
    outputs: tuple[str, ...]


def build_region(unit: Unit, layout: Layout, nodes: Mapping[str, ir.Node], formats: Formats) -> Region:
    """The program of a pointwise unit. nodes: all nodes of the graph by name.

    UserError for a node that is not elementwise, and for an operand that is not on a stream, not constant, and not
    computed here.
    """
    features = int(unit.parameters["features"])
    arriving = _arriving(unit, layout, formats)
    fields: dict[str, Field] = {}
    constants: dict[str, Constant] = {}
    computed: set[str] = set()
    instructions: list[Instruction] = []
    for name in unit.parameters["nodes"]:
        node = nodes[name]
        place = f"unit {unit.name!r}, node {name!r}"
        if node.op_type not in INSTRUCTIONS or not is_arithmetic(node):
            raise UserError(
                f"operator {node.op_type!r} is not elementwise", place=place, expected=" | ".join(INSTRUCTIONS)
            )
        for value in operands(node):
            tensor = name_of(value)
            if tensor in computed or tensor in fields or tensor in constants:
                continue
            if tensor in arriving:
                fields[tensor] = arriving[tensor]
                continue
            array = constant_array(value)
            if array is None:
                raise UserError(f"operand {tensor!r} does not reach this unit", place=place)
            constants[tensor] = _constant(value, array, features, formats.of(tensor), place)
        instructions.append(_instruction(node, formats))
        computed.add(name_of(node.outputs[0]))
    outputs = tuple(unit.parameters["output_fields"])
    for tensor in outputs:
        if tensor not in computed and tensor not in fields:
            if tensor not in arriving:
                raise UserError(f"output {tensor!r} is not computed by this unit", place=f"unit {unit.name!r}")
            fields[tensor] = arriving[tensor]
    return Region(unit, features, tuple(fields.values()), tuple(constants.values()), tuple(instructions), outputs)


def _arriving(unit: Unit, layout: Layout, formats: Formats) -> dict[str, Field]:
    """The fields that the unit uses of its input streams; the first stream that carries a tensor gives it."""
    arriving: dict[str, Field] = {}
    for number, source in enumerate(unit.parameters["inputs"]):
        carried = layout.stream(source["stream"]).fields
        for place, tensor in ((place, tensor) for place, tensor in enumerate(carried) if tensor in source["fields"]):
            arriving.setdefault(tensor, Field(tensor, formats.of(tensor), number, place))
    return arriving


def _constant(value: ir.Value, array: np.ndarray, features: int, fmt: Format, place: str) -> Constant:
    tensor = name_of(value)
    if array.size not in (1, features) or any(size != 1 for size in array.shape[:-1]):
        raise UserError(
            f"constant {tensor!r} of shape {list(array.shape)} differs between rows",
            place=place,
            expected=f"one number, or {features}, one per feature",
        )
    if value.dtype == ir.DataType.BOOL:
        return Constant(tensor, fmt, tuple(int(v) for v in array.reshape(-1)), truth=True)
    return Constant(tensor, fmt, tuple(int(v) for v in to_integers(array.reshape(-1), fmt)))


def _instruction(node: ir.Node, formats: Formats) -> Instruction:
    result = name_of(node.outputs[0])
    sources: Sequence[str] = [name_of(value) for value in operands(node)]
    truth = node.op_type in TRUTHS
    fmt = None if truth else formats.of(result)
    table = None
    if node.op_type in TABLES:
        table = build_table(function_of(node), formats.of(sources[0]), formats.of(result))
    return Instruction(node.op_type, result, fmt, tuple(sources), table, formats.factors.get(str(node.name)))
