"""What a model computes from the sizes of its tensors, computed once when it is loaded.

Rules:
1. Integers and truth values that follow from constants and from known sizes become constants.
2. An If whose condition is then known is replaced by the nodes of the branch that is taken.
3. A Reshape to sizes of which all but one are known gets a constant target, with -1 for that one.
4. A Squeeze without axes gets those of size 1, where all sizes are known.
5. Nodes that only computed sizes, and that nothing uses any more, go.

Sizes of the first axis of inputs stay unknown, also where the model fixes them: a batch can then still be freed. Only
for an If that would remain otherwise they are taken as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
from onnx import TensorProto, numpy_helper

from inrarch.graph.lift_constants import lift_constants, replace_nodes
from inrarch.graph.reshaped_rows import infer_shapes
from inrarch.ops import operators

Array = np.ndarray[Any, Any]
Size = int | str | None
Sizes = Mapping[str, list[Size]]

LARGEST = 4096
"""entries; larger integer arrays are tables, not sizes"""

_KNOWABLE = {TensorProto.INT64: np.int64, TensorProto.INT32: np.int32, TensorProto.BOOL: np.bool_}
_BY_ENTRIES = frozenset({"Concat", "Gather", "Identity", "Slice", "Squeeze", "Unsqueeze", "Reshape", "Where", "Equal"})
"""Operators whose result is known entry by entry where some entries of an operand are not (a symbol, or None)."""
_SOURCES = frozenset({"Shape", "Size", "ConstantOfShape", "Range", "If"})
"""Without any of these, a model computes nothing from sizes; but integers may follow from constants."""
_ON_SIZES = frozenset(
    {"Shape", "Size", "ConstantOfShape", "Range", *_BY_ENTRIES, "Cast", "Add", "Sub", "Mul", "Div", "Mod"}
)


def fold_shape_arithmetic(proto: onnx.ModelProto, weights: Collection[str] = ()) -> None:
    """The rules above, in place, until nothing changes. Whatever is not understood stays as it is.

    weights: inputs that stand for weights: all their sizes are known.
    """
    constants = {tensor.name for tensor in proto.graph.initializer if tensor.data_type in _KNOWABLE}
    changed = any(
        node.op_type in _SOURCES or (node.input and constants.issuperset(node.input)) for node in proto.graph.node
    )
    while changed:
        types, sizes = _inferred(proto, free_batch=True, weights=weights)
        known = _known_values(proto.graph, sizes)
        changed = _take_branches(proto.graph, known)
        if not changed and _has_if(proto.graph):
            changed = _take_branches(proto.graph, _known_values(proto.graph, _inferred(proto, free_batch=False)[1]))
        if changed:
            _declare_outputs(proto)
        else:
            changed = _replace(proto.graph, known, types, sizes)
    if any(node.op_type == "Squeeze" and len(node.input) == 1 for node in proto.graph.node):
        _name_squeezed_axes(proto.graph, _inferred(proto, free_batch=False)[1])


def _has_if(graph: onnx.GraphProto) -> bool:
    return any(node.op_type == "If" for node in graph.node)


def _inferred(
    proto: onnx.ModelProto, *, free_batch: bool, weights: Collection[str] = ()
) -> tuple[dict[str, int], Sizes]:
    """Element type and sizes of all values, as far as they follow from the inputs."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    del copy.graph.value_info[:]
    for value in copy.graph.output:
        value.type.tensor_type.ClearField("shape")
    for value in copy.graph.input if free_batch else []:
        dims = value.type.tensor_type.shape.dim
        if value.name not in weights and len(dims) > 1 and dims[0].HasField("dim_value"):
            dims[0].dim_param = f"batch_of_{dims[0].dim_value}"
    try:
        graph = infer_shapes(copy, strict=False).graph
    except onnx.shape_inference.InferenceError:
        graph = copy.graph
    types, sizes = {}, {}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        tensor = value.type.tensor_type
        types[value.name] = tensor.elem_type
        if tensor.HasField("shape"):
            sizes[value.name] = [
                dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None for dim in tensor.shape.dim
            ]
    for weight in graph.initializer:
        sizes[weight.name] = list(weight.dims)
    return types, sizes


def _known_values(graph: onnx.GraphProto, sizes: Sizes) -> dict[str, Array]:
    """Integers and truth values that are known, and numbers that follow; a symbol or None for an unknown entry."""
    known = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in graph.initializer
        if tensor.data_type in _KNOWABLE and np.prod(tensor.dims) <= LARGEST
    }
    for node in graph.node:
        result = _result(node, known, sizes)
        if result is not None and result.size <= LARGEST:
            known[node.output[0]] = result
    return known


def _result(node: onnx.NodeProto, known: Mapping[str, Array], sizes: Sizes) -> Array | None:
    if len(node.output) != 1 or any(attribute.HasField("g") for attribute in node.attribute):
        return None
    attributes = {attribute.name: ir.from_proto(attribute).value for attribute in node.attribute}
    if node.op_type in ("Shape", "Size"):
        dims = sizes.get(node.input[0])
        if dims is None:
            return None
        if node.op_type == "Shape":
            return _completed(np.array(dims, dtype=object)[attributes.get("start", 0) : attributes.get("end")])
        known_dims = [size for size in dims if isinstance(size, int)]
        return np.array(prod(known_dims), dtype=np.int64) if len(known_dims) == len(dims) else None
    operator = operators().get(node.op_type)
    if operator is None or not node.input or any(name and name not in known for name in node.input):
        return None
    operands = [known[name] if name else None for name in node.input]
    partly = any(array is not None and array.dtype == object for array in operands)
    if partly and node.op_type not in _BY_ENTRIES:
        return None
    try:
        with np.errstate(all="ignore"):
            if partly and node.op_type == "Equal":
                same: Any = np.frompyfunc(_same_size, 2, 1)
                return _completed(same(*operands))
            return _completed(operator.evaluate(operands, attributes)[0])
    except (ValueError, IndexError, TypeError, ZeroDivisionError):
        return None


def _same_size(a: Size, b: Size) -> bool | None:
    """Whether two sizes are equal; an unknown one is at least not negative."""
    if a is None or b is None or isinstance(a, str) != isinstance(b, str):
        return False if any(not isinstance(size, str) and size is not None and size < 0 for size in (a, b)) else None
    return bool(a == b) if not isinstance(a, str) or a == b else None


def _completed(array: Any) -> Array:
    """As numbers where every entry is known."""
    entries: Array = np.asarray(array)
    if entries.dtype.kind == "U":  # numpy makes text of a single symbol
        return entries.astype(object)
    if entries.dtype != object or any(entry is None or isinstance(entry, str) for entry in entries.flat):
        return entries
    return entries.astype(np.bool_ if all(isinstance(entry, bool) for entry in entries.flat) else np.int64)


def _take_branches(graph: onnx.GraphProto, known: Mapping[str, Array]) -> bool:
    """Rule 2 for the nodes of a graph; whether there was one."""
    nodes: list[onnx.NodeProto] = []
    taken = False
    for node in graph.node:
        condition = known.get(node.input[0]) if node.op_type == "If" and node.input else None
        if condition is None or condition.size != 1 or condition.dtype == object:
            nodes.append(node)
            continue
        wanted = "then_branch" if bool(condition.reshape(-1)[0]) else "else_branch"
        branch = next(attribute.g for attribute in node.attribute if attribute.name == wanted)
        graph.initializer.extend(branch.initializer)
        nodes.extend(branch.node)
        for inner, outer in zip(branch.output, node.output, strict=True):
            nodes.append(onnx.helper.make_node("Identity", [inner.name], [outer], name=f"{node.name or 'If'}/{outer}"))
        taken = True
    if taken:
        replace_nodes(graph, nodes)
        lift_constants(graph)
        del graph.value_info[:]  # exporters write there what holds for both branches
    return taken


def _declare_outputs(proto: onnx.ModelProto) -> None:
    """The outputs have the shapes of the branches that were taken, as far as they are known."""
    sizes = _inferred(proto, free_batch=False)[1]
    for value in proto.graph.output:
        if value.name in sizes:
            shape = value.type.tensor_type.shape
            del shape.dim[:]
            for size in sizes[value.name]:
                dim = shape.dim.add()
                if isinstance(size, int):
                    dim.dim_value = size


def _replace(graph: onnx.GraphProto, known: Mapping[str, Array], types: Mapping[str, int], sizes: Sizes) -> bool:
    """Rules 1, 3 and 5; whether anything changed."""
    results = {value.name for value in graph.output}
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        name = node.output[0] if node.output else ""
        value, element = known.get(name), types.get(name, 0)
        if value is not None and value.dtype != object and element in _KNOWABLE and name not in results:
            graph.initializer.append(numpy_helper.from_array(np.array(value, dtype=_KNOWABLE[element]), name))
            continue
        if node.op_type == "Reshape":
            _open_one_size(graph, node, known.get(node.input[1]), sizes.get(node.input[0]))
        nodes.append(node)
    used = results | {name for node in nodes for name in _names_used(node)}
    kept: list[onnx.NodeProto] = []
    for node in reversed(nodes):
        of_sizes = node.op_type in _ON_SIZES and all(types.get(name) in _KNOWABLE for name in node.output)
        if of_sizes and not used.intersection(node.output):
            continue
        kept.append(node)
    changed = len(kept) < len(graph.node)
    if changed:
        replace_nodes(graph, kept[::-1])
    return changed


def _open_one_size(graph: onnx.GraphProto, node: onnx.NodeProto, target: Array | None, dims: list[Size] | None) -> None:
    """Rule 3; a -1 beside the unknown size becomes what the other sizes leave for it."""
    if target is None or target.dtype != object:
        return
    entries = target.reshape(-1).tolist()
    unknown = [place for place, entry in enumerate(entries) if not isinstance(entry, int)]
    if len(unknown) != 1 or 0 in entries:
        return
    if -1 in entries:
        others = [size for size in dims or [] if isinstance(size, int)]
        if dims is None or len(others) != len(dims) - 1 or entries[unknown[0]] not in dims or None in dims:
            return
        entries[entries.index(-1)] = prod(others) // prod(
            size for size in entries if isinstance(size, int) and size > 0
        )
    entries[unknown[0]] = -1
    name = f"{node.output[0]}_target"
    graph.initializer.append(numpy_helper.from_array(np.array(entries, dtype=np.int64), name))
    node.input[1] = name
    del node.attribute[:]  # no size is 0


def _names_used(node: onnx.NodeProto) -> set[str]:
    names = set(node.input)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            for inner in attribute.g.node:
                names |= _names_used(inner)
            names |= {value.name for value in attribute.g.output}
    return names


def _name_squeezed_axes(graph: onnx.GraphProto, sizes: Sizes) -> None:
    """Rule 4."""
    for node in graph.node:
        dims = sizes.get(node.input[0]) if node.op_type == "Squeeze" and len(node.input) == 1 else None
        if dims is not None and all(isinstance(size, int) for size in dims):
            name = f"{node.output[0]}_axes"
            axes = np.array([axis for axis, size in enumerate(dims) if size == 1], dtype=np.int64)
            graph.initializer.append(numpy_helper.from_array(axes, name))
            node.input.append(name)
