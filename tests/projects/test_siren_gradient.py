"""The loss of a SIREN: its gradient by the weights is that of the sum over rows."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.api import derive_graph
from inrarch.graph.cast import with_floats
from inrarch.graph.evaluate import evaluate
from tests.projects.example import Array, model

PARAMETERS = tuple(f"net.{layer}.{kind}" for layer in ("first", "second", "last") for kind in ("weight", "bias"))


def rows() -> dict[str, Array]:
    generator = np.random.default_rng(0)
    xy = generator.uniform(-1, 1, (200, 2))
    return {"xy": xy, "target": np.linalg.norm(xy - [0.4, 0.35], axis=1, keepdims=True) - 0.3}


def total(network: ir.Model, moved: str = "", by: Array | None = None) -> float:
    """Sum of the loss over rows, with a parameter moved."""
    network = network.clone()
    if moved:
        value = network.graph.initializers[moved]
        value.const_value = ir.Tensor(value.const_value.numpy() + by, name=moved)
    return float(evaluate(network, rows())["loss"].sum())


def test_its_gradient_by_all_parameters_agrees_with_differences() -> None:
    network = with_floats(model("siren_gradient"), ir.DataType.DOUBLE)
    found = evaluate(derive_graph(network, parameters=PARAMETERS), rows())
    assert list(found) == ["loss", *(f"loss_d:{name}" for name in PARAMETERS)]
    generator, step = np.random.default_rng(1), 1e-5
    for name in PARAMETERS:
        gradient = found[f"loss_d:{name}"]
        way = generator.normal(size=gradient.shape)
        slope = (total(network, name, step * way) - total(network, name, -step * way)) / (2 * step)
        np.testing.assert_allclose((gradient * way).sum(), slope, rtol=1e-6)


def test_a_step_against_the_gradient_lowers_the_loss() -> None:
    """It was trained half-way only: there is something left to gain."""
    network = with_floats(model("siren_gradient"), ir.DataType.DOUBLE)
    found = evaluate(derive_graph(network, parameters=PARAMETERS), rows())
    for name in PARAMETERS:
        gradient = found[f"loss_d:{name}"]
        step = -1e-5 * gradient
        gained = total(network) - total(network, name, step)
        assert gained > 0.5 * 1e-5 * float((gradient**2).sum())
