"""expand: the model's derivatives as a graph, by forward (Taylor) expansion."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import TYPE_CHECKING, cast

from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    import onnx_ir as ir

    from inrarch.config.model import Derivatives, Variant
    from inrarch.derivatives.request import Asked

_EXTERNAL_KEY = b"location"
"""Stands in every model with weights in other files: ONNX gives their path under this key."""


def settings(variant: Variant) -> Settings:
    """Everything that is asked of the derivatives. Outputs asked for by name decide the order themselves.

    In hardware `auto` is Taylor expansion: no stream waits for a backward pass, so FIFOs stay a few tokens deep. Sweeps
    by parameters or by vectors have one way only; sums over the batch need to know how many rows it has.
    """
    asked = variant.derivatives
    if asked.parameters or asked.by != "gradient":
        return _asked(asked) | {
            "order": None,
            "coordinates": list(asked.coordinates) or None,
            "direction": list(asked.direction) or None,
            "parameters": list(asked.parameters),
            "by": asked.by,
            "rows": variant.dataflow.rows if asked.parameters else None,
        }
    return _asked(asked) | {"method": "taylor" if asked.method == "auto" else asked.method}


def _asked(asked: Derivatives) -> Settings:
    """What `inrarch.derive` takes."""
    return {
        "wrt": list(asked.wrt),
        "order": None if asked.outputs or asked.terms else asked.order,
        "outputs": list(asked.outputs),
        "terms": {name: dict(terms) for name, terms in asked.terms},
        "coordinates": list(asked.coordinates),
        "columns": {name: list(columns) for name, columns in asked.columns},
        "direction": list(asked.direction),
        "step": asked.step,
        "method": asked.method,
        "max_coefficients": asked.max_coefficients,
    }


def files(variant: Variant) -> dict[str, Path]:
    """The model, and the files of its folder that it mentions: they may hold its weights."""
    return {"model": variant.model} | {
        f"data {path.relative_to(variant.model.parent)}": path for path in _mentioned_files(variant.model)
    }


def _mentioned_files(model: Path) -> list[Path]:
    """Files in the model's folder whose name stands in the model: found without parsing it, which would be slow."""
    if not model.is_file() or not model.stat().st_size:
        return []
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(_EXTERNAL_KEY) < 0:
            return []
        others = [path for path in sorted(model.parent.rglob("*")) if path != model and path.is_file()]
        return [path for path in others if content.find(path.name.encode()) >= 0]


def run(step: StageRun) -> str:
    """Write `derivative.onnx`, not yet simplified."""
    from inrarch.derivatives.api import derive_graph
    from inrarch.derivatives.request import Asked
    from inrarch.graph.count import count
    from inrarch.graph.load import load_model
    from inrarch.graph.recorded_batch import record_batch
    from inrarch.graph.save import save_model

    asked = cast("Asked", {key: step.settings[key] for key in Asked.__annotations__})
    model, place = load_model(step.files["model"]), str(step.files["model"])
    if "by" in step.settings:
        parameters, by = step.settings["parameters"], step.settings["by"]
        derivative = derive_graph(model, optimize=False, place=place, parameters=parameters, by=by, **asked)
        if parameters:
            _check_batch(derivative, place)
            record_batch(derivative, step.settings["rows"])
    else:
        derivative = derive_graph(model, optimize=False, place=place, **asked)
    save_model(derivative, step.output / "derivative.onnx")
    return f"{len(derivative.graph.outputs)} outputs, {count(derivative).summary()}"


def _check_batch(graph: ir.Model, place: str) -> None:
    """Sums over the batch need inputs [rows, features], whose rows are those of an invocation."""
    from inrarch.errors import UserError
    from inrarch.graph.shapes import dims_of, shown

    for value in graph.graph.inputs:
        dims = dims_of(value)
        if dims is None or len(dims) != 2 or isinstance(dims[0], int):
            raise UserError(
                f"input {value.name!r} has {shown(dims)}",
                place=place,
                expected="[rows, features] with any number of rows: derivatives by parameters are sums over them",
                hint="export the model with a dynamic batch axis",
            )


STAGE = Stage(
    name="expand",
    title="derivatives of the model, as a graph",
    run=run,
    settings=settings,
    files=files,
)
