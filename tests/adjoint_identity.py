"""What tests of reverse sweeps share: <v, J u> = <Jᵀ v, u> for random u and v, and the same one order higher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.parameters import parameters_as_inputs
from inrarch.derivatives.products import directional, vector_jacobian_product
from inrarch.graph.evaluate import evaluate
from tests.series import evaluate_series

Array = np.ndarray[Any, Any]
FLOATS = (ir.DataType.FLOAT, ir.DataType.DOUBLE)


def with_free_weights(model: ir.Model) -> ir.Model:
    """The model with all its floating-point initializers as inputs."""
    return parameters_as_inputs(
        model, [value.name for value in model.graph.initializers.values() if value.dtype in FLOATS]
    )


def weights_of(model: ir.Model) -> dict[str, Array]:
    """Arrays of all floating-point initializers, in float64."""
    values = model.graph.initializers.values()
    return {value.name: value.const_value.numpy().astype(float) for value in values if value.dtype in FLOATS}


def random_like(generator: np.random.Generator, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: generator.normal(size=np.shape(array)) for name, array in arrays.items()}


def inner(a: Mapping[str, Array], b: Mapping[str, Array]) -> tuple[float, float]:
    """Σ a b over all arrays, and the sum of the absolute terms: the size against which rounding is judged."""
    terms = [np.ravel(a[name] * b[name]) for name in b]
    return float(sum(each.sum() for each in terms)), float(sum(np.abs(each).sum() for each in terms))


def products_back(model: ir.Model, feeds: Mapping[str, Array], vectors: Mapping[str, Array]) -> dict[str, Array]:
    """Jᵀ v for all floating-point feeds, by inrarch's reverse sweep; the vectors are by output."""
    names = [name for name, array in feeds.items() if np.asarray(array).dtype.kind == "f"]
    graph = vector_jacobian_product(model, list(vectors), names)
    found = evaluate(graph, {**feeds, **{f"v:{name}": array for name, array in vectors.items()}})
    return {name: found[f"vjp:{name}"] for name in names}


def check_by_series(model: ir.Model, feeds: Mapping[str, Array], *, tolerance: float = 1e-10, seed: int = 0) -> None:
    """First and second order against power series of the model along u.

    <v, y₁> = <Jᵀ v, u> and 2 <v, y₂> = <(∂/∂u) Jᵀ v, u>, where y_k is the k-th coefficient of y along u. The second
    is inrarch's Taylor expansion through the graph of the reverse sweep.
    """
    generator = np.random.default_rng(seed)
    along = random_like(generator, feeds)
    series = {name: np.stack([array, along[name], np.zeros(np.shape(array))]) for name, array in feeds.items()}
    coefficients = evaluate_series(model, series, 2)
    vectors = {name: generator.normal(size=each[0].shape) for name, each in coefficients.items()}
    names = list(feeds)
    first = vector_jacobian_product(model, list(vectors), names)
    second = directional(first, [f"vjp:{name}" for name in names], [f"vjp:{name}" for name in names], names, 1)
    given = {**feeds, **{f"v:{name}": array for name, array in vectors.items()}}
    found = evaluate(second, {**given, **{f"v:{name}": array for name, array in along.items()}})
    for k, prefix, suffix in ((1, "vjp:", ""), (2, "vjp:", "_dv")):
        backward = {name: found[f"{prefix}{name}{suffix}"] for name in names}
        assert all(backward[name].shape == np.shape(feeds[name]) for name in names)
        judged, judged_scale = inner({name: k * each[k] for name, each in coefficients.items()}, vectors)
        value, scale = inner(backward, along)
        assert abs(value - judged) <= tolerance * max(scale, judged_scale, 1e-300), f"order {k}"


def check_products_agree(
    model: ir.Model, feeds: Mapping[str, Array], outputs: Sequence[str], *, tolerance: float = 1e-10, seed: int = 0
) -> bool:
    """<v, J u> = <Jᵀ v, u>: the reverse sweep against inrarch's own Taylor expansion; whether J u was not just 0."""
    from inrarch.derivatives.products import jacobian_vector_product

    generator = np.random.default_rng(seed)
    names = [name for name, array in feeds.items() if np.asarray(array).dtype.kind == "f"]
    along = random_like(generator, {name: feeds[name] for name in names})
    graph = jacobian_vector_product(model, list(outputs), names)
    found = evaluate(graph, {**feeds, **{f"v:{name}": array for name, array in along.items()}})
    forward = {name: found[f"{name}_dv"] for name in outputs}
    vectors = random_like(generator, forward)
    backward = products_back(model, feeds, vectors)
    assert all(backward[name].shape == np.shape(feeds[name]) for name in names)
    judged, judged_scale = inner(forward, vectors)
    value, scale = inner(backward, along)
    assert abs(value - judged) <= tolerance * max(scale, judged_scale, 1e-300)
    return judged_scale > 0
