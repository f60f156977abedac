"""Nodes of older operator sets in the form of opset 18, and functions in terms of operators.

Rules:
1. Functions that a model defines are inlined.
2. An operator that is not supported, but that ONNX itself defines as a function of others, is replaced by them.
3. Before opset 18, reductions have their axes as an attribute: they become an input.
4. Before opset 18, a Split without lengths has as many equal parts as outputs: `num_outputs` says so.
5. A Reshape whose constant target has no 0 need not say what a 0 means (`allowzero`).
6. Attributes that came after opset 18 go: they say how numbers are rounded to 8 bits, a type that is refused.

Otherwise operators that changed after opset 18 only accept more types since then; nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

import numpy as np
import onnx
import onnx.inliner
from onnx import numpy_helper

from inrarch.errors import UserError
from inrarch.graph.lift_constants import lift_constants

OPSET = 18
DEFAULT_DOMAINS = ("", "ai.onnx")

_REDUCTIONS = frozenset(
    f"Reduce{name}" for name in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare")
)

_NEWER_ATTRIBUTES = {"Cast": ("saturate", "round_mode"), "CastLike": ("saturate", "round_mode")}


def inline_functions(proto: onnx.ModelProto, supported: Container[str], place: str) -> onnx.ModelProto:
    """Rules 1 and 2; the given message where there is nothing to do."""
    if proto.functions:
        try:
            proto = onnx.inliner.inline_local_functions(proto)
        except (RuntimeError, onnx.checker.ValidationError) as error:
            raise UserError(f"the functions of the model cannot be inlined: {error}", place=place) from None
    if proto.functions:
        raise UserError(
            f"the function {proto.functions[0].name!r} of the model cannot be inlined",
            place=place,
            hint="it may call itself, or use another operator set than the model",
        )
    return _with_definitions(proto, supported)


def _with_definitions(proto: onnx.ModelProto, supported: Container[str]) -> onnx.ModelProto:
    """Rule 2, where the definition consists of supported operators only."""
    missing, version = _unsupported(proto, supported), opset_of(proto)
    composed = [("", name) for name in sorted(missing) if _is_function(name, version)]
    if not composed:
        return proto
    _write_defaults(proto, {name for _, name in composed}, version)
    try:
        inlined = onnx.inliner.inline_selected_functions(proto, composed, inline_schema_functions=True)
    except RuntimeError:
        return proto
    lift_constants(inlined.graph)
    return inlined if _unsupported(inlined, supported) < missing else proto


def _write_defaults(proto: onnx.ModelProto, composed: Container[str], version: int) -> None:
    """Attributes that nodes leave out, in place: the inliner leaves them out of the definition too."""
    for graph in _graphs(proto.graph):
        for node in graph.node:
            if node.domain in DEFAULT_DOMAINS and node.op_type in composed:
                given = {attribute.name for attribute in node.attribute}
                for name, attribute in onnx.defs.get_schema(node.op_type, version).attributes.items():
                    if name not in given and attribute.default_value.type != onnx.AttributeProto.UNDEFINED:
                        node.attribute.add().CopyFrom(attribute.default_value)


def _unsupported(proto: onnx.ModelProto, supported: Container[str]) -> set[str]:
    nodes = [node for graph in _graphs(proto.graph) for node in graph.node if node.domain in DEFAULT_DOMAINS]
    return {node.op_type for node in nodes if node.op_type not in supported}


def opset_of(proto: onnx.ModelProto) -> int:
    """The version of the default operator set; 0 where none is imported."""
    return next((int(entry.version) for entry in proto.opset_import if entry.domain in DEFAULT_DOMAINS), 0)


def to_newer_form(proto: onnx.ModelProto) -> None:
    """Rules 3 to 6, in place; afterwards the model is one of opset 18 or newer. Its constants are initializers."""
    version = opset_of(proto)
    if version < OPSET:
        taken = {name for graph in _graphs(proto.graph) for node in graph.node for name in (*node.input, *node.output)}
        taken |= {tensor.name for graph in _graphs(proto.graph) for tensor in graph.initializer}
        for graph in _graphs(proto.graph):
            for node in graph.node:
                if node.op_type in _REDUCTIONS:
                    _axes_to_input(graph, node, taken)
                elif node.op_type == "Split" and len(node.input) == 1:
                    node.attribute.add().CopyFrom(onnx.helper.make_attribute("num_outputs", len(node.output)))
    nonzero = {tensor.name for tensor in proto.graph.initializer if _has_no_zero(tensor)}
    for node in proto.graph.node:
        if node.op_type == "Reshape" and node.input[1] in nonzero:
            del node.attribute[:]
        newer = [each for each in node.attribute if each.name in _NEWER_ATTRIBUTES.get(node.op_type, ())]
        for attribute in newer:
            node.attribute.remove(attribute)
    del proto.opset_import[:]
    proto.opset_import.add(domain="", version=max(version, OPSET))


def _has_no_zero(tensor: onnx.TensorProto) -> bool:
    return tensor.data_type == onnx.TensorProto.INT64 and bool(numpy_helper.to_array(tensor).all())


def _axes_to_input(graph: onnx.GraphProto, node: onnx.NodeProto, taken: set[str]) -> None:
    for position, attribute in enumerate(node.attribute):
        if attribute.name == "axes" and len(node.input) == 1:
            name = f"{node.output[0]}_axes"
            while name in taken:
                name += "_"
            taken.add(name)
            graph.initializer.append(numpy_helper.from_array(np.array(attribute.ints, dtype=np.int64), name))
            node.input.append(name)
            del node.attribute[position]
            return


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """A graph and those inside its nodes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _graphs(attribute.g)


def _is_function(name: str, version: int) -> bool:
    try:
        schema = onnx.defs.get_schema(name, version)
    except onnx.defs.SchemaError:
        return False
    return bool(schema.has_function or schema.has_context_dependent_function)
