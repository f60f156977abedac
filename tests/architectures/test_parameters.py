"""Published neural fields by their inputs and weights: reverse sweeps against PyTorch, and second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_ir as ir
import pytest

from inrarch.derivatives.products import directional, vector_jacobian_product
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from tests.architectures.architecture import Architecture, all_architectures  # noqa: E402
from tests.architectures.export import export  # noqa: E402

ROWS = 4
TOLERANCE = 1e-9
ROUNDED = {"IDR": 1e-7, "MLP, CELU": 1e-7, "MLP, SELU": 1e-7}
"""Constants of these are float32 in the exported model: by ONNX's definition of the operator, or by the exporter."""

ARCHITECTURES = {architecture.name: architecture for architecture in all_architectures()}


def vectors_of(architecture: Architecture, given: dict[str, Any]) -> dict[str, Any]:
    """A random vector for each output."""
    generator = np.random.default_rng(1)
    results = run(architecture, architecture.module(torch.float64), given)
    return {name: generator.normal(size=each.shape) for name, each in results.items()}


def run(architecture: Architecture, module: Any, given: dict[str, Any]) -> dict[str, Any]:
    result = module(*given.values())
    return dict(zip(architecture.outputs, result if isinstance(result, tuple) else (result,), strict=True))


def shared_weights(module: Any, model: ir.Model) -> dict[str, list[Any]]:
    """The module's parameters by initializer of the exported model: the exporter stores equal ones once."""
    stored = {key: value.const_value.numpy() for key, value in model.graph.initializers.items()}
    parameters = dict(module.named_parameters())
    return {
        key: [other for other in parameters.values() if torch.equal(other, value)]
        for key, value in parameters.items()
        if key in stored and np.array_equal(stored[key], value.detach().numpy())
    }


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_products_by_inputs_and_weights_agree_with_torch(name: str) -> None:
    """vᵀ J, and its derivative along a direction of all of them together (vᵀ H u: reverse, then Taylor)."""
    architecture = ARCHITECTURES[name]
    model = load_model(export(architecture, "torchscript", torch.float64, folded=False))
    module = architecture.module(torch.float64)
    given = {key: value.float().double() for key, value in architecture.points(ROWS).items()}
    vectors = vectors_of(architecture, given)
    leaves = {key: value.clone().requires_grad_() for key, value in given.items()}
    groups = {key: [value] for key, value in leaves.items()} | shared_weights(module, model)
    generator = np.random.default_rng(2)
    along = {key: generator.normal(size=tuple(group[0].shape)) for key, group in groups.items()}
    operands = [value for group in groups.values() for value in group]
    directions = [torch.tensor(along[key]) for key, group in groups.items() for _ in group]

    results = run(architecture, module, leaves)
    total = sum((torch.tensor(vectors[key]) * value).sum() for key, value in results.items())
    first = torch.autograd.grad(total, operands, create_graph=True, materialize_grads=True)
    slope = sum((direction * each).sum() for direction, each in zip(directions, first, strict=True))
    second = torch.autograd.grad(slope, operands, materialize_grads=True)

    back = vector_jacobian_product(model, list(architecture.outputs), list(groups))
    products = [f"vjp:{key}" for key in groups]
    graph = directional(back, products, products, list(groups), 1)
    feeds = {key: value.numpy() for key, value in given.items()}
    feeds |= {f"v:{key}": array for key, array in (vectors | along).items()}
    found = evaluate(graph, feeds)
    for suffix, parts in (("", iter(first)), ("_dv", iter(second))):
        expected = {key: sum(next(parts) for _ in group).detach().numpy() for key, group in groups.items()}
        largest = max(float(np.abs(array).max()) for array in expected.values())
        for key, array in expected.items():
            product = found[f"vjp:{key}{suffix}"]
            assert product.shape == array.shape
            error = float(np.abs(product - array).max())
            assert error <= ROUNDED.get(name, TOLERANCE) * largest, f"{key}{suffix}: {error / largest:.2g}"
