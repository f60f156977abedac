"""`inrarch init`: a new project around a trained network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.cli.command import Command

if TYPE_CHECKING:
    import onnx_ir as ir

    from inrarch.config.starter import ModelInput


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the project and of its folder")
    parser.add_argument("--onnx", metavar="MODEL", type=Path, required=True, help="the trained network; it is copied")
    parser.add_argument("--board", metavar="BOARD", help="target board")


def _run(options: argparse.Namespace) -> int:
    from inrarch.paths import shown_path

    folder = create_project(Path.cwd(), options.name, options.onnx, options.board)
    print(f"wrote {shown_path(folder / 'project.yaml')} and {shown_path(folder / 'model.onnx')}")
    print(f"next: look at the domain in project.yaml, then `inrarch build {options.name}`")
    return 0


def create_project(start: Path, name: str, model_file: Path, board: str | None) -> Path:
    """Make projects/NAME in the workspace around `start`, or in `start` itself where there is none; returns the folder.

    Raises `UserError` for a name that is illegal or taken, an unknown board, and a model that cannot be differentiated;
    nothing is written then.
    """
    import os
    import shutil

    from inrarch.boards import board_names
    from inrarch.config.load import find_root, load_workspace
    from inrarch.config.names import NAME_RULE, is_name
    from inrarch.config.starter import references, starter_text
    from inrarch.derivatives.request import make_request
    from inrarch.derivatives.rows import check_rows_are_independent
    from inrarch.errors import UserError, did_you_mean
    from inrarch.graph.load import load_model
    from inrarch.paths import shown_path

    if not is_name(name):
        raise UserError(f"{name!r} is not allowed as the name of a project", expected=NAME_RULE)
    try:
        root = find_root(start)
    except UserError:
        root = start
    workspace = load_workspace(root)
    folder = workspace.projects_folder / name
    if folder.exists():
        raise UserError(f"{shown_path(folder)} exists already", hint="choose another name, or remove the folder first")
    boards = board_names(workspace.boards)
    if board is not None and board not in boards:
        expected = f"one of {', '.join(boards)}"
        raise UserError(f"unknown board {board!r}", expected=expected, hint=did_you_mean(board, boards))
    model = load_model(model_file)
    inputs = _inputs(model)
    wrt = next((entry.name for entry in inputs if entry.is_real), None)
    if wrt is None:
        raise UserError("the model has no input of real numbers", place=str(model_file), expected="coordinates")
    make_request(model, wrt=wrt, order=1, place=str(model_file))
    check_rows_are_independent(model, [wrt], str(model_file))
    output = str(model.graph.outputs[0].name)
    text = starter_text(name, inputs, wrt, output, board, references(folder, root))

    unfinished = folder.with_name(f".{name}.unfinished-{os.getpid()}")
    try:
        unfinished.mkdir(parents=True)
        _copy_model(model_file, unfinished / "model.onnx")
        (unfinished / "project.yaml").write_text(text, encoding="utf-8")
        unfinished.rename(folder)
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror or error}",
            place=shown_path(folder),
            expected="a workspace that this user may write",
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def _inputs(model: ir.Model) -> list[ModelInput]:
    import onnx_ir as ir

    from inrarch.config.starter import ModelInput

    found = []
    for value in model.graph.inputs:
        axes = [axis if isinstance(axis, int) else str(axis.value or "?") for axis in value.shape or ()]
        found.append(ModelInput(str(value.name), tuple(axes), value.dtype in (ir.DataType.FLOAT, ir.DataType.DOUBLE)))
    return found


def _copy_model(source: Path, target: Path) -> None:
    """Copy byte by byte; a model whose weights stand in other files becomes one file."""
    from inrarch.graph.external import embed_external_data
    from inrarch.graph.load import read_proto

    proto = read_proto(source)
    before = proto.SerializeToString(deterministic=True)
    embed_external_data(proto, source.parent, str(source))
    after = proto.SerializeToString(deterministic=True)
    target.write_bytes(source.read_bytes() if before == after else after)


COMMAND = Command("init", "make a new project from an ONNX model", _configure, _run)
