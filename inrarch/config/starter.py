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
# All keys and their meaning: {example}
# Check this file with: inrarch check {name}
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


@dataclass(frozen=True, slots=True)
class References:
    """Paths of the JSON Schema, for the editor, and of the commented example of all keys, for people."""

    schema: str
    example: str


def starter_text(
    name: str, inputs: Sequence[ModelInput], wrt: str, output: str, board: str | None, references: References
) -> str:
    """Text of a project.yaml that builds as it is.

    Differentiates by the input `wrt`. `output` is the name of the model's first output; `board` None leaves the choice
    to the workspace. Names from the model are quoted so that they cannot be anything but names.
    """
    last_axes = [entry.axes[-1] for entry in inputs if entry.axes]
    coordinates = sum(axis for axis in last_axes if isinstance(axis, int)) or 1
    return _TEXT.format(
        schema=references.schema,
        example=references.example,
        name=name,
        inputs="\n".join(f"  #   {_quoted(entry.name)} [{', '.join(map(_written, entry.axes))}]" for entry in inputs),
        wrt=_quoted(wrt),
        example_outputs=", ".join(_quoted(output + suffix) for suffix in ("", "_d0")),
        low_list=f"[{', '.join(['-1'] * coordinates)}]" if coordinates <= 4 else "[-1, -1, ...]",
        board_line=f"board: {board}" if board else "# board: u50              # default, where inrarch.yaml has none",
    )


def references(project_folder: Path, root: Path) -> References:
    """How a project.yaml names what explains it: relative in a checkout, else where it is installed."""
    schemas = data_folder("schemas")
    return References(
        *(
            Path(os.path.relpath(file, project_folder) if file.is_relative_to(root) else file).as_posix()
            for file in (schemas / "project.schema.json", schemas.parent / "inrarch.yaml.example")
        )
    )


def _written(axis: int | str) -> str:
    return str(axis) if isinstance(axis, int) else _quoted(axis)


def _quoted(name: str) -> str:
    """A name as YAML, and safe in a comment: as it is, or in JSON's quotes."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in ("true", "false", "null")
    return name if plain else json.dumps(name)
