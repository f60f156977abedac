"""expand: the model's derivatives as a graph, by forward (Taylor) expansion."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import TYPE_CHECKING, cast

from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant
    from inrarch.derivatives.request import Asked

_EXTERNAL_KEY = b"location"
"""Stands in every model with weights in other files: ONNX gives their path under this key."""


def settings(variant: Variant) -> Settings:
    """Everything that is asked of the derivatives. Outputs asked for by name decide the order themselves.

    In hardware `auto` is Taylor expansion: no stream waits for a backward pass, so FIFOs stay a few tokens deep.
    """
    asked = variant.derivatives
    return {
        "wrt": list(asked.wrt),
        "order": None if asked.outputs or asked.terms else asked.order,
        "outputs": list(asked.outputs),
        "terms": {name: dict(terms) for name, terms in asked.terms},
        "coordinates": list(asked.coordinates),
        "columns": {name: list(columns) for name, columns in asked.columns},
        "direction": list(asked.direction),
        "step": asked.step,
        "method": "taylor" if asked.method == "auto" else asked.method,
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
    from inrarch.graph.count import count
    from inrarch.graph.load import load_model
    from inrarch.graph.save import save_model

    asked = cast("Asked", dict(step.settings))
    model = load_model(step.files["model"])
    derivative = derive_graph(
        model,
        optimize=False,
        place=str(step.files["model"]),
        **asked,
    )
    save_model(derivative, step.output / "derivative.onnx")
    return f"{len(derivative.graph.outputs)} outputs, {count(derivative).summary()}"


STAGE = Stage(
    name="expand",
    title="derivatives of the model, as a graph",
    run=run,
    settings=settings,
    files=files,
)
