"""Writing ONNX models: checked, with the same bytes for the same graph."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.collector import paused_collector
from inrarch.graph.weights import without_weights

LARGEST_MODEL = 2**31 - 1


@paused_collector()
def to_proto(model: ir.Model) -> onnx.ModelProto:
    """The protobuf message of a graph, after the full check of the onnx package (which sees no large weights)."""
    onnx.checker.check_model(ir.to_proto(without_weights(model)), full_check=True)
    proto: onnx.ModelProto = ir.to_proto(model)
    size = proto.ByteSize()
    if size > LARGEST_MODEL:
        raise UserError(f"the resulting model has {size} bytes, more than an ONNX file can have (2 GiB)")
    return proto


def save_model(model: ir.Model | onnx.ModelProto, path: Path) -> None:
    """Write a model; the file appears complete or not at all."""
    proto = model if isinstance(model, onnx.ModelProto) else to_proto(model)
    if path.is_dir():
        raise UserError("the model cannot be written: Is a directory", place=str(path), expected="the path of a file")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(proto.SerializeToString(deterministic=True))
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"the model cannot be written: {error.strerror}", place=str(path)) from None
    finally:
        temporary.unlink(missing_ok=True)
