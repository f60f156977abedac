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

PLACES = ((0.0, 1.0), (0.0, 3.0))
"""Means and standard deviations of the points tried."""

OTHER_PLACES = ((0.5, 0.1), *((sign * 10.0**k, 10.0 ** (k - 1)) for k in range(4) for sign in (1, -1)))
"""Tried as well, where the model can be evaluated: Log(x - 20) has no values near 0, and Relu(x - 20) no slope."""

TOLERANCE = 1e-9
"""Changes below this, relative to the largest entry, are rounding."""


def check_rows_are_independent(model: ir.Model, wrt: Sequence[str], place: str | None = None) -> None:
    """Refuse a model in which an output entry depends on more than one row of an input in `wrt`.

    A row is an entry of the axes before the last. Decided numerically in float64: entries that move when one row is
    changed must not move when all other rows are changed. The first, the middle and the last row are tried at random
    points near 0 and at others up to 1000 away. Raises UserError that names the first node that mixes rows.
    """
    generator = np.random.default_rng(0)
    nodes, _ = needed(list(model.graph), model.graph.outputs)
    every = [value.name for node in nodes for value in node.outputs]
    unseen = {value.name for value in model.graph.outputs if value.name in every}
    for at in (*PLACES, *OTHER_PLACES):
        try:
            feeds, base = _first_evaluation(generator, model, *at, every, place)
            mixing = _mixing(generator, model, wrt, feeds, base, place)
        except UserError:
            if at in PLACES:
                raise
            continue  # a table has no entries so far away
        if mixing:
            raise mixing
        unseen -= {name for name in unseen if base[name].size == 0 or np.isfinite(base[name]).any()}
    if unseen:
        raise UserError(
            f"the output {min(unseen)!r} was NaN or infinite at all points tried",
            place=place,
            expected="finite values for coordinates of magnitude 1 to 1000, to see that rows are independent",
            hint="scale the coordinates within the model",
        )


def check_rows_stay(model: ir.Model, wrt: Sequence[str], outputs: Sequence[str], place: str | None = None) -> None:
    """Refuse a model in which a row of an input in `wrt` has a part in another row of an output, as after a flip.

    The adjoint of an input has each derivative in the row of the input; it is wanted in the row of the output. Decided
    as by `check_rows_are_independent`, which must have passed; all have the same axes but the last.
    """
    generator = np.random.default_rng(1)
    feeds, base = _first_evaluation(generator, model, *PLACES[0], outputs, place)
    for name in wrt:
        rows = int(np.prod(feeds[name].shape[:-1]))
        for bit in range((rows - 1).bit_length()):  # two rows differ in a bit of their numbers
            chosen = np.arange(rows) >> bit & 1 == 1
            for feeding, still in zip(_changed(generator, feeds, name, chosen), (~chosen, chosen), strict=True):
                for output, found in evaluate(model, feeding, wanted=outputs).items():
                    before, after = (array.reshape(rows, -1) for array in (base[output], found))
                    if _moved(before, after)[still].any():
                        raise UserError(
                            f"rows of {output!r} depend on other rows of {name!r}",
                            place=place,
                            expected="each row of the outputs to depend on the same row of the coordinates",
                            hint="the Taylor method does not need that",
                        )


def _mixing(
    generator: np.random.Generator,
    model: ir.Model,
    wrt: Sequence[str],
    feeds: dict[str, Array],
    base: dict[str, Array],
    place: str | None,
) -> UserError | None:
    """What is wrong where an output moves with one row as well as with the others; base: values of all nodes."""
    results = [value.name for value in model.graph.outputs]
    for name in wrt:
        rows = int(np.prod(feeds[name].shape[:-1]))
        for row in sorted({0, rows // 2, rows - 1}) if rows > 1 else []:
            chosen = np.arange(rows) == row
            one, others = (
                evaluate(model, changed, wanted=list(base)) for changed in _changed(generator, feeds, name, chosen)
            )
            mixed = [each for each in base if _both_moved(base[each], one[each], others[each])]
            if not set(mixed).isdisjoint(results):
                node = next(node for node in model.graph if node.outputs[0].name == mixed[0])
                return UserError(
                    f"the rows of {name!r} are mixed by {node.op_type}",
                    place=f"{place or 'model'}: node {node.name!r}",
                    expected="outputs whose every row depends on one row of coordinates",
                )
    return None


def _first_evaluation(
    generator: np.random.Generator,
    model: ir.Model,
    mean: float,
    deviation: float,
    every: Sequence[str],
    place: str | None,
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Random feeds of the first size that the model accepts, and all its values there."""
    failures = []
    for rows in ROWS:
        shapes = {v: [size if isinstance(size, int) else rows for size in dims_of(v) or ()] for v in model.graph.inputs}
        feeds = {value.name: sample(generator, value, shape, mean, deviation) for value, shape in shapes.items()}
        try:
            return feeds, evaluate(model, feeds, wanted=every)
        except UserError as error:
            failures.append(error)
    raise UserError(failures[0].found, place=f"{place or 'model'}: {failures[0].place}") from None


def sample(
    generator: np.random.Generator, value: ir.Value, shape: Sequence[int], mean: float = 0.0, deviation: float = 1.0
) -> Array:
    """Something of this shape to feed an input with: normally distributed numbers; ones for integers, truth values."""
    if value.dtype in FLOATS:
        return generator.normal(mean, deviation, size=shape)
    return np.ones(shape, dtype=value.dtype.numpy())


def _changed(
    generator: np.random.Generator, feeds: dict[str, Array], name: str, chosen: Array
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Feeds with other values of the chosen rows, and with other values of all other rows."""
    given = feeds[name]
    rows = given.reshape(-1, given.shape[-1])
    fresh = rows + generator.normal(size=rows.shape)
    one, others = np.where(chosen[:, None], fresh, rows), np.where(chosen[:, None], rows, fresh)
    return {**feeds, name: one.reshape(given.shape)}, {**feeds, name: others.reshape(given.shape)}


def _both_moved(base: Array, one: Array, others: Array) -> bool:
    if base.dtype.kind != "f":
        return bool(np.any((base != one) & (base != others)))
    return bool(np.any(_moved(base, one) & _moved(base, others)))


def _moved(base: Array, other: Array) -> Array:
    with np.errstate(invalid="ignore"):
        limit = TOLERANCE * max(1.0, float(np.max(np.abs(base), initial=0.0, where=np.isfinite(base))))
        return np.asarray(np.abs(other - base) > limit)
