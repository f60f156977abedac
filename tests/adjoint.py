"""What tests of reverse rules and sweeps share: <v, J u> = <Jᵀ v, u> for random u and v, and one order higher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir

from inrarch.derivatives.lower import lower
from inrarch.derivatives.parameters import parameters_as_inputs
from inrarch.derivatives.products import directional, jacobian_vector_product, vector_jacobian_product
from inrarch.graph.cast import FLOATS
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.needed import needed
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import dims_of
from tests.series import evaluate_series

Array = np.ndarray[Any, Any]
ROWS = 3


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


def check_adjoint(
    model: onnx.ModelProto, *, constants: Sequence[str] = (), tolerance: float = 1e-10, rows: int = ROWS
) -> ir.Model:
    """<v, J u> = <Jᵀ v, u> for a float64 model by all its float inputs and initializers together, but for `constants`.

    J u comes from power series, which share nothing with reverse rules. Returns the graph of the products alone.
    """
    generator = np.random.default_rng(3)
    loaded = load_model(model)
    feeds = {
        value.name: generator.uniform(-1, 1, [size if isinstance(size, int) else rows for size in dims_of(value) or ()])
        for value in loaded.graph.inputs
        if value.dtype in FLOATS
    }
    used = lower(loaded).graph.initializers
    weights = {name: each for name, each in weights_of(loaded).items() if name in used and name not in constants}
    along = random_like(generator, feeds | weights)
    forward = evaluate_series(
        loaded, {name: np.stack([array, along[name]]) for name, array in (feeds | weights).items()}, 1
    )
    vectors = {name: generator.normal(size=each[1].shape) for name, each in forward.items()}
    graph = vector_jacobian_product(loaded, list(vectors), list(along))
    graph = _with_outputs(graph, [f"vjp:{name}" for name in along])
    to_proto(graph)
    found = evaluate(graph, feeds | {f"v:{name}": array for name, array in vectors.items()})
    backward = {name: found[f"vjp:{name}"] for name in along}
    judged, judged_scale = inner({name: each[1] for name, each in forward.items()}, vectors)
    value, scale = inner(backward, along)
    assert all(backward[name].shape == np.shape(array) for name, array in along.items())
    assert judged != 0
    assert abs(value - judged) <= tolerance * max(scale, judged_scale)
    return graph


def _with_outputs(model: ir.Model, names: Sequence[str]) -> ir.Model:
    """The model with these of its outputs, and only what they need."""
    result = model.clone()
    graph = result.graph
    by_name = {value.name: value for value in graph.outputs}
    graph.outputs[:] = [by_name[name] for name in names]
    kept, used = needed(list(graph), graph.outputs)
    graph.remove(set(graph) - set(kept), safe=True)
    for name in [name for name, value in graph.initializers.items() if value not in used]:
        del graph.initializers[name]
    return result


def check_by_series(model: ir.Model, feeds: Mapping[str, Array], *, tolerance: float = 1e-10, seed: int = 0) -> None:
    """First and second order against power series of the model along u.

    <v, y₁> = <Jᵀ v, u> and 2 <v, y₂> = <(∂/∂u) Jᵀ v, u>, where y_k is the k-th coefficient of y along u. The second
    is inrarch's Taylor expansion through the graph of the reverse sweep.

    tolerance: relative to the largest terms of the orders up to k, as an order may cancel to its rounding
    (x² - (x² - x) - x).
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
    largest = 1e-300
    for k, prefix, suffix in ((1, "vjp:", ""), (2, "vjp:", "_dv")):
        backward = {name: found[f"{prefix}{name}{suffix}"] for name in names}
        assert all(backward[name].shape == np.shape(feeds[name]) for name in names)
        judged, judged_scale = inner({name: k * each[k] for name, each in coefficients.items()}, vectors)
        value, scale = inner(backward, along)
        largest = max(largest, scale, judged_scale)
        assert abs(value - judged) <= tolerance * largest, f"order {k}"


def check_products_agree(
    model: ir.Model,
    feeds: Mapping[str, Array],
    outputs: Sequence[str],
    *,
    tolerance: float = 1e-10,
    smallest: float = 1e-300,
    seed: int = 0,
) -> bool:
    """<v, J u> = <Jᵀ v, u>: the reverse sweep against inrarch's own Taylor expansion; whether J u was not just 0.

    tolerance: relative to the terms of the products, or to `smallest` where they all but cancel before.
    """
    generator = np.random.default_rng(seed)
    names = [name for name, array in feeds.items() if np.asarray(array).dtype.kind == "f"]
    along = random_like(generator, {name: feeds[name] for name in names})
    graph = jacobian_vector_product(model, list(outputs), names)
    found = evaluate(graph, {**feeds, **{f"v:{name}": array for name, array in along.items()}})
    forward = {name: found[f"{name}_dv"] for name in outputs}
    vectors = random_like(generator, forward)
    swept = vector_jacobian_product(model, list(outputs), names)
    found = evaluate(swept, {**feeds, **{f"v:{name}": array for name, array in vectors.items()}})
    backward = {name: found[f"vjp:{name}"] for name in names}
    assert all(backward[name].shape == np.shape(feeds[name]) for name in names)
    judged, judged_scale = inner(forward, vectors)
    value, scale = inner(backward, along)
    assert abs(value - judged) <= tolerance * max(scale, judged_scale, smallest)
    return judged_scale > 0
