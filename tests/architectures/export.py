"""Both of PyTorch's exporters, with a free number of rows."""

from __future__ import annotations

import io
import warnings
from typing import Any

import onnx
import torch

from tests.architectures.architecture import Architecture

EXPORTERS = ("torchscript", "dynamo")


def export(architecture: Architecture, exporter: str, dtype: torch.dtype, *, folded: bool = True) -> onnx.ModelProto:
    """The architecture as ONNX; its inputs and outputs have the names that it declares.

    folded: torchscript may compute what depends on parameters only (1 - α of a parameter α).
    """
    module = architecture.module(dtype)
    example = tuple(value.to(dtype) for value in architecture.points(3).values())
    names: dict[str, Any] = {"input_names": list(architecture.inputs), "output_names": list(architecture.outputs)}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        if exporter == "torchscript":
            free = {name: {0: "rows"} for name in [*architecture.inputs, *architecture.outputs]}
            buffer = io.BytesIO()
            torch.onnx.export(
                module, example, buffer, dynamo=False, dynamic_axes=free, do_constant_folding=folded, **names
            )
            return onnx.load_from_string(buffer.getvalue())
        sizes = tuple({0: torch.export.Dim.DYNAMIC} for _ in example)
        program = torch.onnx.export(module, example, dynamo=True, dynamic_shapes=sizes, verbose=False, **names)
        return program.model_proto
