"""Small graphs in ONNX's text form, what a pass makes of them, and whether they still compute the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx.parser
import onnx_ir as ir

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.shapes import dims_of

HEADER = '<ir_version: 8, opset_import: ["": 18]> '


def graph(text: str) -> ir.Model:
    """`g (double[N,3] x) => (double[N,3] y) <double c = {2}> { y = Mul(x, c) }` as a loaded model."""
    return load_model(onnx.parser.parse_model(HEADER + text))


def rewritten(run: Callable[[ir.Model], int], text: str, tolerance: float = 1e-12) -> list[str]:
    """The nodes after one run of a pass, having checked the results and that the count of changes is honest."""
    model, before = graph(text), graph(text)
    changes = run(model)
    assert (changes == 0) == (lines(model) == lines(before) and set(constants(model)) == set(constants(before)))
    assert_same_results(before, model, tolerance)
    return lines(model)


def assert_same_results(before: ir.Model, after: ir.Model, tolerance: float) -> None:
    feeds = random_feeds(before)
    expected, found = evaluate(before, feeds), evaluate(after, feeds)
    assert list(expected) == list(found)
    for name, array in expected.items():
        assert found[name].shape == array.shape
        np.testing.assert_allclose(found[name], array, rtol=tolerance, atol=tolerance * np.abs(array).max(initial=1.0))
    for old, new in zip(before.graph.outputs, after.graph.outputs, strict=True):
        assert dims_of(old) == dims_of(new)
        assert old.dtype == new.dtype


def random_feeds(model: ir.Model, rows: int = 4) -> dict[str, Any]:
    """Positive and negative numbers of size about one; unknown sizes are `rows`."""
    generator = np.random.default_rng(0)
    inputs = model.graph.inputs
    shapes = {value.name: [dim if isinstance(dim, int) else rows for dim in value.shape] for value in inputs}
    floats = {
        name: generator.uniform(0.5, 2, shape) * generator.choice([-1, 1], shape) for name, shape in shapes.items()
    }
    integers = {value.name for value in inputs if value.dtype.is_integer()}
    return {name: array.astype(np.int64) if name in integers else array for name, array in floats.items()}


def lines(model: ir.Model) -> list[str]:
    """`y = Mul(x, 2)`: one line per node, with constants as numbers."""
    return [f"{node.outputs[0].name} = {node.op_type}({', '.join(map(_shown, node.inputs))})" for node in model.graph]


def operators(model: ir.Model) -> list[str]:
    return [node.op_type for node in model.graph]


def constants(model: ir.Model) -> Mapping[str, ir.Value]:
    return dict(model.graph.initializers)


def _shown(value: ir.Value | None) -> str:
    if value is None:
        return ""
    if not value.is_initializer():
        return str(value.name)
    array = value.const_value.numpy()
    return f"{array.item():g}" if array.ndim == 0 else str(array.tolist()).replace(".0", "")
