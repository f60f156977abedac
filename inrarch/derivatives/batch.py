"""A fixed batch made free: exports often fix it to 1 or 4, and every evaluation would run that few rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.rows import sample
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.shapes import Dims, dims_of, to_shape

Array = np.ndarray[Any, np.dtype[Any]]

SYMBOL = "batch"
COUNTS = (2, 3, 5)
"""Numbers of rows to try; the model's own is left out."""
TOLERANCE = 1e-9
"""Differences below this, relative to the largest entry, are rounding: a matrix product may sum in another order."""


def free_batch(model: ir.Model, wrt: Sequence[str]) -> ir.Model:
    """The same model for any number of rows, where it demonstrably is one; otherwise the given model, not a copy.

    model: its rows are independent, and all sizes of its inputs are fixed. wrt: inputs by name; all have the same axis
    0. Other inputs whose axis 0 has the same size are freed with them.

    1. Axis 0 of these inputs gets a symbolic size, and the model is evaluated in float64 for two other numbers of rows.
    2. Each row of each output must be the one that the given model computes.
    3. Sizes of all values follow from the two evaluations: equal in both, the number of rows, or unknown.

    A model that cannot be evaluated so (it reshapes to a literal batch), whose rows differ, or whose outputs have no
    finite entry keeps its batch.
    """
    batch, freed = _fixed_inputs(model, wrt)
    if not freed:
        return model
    candidate = _with_symbol(model, freed)
    results = [value.name for value in model.graph.outputs]
    every = [value.name for node in model.graph for value in node.outputs]
    shapes: list[dict[str, tuple[int, ...]]] = []
    counts = [count for count in COUNTS if count != batch][:2]
    for count in counts:
        feeds = _random_feeds(model, freed, count)
        try:
            values = evaluate(candidate, feeds, wanted=[*every, *results])
            expected = _in_batches(model, freed, feeds, batch, count, results)
        except UserError:
            return model
        if not all(_same(values[name], expected[name], count) for name in results):
            return model
        shapes.append({name: array.shape for name, array in values.items()})
    for node in candidate.graph:
        for value in node.outputs:
            value.shape = to_shape(_sizes(shapes[0][value.name], shapes[1][value.name], counts))
    return candidate


def _fixed_inputs(model: ir.Model, wrt: Sequence[str]) -> tuple[int, list[str]]:
    """The fixed batch of `wrt` and the names of all inputs that have it; no names where there is none to free."""
    shapes = {value.name: dims_of(value) or () for value in model.graph.inputs}
    first = {name: dims[0] for name, dims in shapes.items() if len(dims) > 1}
    sizes = {first.get(name) for name in wrt}
    batch = sizes.pop()
    known = all(isinstance(size, int) for dims in shapes.values() for size in dims)
    if sizes or not isinstance(batch, int) or not known:
        return 0, []
    return batch, [name for name, size in first.items() if size == batch]


def _with_symbol(model: ir.Model, freed: Sequence[str]) -> ir.Model:
    candidate = model.clone()
    for value in candidate.graph.inputs:
        if value.name in freed:
            value.shape = to_shape((SYMBOL, *(dims_of(value) or ())[1:]))
    return candidate


def _random_feeds(model: ir.Model, freed: Sequence[str], count: int) -> dict[str, Array]:
    generator = np.random.default_rng(count)
    feeds: dict[str, Array] = {}
    for value in model.graph.inputs:
        shape = [size for size in dims_of(value) or () if isinstance(size, int)]
        if value.name in freed:
            shape[0] = count
        feeds[value.name] = sample(generator, value, shape)
    return feeds


def _in_batches(
    model: ir.Model, freed: Sequence[str], feeds: dict[str, Array], batch: int, count: int, results: Sequence[str]
) -> dict[str, Array]:
    """The outputs of the given model for `count` rows, `batch` at a time; the last batch is filled with rows again."""
    pieces: dict[str, list[Array]] = {name: [] for name in results}
    for start in range(0, count, batch):
        rows = (start + np.arange(batch)) % count
        part = {name: array[rows] if name in freed else array for name, array in feeds.items()}
        for name, array in evaluate(model, part).items():
            if array.shape[:1] != (batch,):
                raise UserError("an output does not have the rows of the inputs", place=f"output {name!r}")
            pieces[name].append(array)
    return {name: np.concatenate(arrays)[:count] for name, arrays in pieces.items()}


def _same(found: Array, expected: Array, count: int) -> bool:
    if found.shape != expected.shape or len(found) != count:
        return False
    finite = np.abs(expected[np.isfinite(expected)])
    if expected.size and not finite.size:
        return False
    limit = TOLERANCE * max(1.0, float(finite.max(initial=0.0)))
    return bool(np.allclose(found, expected, rtol=0, atol=limit, equal_nan=True))


def _sizes(first: tuple[int, ...], second: tuple[int, ...], counts: Sequence[int]) -> Dims | None:
    """Sizes of a value that has these shapes for these numbers of rows."""
    if len(first) != len(second):
        return None
    return tuple(
        a if a == b else SYMBOL if [a, b] == list(counts) else None for a, b in zip(first, second, strict=True)
    )
