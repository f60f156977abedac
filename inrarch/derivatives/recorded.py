"""Which outputs of a derivative graph are derivatives: written into the model, so that every later stage knows."""

from __future__ import annotations

import json
from collections.abc import Iterable

import onnx_ir as ir

KEY = "inrarch.derivatives"
"""Metadata of the model: a JSON list of names of outputs."""


def record_derivatives(model: ir.Model, names: Iterable[str]) -> None:
    """Note in the model's metadata that these outputs are derivatives."""
    model.metadata_props[KEY] = json.dumps(list(names))


def derivative_outputs(model: ir.Model) -> frozenset[str]:
    """The outputs noted by `record_derivatives`; none in a graph that `expand` has not written."""
    return frozenset(json.loads(model.metadata_props.get(KEY, "[]")))
