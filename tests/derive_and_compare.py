"""The comparison that tests of Taylor rules share: derivatives of a model against power series along a direction."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx_ir as ir

from inrarch.derivatives.api import derive_graph
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.series import directional, evaluate_series

ROWS = 3


def derive_unoptimized(model: onnx.ModelProto | ir.Model, order: int | None, **options: Any) -> ir.Model:
    loaded = model if isinstance(model, ir.Model) else load_model(model)
    options = {"optimize": False, "method": "taylor", "max_coefficients": 1000, **options}
    return derive_graph(loaded, order=order, **options)


def check_against_series(
    model: onnx.ModelProto,
    order: int,
    *,
    wrt: tuple[str, ...] = ("x",),
    tolerance: float = 1e-10,
    seed: int = 0,
    **options: Any,
) -> dict[str, Any]:
    """All derivatives up to `order` of a float64 model, at random points, along a random direction of its coordinates.

    Returns the values of the outputs.
    """
    generator = np.random.default_rng(seed)
    loaded = load_model(model)
    graph = derive_unoptimized(loaded, order, wrt=list(wrt), **options)
    feeds = {
        value.name: generator.uniform(-1, 1, [size if isinstance(size, int) else ROWS for size in value.shape])
        for value in loaded.graph.inputs
    }
    values = evaluate(graph, feeds)
    direction, series = [], {}
    for name, array in feeds.items():
        series[name] = np.zeros((order + 1, *array.shape))
        series[name][0] = array
        if name in wrt:
            along = generator.uniform(-1, 1, array.shape[-1])
            series[name][1] = along
            direction.append((wrt.index(name), along))
    along = np.concatenate([each for _, each in sorted(direction, key=lambda pair: pair[0])])
    for name, expected in evaluate_series(loaded, series, order).items():
        found = directional(values, name, along, order)
        assert found.shape == expected.shape
        for k in range(order + 1):
            scale = max(1.0, float(np.abs(expected[k]).max()))
            error = float(np.abs(found[k] - expected[k]).max())
            assert error <= tolerance * scale, f"{name}, order {k}: {error / scale:.3g}"
    return values
