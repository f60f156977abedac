"""Whether the rows of a batch are independent: otherwise expanding all rows at once would add up their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.cast import FLOATS
from inrarch.graph.evaluate import evaluate
from inrarch.graph.needed import needed
from inrarch.graph.shapes import dims_of

Array = np.ndarray[Any, np.dtype[Any]]

ROWS = (3, 4, 2, 1)
"""Sizes tried for axes of unknown size: some models accept only even numbers, or just one."""

TOLERANCE = 1e-9
"""Changes below this, relative to the largest entry, are rounding."""


def check_rows_are_independent(model: ir.Model, wrt: Sequence[str], place: str | None = None) -> None:
    """Refuse a model in which an output entry depends on more than one row of an input in `wrt`.

    A row is an entry of the axes before the last. Decided numerically in float64: entries that move when one row is
    changed must not move when all other rows are changed. The first, the middle and the last row are tried at two
    random points each. Raises UserError that names the first node that mixes rows.
    """
    generator = np.random.default_rng(0)
    results = [value.name for value in model.graph.outputs]
    nodes, _ = needed(list(model.graph), model.graph.outputs)
    every = [value.name for node in nodes for value in node.outputs]
    for trial in range(2):
        feeds, base = _first_evaluation(generator, model, 1.0 + 2.0 * trial, every, place)
        for name in wrt:
            rows = int(np.prod(feeds[name].shape[:-1]))
            for row in sorted({0, rows // 2, rows - 1}) if rows > 1 else []:
                one, others = (
                    evaluate(model, changed, wanted=every) for changed in _changed(generator, feeds, name, row)
                )
                mixed = [each for each in every if _both_moved(base[each], one[each], others[each])]
                if not set(mixed).isdisjoint(results):
                    node = next(node for node in nodes if node.outputs[0].name == mixed[0])
                    raise UserError(
                        f"the rows of {name!r} are mixed by {node.op_type}",
                        place=f"{place or 'model'}: node {node.name!r}",
                        expected="outputs whose every row depends on one row of coordinates",
                    )


def _first_evaluation(
    generator: np.random.Generator, model: ir.Model, scale: float, every: Sequence[str], place: str | None
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Random feeds of the first size that the model accepts, and all its values there."""
    failures = []
    for rows in ROWS:
        feeds = {value.name: _sample(generator, value, rows, scale) for value in model.graph.inputs}
        try:
            return feeds, evaluate(model, feeds, wanted=every)
        except UserError as error:
            failures.append(error)
    raise UserError(failures[0].found, place=f"{place or 'model'}: {failures[0].place}") from None


def _sample(generator: np.random.Generator, value: ir.Value, rows: int, scale: float) -> Array:
    shape = [size if isinstance(size, int) else rows for size in dims_of(value) or ()]
    if value.dtype in FLOATS:
        return generator.normal(size=shape) * scale
    return np.ones(shape, dtype=value.dtype.numpy())


def _changed(
    generator: np.random.Generator, feeds: dict[str, Array], name: str, row: int
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Feeds with another value of one row, and with other values of all other rows."""
    given = feeds[name]
    rows = given.reshape(-1, given.shape[-1])
    fresh = rows + generator.normal(size=rows.shape)
    chosen = (np.arange(len(rows)) == row)[:, None]
    one, others = np.where(chosen, fresh, rows), np.where(chosen, rows, fresh)
    return {**feeds, name: one.reshape(given.shape)}, {**feeds, name: others.reshape(given.shape)}


def _both_moved(base: Array, one: Array, others: Array) -> bool:
    if base.dtype.kind != "f":
        return bool(np.any((base != one) & (base != others)))
    with np.errstate(invalid="ignore"):
        limit = TOLERANCE * max(1.0, float(np.max(np.abs(base), initial=0.0, where=np.isfinite(base))))
        return bool(np.any((np.abs(one - base) > limit) & (np.abs(others - base) > limit)))
