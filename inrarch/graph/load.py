"""Reading ONNX models: refused with a reason, or brought into the one form that the rest of the program knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import google.protobuf.message
import numpy as np
import onnx
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.external import embed_external_data
from inrarch.graph.lift_constants import lift_constants
from inrarch.graph.opset import DEFAULT_DOMAINS, OPSET, inline_functions, opset_of, to_newer_form
from inrarch.graph.reshaped_rows import infer_shapes
from inrarch.graph.shape_arithmetic import fold_shape_arithmetic
from inrarch.graph.unsupported import unsupported
from inrarch.graph.weights import Array, put_weights, take_weights
from inrarch.ops import operators

IR_VERSION = 8
OLDEST_OPSET = 13
LARGEST_FILE = 2**31 - 1
"""bytes; a protobuf message cannot be larger"""

_FLOATS = {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE}
_ACCEPTED_TYPES = _FLOATS | {onnx.TensorProto.INT64, onnx.TensorProto.INT32, onnx.TensorProto.BOOL}


def load_model(source: str | Path | onnx.ModelProto | ir.Model) -> ir.Model:
    """A model with opset 18, checked, with all constants as initializers, unique names, and shapes where known.

    A model with operators that opset 18 does not have (Gelu, Swish) keeps its own.

    Unnamed sizes of inputs get a name (`x_dim0`), so that equal unknown sizes are seen to be equal.

    Parameters
    ----------
    source:
        A file, a model in memory (which is not changed), or a graph. External data is read only for files, and only
        from the folder of the file.

    Raises UserError for whatever is not a complete model of supported operators on finite float32 or float64 weights.
    """
    place = "model"
    if isinstance(source, ir.Model):
        proto = ir.to_proto(source)
    elif isinstance(source, onnx.ModelProto):
        proto = onnx.ModelProto()
        proto.CopyFrom(source)
    elif isinstance(source, str | Path):
        place = str(source)
        proto = read_proto(Path(source))
    else:
        raise UserError(
            f"a model cannot be a {type(source).__name__}",
            expected="a file, an onnx.ModelProto or an onnx_ir.Model",
            hint="a PyTorch module is exported with torch.onnx.export first",
        )
    try:
        return _checked(proto, place)
    except UnicodeDecodeError:  # raised where a name is first read
        raise UserError("the model is not valid ONNX: a name is not UTF-8", place=place) from None


def _checked(proto: onnx.ModelProto, place: str) -> ir.Model:
    """The model in the form of `load_model`; the given message is changed."""
    _check_structure(proto, place)
    embed_external_data(proto, None if place == "model" else Path(place).parent, place)
    proto = inline_functions(proto, operators(), place)
    _check_constants(proto.graph, place)
    lift_constants(proto.graph)
    to_newer_form(proto)
    weights = take_weights(proto.graph)
    fold_shape_arithmetic(proto, weights)
    _check_operators(proto.graph, place)
    _check_with_onnx(proto, place)
    _check_types(proto.graph, place)
    _check_finite(proto.graph, weights, place)
    _name_everything(proto.graph)
    proto = _with_shapes(proto, place)  # by the operator set that the model was written for
    _check_types_of_results(proto.graph, place)
    newer = any(not onnx.defs.has(node.op_type, OPSET) for node in proto.graph.node)  # Gelu, Swish
    version = opset_of(proto) if newer else OPSET
    del proto.opset_import[:]
    proto.opset_import.add(domain="", version=version)
    proto.ir_version = IR_VERSION
    model = ir.from_proto(proto)
    put_weights(model, weights)
    return model


def read_proto(path: Path) -> onnx.ModelProto:
    """The protobuf message in a file; external data is not touched."""
    if not path.exists():
        raise UserError("no such file", place=str(path), expected="an ONNX model")
    if not path.is_file():
        raise UserError("this is not a file", place=str(path), expected="an ONNX model")
    size = path.stat().st_size
    if size == 0:
        raise UserError("the file is empty", place=str(path), expected="an ONNX model")
    if size > LARGEST_FILE:
        raise UserError(
            f"the file has {size} bytes, more than an ONNX model can have",
            place=str(path),
            hint="save large weights as external data",
        )
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(path.read_bytes())
    except google.protobuf.message.DecodeError:
        raise UserError("this is not an ONNX file", place=str(path), expected="a protobuf ModelProto") from None
    if not proto.HasField("graph"):
        raise UserError("this is not an ONNX file: it has no graph", place=str(path))
    return proto


def _check_structure(proto: onnx.ModelProto, place: str) -> None:
    version = opset_of(proto)
    if not version:
        raise UserError("the model imports no ONNX operator set", place=place)
    if version < OLDEST_OPSET:
        raise UserError(
            f"the model uses opset {version}",
            place=place,
            expected=f"opset {OLDEST_OPSET} or newer",
            hint="convert it with onnx.version_converter, or export it again",
        )
    if proto.graph.sparse_initializer:
        name = proto.graph.sparse_initializer[0].values.name
        raise UserError(f"the initializer {name!r} is sparse", place=place, expected="dense weights")


def _check_operators(graph: onnx.GraphProto, place: str) -> None:
    known = operators()
    for position, node in enumerate(graph.node):
        if node.domain not in DEFAULT_DOMAINS or node.op_type not in known:
            raise unsupported(node, f"{place}: node {node.name or position!r}", known)


def _check_constants(graph: onnx.GraphProto, place: str) -> None:
    for position, node in enumerate(graph.node):
        for attribute in node.attribute if node.op_type == "Constant" else []:
            if attribute.name in ("value_string", "value_strings", "sparse_value"):
                raise UserError(
                    f"the constant is given as {attribute.name!r}",
                    place=f"{place}: node {node.name or position!r}",
                    expected="a dense tensor of numbers",
                )


def _check_with_onnx(proto: onnx.ModelProto, place: str) -> None:
    try:
        onnx.checker.check_model(proto)
    except onnx.checker.ValidationError as error:
        raise UserError(f"the model is not valid ONNX: {_first_line(error)}", place=place) from None


def _with_shapes(proto: onnx.ModelProto, place: str) -> onnx.ModelProto:
    try:
        return infer_shapes(proto, strict=True)
    except onnx.shape_inference.InferenceError as error:
        raise UserError(f"the shapes of the model do not fit: {_first_line(error)}", place=place) from None


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _check_types(graph: onnx.GraphProto, place: str) -> None:
    for value in graph.input:
        if value.type.WhichOneof("value") != "tensor_type":
            raise UserError(f"the input {value.name!r} is not a tensor", place=place)
        _check_type(f"the input {value.name!r}", value.type.tensor_type.elem_type, place)
    for tensor in graph.initializer:
        _check_type(f"the initializer {tensor.name!r}", tensor.data_type, place)


def _check_finite(graph: onnx.GraphProto, weights: Mapping[str, Array | None], place: str) -> None:
    small = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name, taken in weights.items():
        array = small.get(name) if taken is None else taken
        bad = 0 if array is None or array.dtype.kind != "f" else array.size - int(np.count_nonzero(np.isfinite(array)))
        if array is not None and bad:
            raise UserError(
                f"the initializer {name!r} has {bad} values that are NaN or infinite, of {array.size}",
                place=place,
                expected="finite weights",
            )


def _check_types_of_results(graph: onnx.GraphProto, place: str) -> None:
    known = {value.name: value.type.tensor_type.elem_type for value in [*graph.value_info, *graph.output]}
    for node in graph.node:
        for name in node.output:
            if name in known:
                _check_type(f"the result {name!r} of {node.op_type}", known[name], f"{place}: node {node.name!r}")


def _check_type(what: str, data_type: int, place: str) -> None:
    if data_type not in _ACCEPTED_TYPES:
        name = onnx.TensorProto.DataType.Name(data_type).lower()
        raise UserError(
            f"{what} has type {name}",
            place=place,
            expected="float (32 bits) or double; int32, int64 and bool for shapes and conditions",
            hint="convert the model to float32 first" if "float" in name else None,
        )


def _name_everything(graph: onnx.GraphProto) -> None:
    """Nodes get unique names; results that are left out and unknown sizes of inputs get names."""
    taken: set[str] = set()
    values = {name for node in graph.node for name in (*node.input, *node.output)}
    for position, node in enumerate(graph.node):
        node.name = _unused(node.name or f"{node.op_type}_{position}", taken)
        node.domain = ""
        for place, name in enumerate(node.output):
            if not name:  # left out
                node.output[place] = _unused(f"{node.name}/output.{place}", values)
    sizes = {size.dim_param for value in graph.input for size in value.type.tensor_type.shape.dim}
    for value in [*graph.value_info, *graph.output]:  # names of sizes follow from those of the inputs
        for size in value.type.tensor_type.shape.dim:
            size.ClearField("dim_param")
    for value in graph.input:
        for axis, size in enumerate(value.type.tensor_type.shape.dim):
            if not size.HasField("dim_value") and not size.dim_param:
                size.dim_param = _unused(f"{value.name}_dim{axis}", sizes)


def _unused(base: str, taken: set[str]) -> str:
    """This name, or this name with the first free number after a point; taken from now on."""
    name, number = base, 0
    while name in taken:
        number += 1
        name = f"{base}.{number}"
    taken.add(name)
    return name
