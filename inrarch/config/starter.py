"""The project.yaml that `inrarch init` writes: every common setting with its default, and a word about each."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inrarch.resources import data_folder

_TEXT = """\
# yaml-language-server: $schema={schema}
# All keys and their meaning: docs/configuration.md and inrarch.yaml.example. Check this file with: inrarch check {name}
description: ""
model: model.onnx

derivatives:
  # Inputs of the model (shape):
{inputs}
  wrt: {wrt}
  order: 1                # 1 = value and gradient, 2 = and Hessian, 3, ...
  # outputs: [...]        # only these of them, by name: {example_outputs}
  # step: 1.0             # order k comes out multiplied by step**k

domain:                   # where the network is used; calibration and test points are drawn from here
  low: -1                 # one number for all coordinates, or a list: {low_list}
  high: 1
  # samples_file: samples.npy   # or your own points, shape (samples, coordinates)

{board_line}
# clock_mhz: 300          # default: the typical clock of the board

# numeric: {{data_bits: 24, weight_bits: 18}}           # 24 x 18 bits: one DSP48E2 per multiplication
# constraints: {{dsp: 80%, bram: 80%}}                  # at most this share of the board
# verification: {{rows: 4096, tolerance: 0.01}}         # test points; largest error relative to the largest value

# matrix:                 # variants: every combination, built as {name}@BOARD-order1 ...
#   axes:
#     board: [u50, zcu102]
#     derivatives.order: [1, 2]
"""


@dataclass(frozen=True, slots=True)
class ModelInput:
    """An input of a model: its name, and its axes, a size or a name each; the last one lists the coordinates."""

    name: str
    axes: tuple[int | str, ...]
    is_real: bool


def starter_text(name: str, inputs: Sequence[ModelInput], wrt: str, output: str, board: str | None, schema: str) -> str:
    """Text of a project.yaml that builds as it is.

    Differentiates by the input `wrt`. `output` is the name of the model's first output; `board` None leaves the choice
    to the workspace; `schema` is where the editor finds the JSON Schema. Names from the model are quoted so that they
    cannot be anything but names.
    """
    last_axes = [entry.axes[-1] for entry in inputs if entry.axes]
    coordinates = sum(axis for axis in last_axes if isinstance(axis, int)) or 1
    return _TEXT.format(
        schema=schema,
        name=name,
        inputs="\n".join(f"  #   {_quoted(entry.name)} [{', '.join(map(_written, entry.axes))}]" for entry in inputs),
        wrt=_quoted(wrt),
        example_outputs=", ".join(_quoted(output + suffix) for suffix in ("", "_d0")),
        low_list=f"[{', '.join(['-1'] * coordinates)}]" if coordinates <= 4 else "[-1, -1, ...]",
        board_line=f"board: {board}" if board else "# board: u50              # default, where inrarch.yaml has none",
    )


def schema_reference(project_folder: Path, root: Path) -> str:
    """How a project.yaml names its schema to an editor: relative in a checkout, else where it is installed."""
    schema = data_folder("schemas") / "project.schema.json"
    if schema.is_relative_to(root):
        return Path(os.path.relpath(schema, project_folder)).as_posix()
    return schema.as_posix()


def _written(axis: int | str) -> str:
    return str(axis) if isinstance(axis, int) else _quoted(axis)


def _quoted(name: str) -> str:
    """A name as YAML, and safe in a comment: as it is, or in JSON's quotes."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in ("true", "false", "null")
    return name if plain else json.dumps(name)
