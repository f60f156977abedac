"""Range: its entries depend on where it starts and on the step."""

from __future__ import annotations

import numpy as np

import inrarch
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.runtime import run
from tests.models import build_model, node


def test_derivatives_by_the_bounds() -> None:
    """Of x (r₀² + r₁² + r₂²) with r = start, start + step, start + 2 step."""
    nodes = [
        node("Range", ["start", "limit", "step"], "r"),
        node("ReduceSumSquare", ["r"], "sum", keepdims=0),
        node("Mul", ["x", "sum"], "y"),
    ]
    bounds = {name: np.array(number) for name, number in {"start": 0.5, "limit": 3.0, "step": 1.0}.items()}
    model = build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, bounds)
    r, k = np.array([0.5, 1.5, 2.5]), np.arange(3)
    feeds = {"x": np.array([[2.0], [-1.0]])}
    names = ["start", "limit", "step"]
    graph = load_model(inrarch.derive(model, parameters=names, by="hessian"))
    for found in (evaluate(graph, feeds), run(graph, feeds)):
        expected = {"start": 2 * r.sum(), "limit": 0.0, "step": 2 * (k * r).sum()}
        for name in names:
            np.testing.assert_allclose(found[f"y_d:{name}"], expected[name], rtol=1e-6)
        np.testing.assert_allclose(found["y_d:start:step"], 2 * k.sum(), rtol=1e-6)
        np.testing.assert_allclose(found["y_d:step:step"], 2 * (k**2).sum(), rtol=1e-6)
