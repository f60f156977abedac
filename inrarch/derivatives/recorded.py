"""Which outputs of a derivative graph are derivatives: written into the model, so that every later stage knows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import onnx_ir as ir

KEY = "inrarch.derivatives"
"""Metadata of the model: a JSON list of names of outputs."""
ORDERS = "inrarch.orders"
"""Metadata of the model: a JSON object with the order of derivatives where it is known."""


def record_derivatives(model: ir.Model, names: Iterable[str], orders: Mapping[str, int] | None = None) -> None:
    """Note in the model's metadata that these outputs are derivatives, and the orders (by name) of some of them."""
    model.metadata_props[KEY] = json.dumps(list(names))
    if orders:
        model.metadata_props[ORDERS] = json.dumps(dict(orders))


def derivative_outputs(model: ir.Model) -> frozenset[str]:
    """The outputs noted by `record_derivatives`; none in a graph that `expand` has not written."""
    return frozenset(json.loads(model.metadata_props.get(KEY, "[]")))


def output_orders(model: ir.Model) -> dict[str, int]:
    """The order of every output: 0 for a value, 1 for a derivative of which nothing else is noted."""
    known: dict[str, int] = json.loads(model.metadata_props.get(ORDERS, "{}"))
    derivatives = derivative_outputs(model)
    names = [str(value.name) for value in model.graph.outputs]
    return {name: known.get(name, int(name in derivatives)) for name in names}
