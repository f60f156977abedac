"""What the training scripts of the example networks share: their options, and the export to ONNX."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import onnx
import torch
from torch import nn


def read_options(description: str, *, steps: int, learning_rate: float, output: Path) -> argparse.Namespace:
    """The options of the command line, with these defaults."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--learning-rate", type=float, default=learning_rate)
    parser.add_argument("--output", type=Path, default=output)
    return parser.parse_args()


def export(
    model: nn.Module,
    path: Path,
    *,
    coordinates: int,
    input_name: str,
    output_name: str,
    others: Mapping[str, int] | None = None,
) -> None:
    """Write opset 18 ONNX with inline weights and a dynamic batch, without the exporter's stack traces.

    The model takes [rows, coordinates] and gives [rows, fields]. others: more inputs, by name, and their columns.
    """
    inputs = {input_name: coordinates, **(others or {})}
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        model.eval(),
        tuple(torch.zeros(8, columns) for columns in inputs.values()),
        dynamo=True,
        opset_version=18,
        input_names=list(inputs),
        output_names=[output_name],
        dynamic_shapes=tuple({0: batch} for _ in inputs),
    )
    proto = program.model_proto
    proto.doc_string = ""
    del proto.metadata_props[:]
    del proto.graph.metadata_props[:]
    for item in (*proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        item.doc_string = ""
        del item.metadata_props[:]
    onnx.checker.check_model(proto, full_check=True)
    onnx.save_model(proto, path)
