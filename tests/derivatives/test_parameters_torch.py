"""Gradients and Hessian-vector products by parameters against torch's autograd in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inrarch.derivatives.coordinates import gradient_by_reverse
from inrarch.derivatives.parameters import hessian_vector_product
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import siren

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch")


def apply_siren(parameters: dict[str, Any], x: Any) -> Any:
    layers = sum(name.endswith("weight") for name in parameters)
    for layer in range(layers):
        x = x @ parameters[f"net.{layer}.weight"].T + parameters[f"net.{layer}.bias"]
        x = torch.sin(parameters["w0"] * x) if layer < layers - 1 else x
    return x


def test_gradients_and_hessian_vector_products_of_a_siren() -> None:
    model = load_model(siren((2, 32, 32, 1), dtype=np.float64))
    generator = np.random.default_rng(0)
    arrays = {name: value.const_value.numpy() for name, value in model.graph.initializers.items()}
    names = [name for name in arrays if name != "net.2.bias"]
    x = generator.uniform(-1, 1, (6, 2))
    vectors = {name: generator.normal(size=arrays[name].shape) for name in names}
    feeds = {"x": x, **{f"v:{name}": array for name, array in vectors.items()}}
    found = evaluate(hessian_vector_product(model, ["y"], names), feeds)
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    total = apply_siren(tensors, torch.tensor(x)).sum()
    first = torch.autograd.grad(total, [tensors[name] for name in names], create_graph=True)
    along = sum((slope * torch.tensor(vectors[name])).sum() for name, slope in zip(names, first, strict=True))
    second = torch.autograd.grad(along, [tensors[name] for name in names])
    for name, slope, product in zip(names, first, second, strict=True):
        for key, expected in ((f"y_d:{name}", slope.detach().numpy()), (f"y_dv:{name}", product.numpy())):
            assert found[key].shape == expected.shape
            assert np.abs(found[key] - expected).max() <= 1e-10 * np.abs(expected).max()


def test_first_derivatives_by_coordinates() -> None:
    model = load_model(siren((3, 32, 32, 2), dtype=np.float64))
    x = np.random.default_rng(0).uniform(-1, 1, (6, 3))
    found = evaluate(gradient_by_reverse(model, ["y"], ["x"]), {"x": x})
    tensors = {name: torch.tensor(value.const_value.numpy()) for name, value in model.graph.initializers.items()}
    point = torch.tensor(x, requires_grad=True)
    y = apply_siren(tensors, point)
    for column in range(2):
        (slope,) = torch.autograd.grad(y[:, column].sum(), point, retain_graph=True)
        for coordinate in range(3):
            expected = slope[:, coordinate].numpy()
            assert np.abs(found[f"y_d{coordinate}"][:, column] - expected).max() <= 1e-10 * np.abs(expected).max()
