"""Rows at a kink: where fixed point takes another branch of a piecewise function than float64.

At the kink of a Relu the value is continuous, but a derivative jumps. A pre-activation of 1e-7 that rounds to 0 changes
the value by 1e-7 and the derivative by a whole weight: no number format is fine enough, so an error of a derivative
says something on the other rows only. A row is at a kink iff a comparison (Greater, the condition of a Relu) gives
another result for it in integers than in float64.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.graph.evaluate import evaluate
from inrarch.numeric.bittrue import simulate
from inrarch.numeric.formats import Formats
from inrarch.numeric.samples import Real, chunks
from inrarch.numeric.view import name_of

Bools = npt.NDArray[np.bool_]


def compared_values(model: ir.Model) -> tuple[str, ...]:
    """Names of the values whose sign decides: results of Greater (1 or 0) and operands of Relu, once each."""
    found = {name_of(node.outputs[0]): None for node in model.graph if node.op_type == "Greater"}
    found |= {name_of(node.inputs[0]): None for node in model.graph if node.op_type == "Relu"}
    return tuple(found)


def differing_rows(
    names: tuple[str, ...],
    rows: tuple[int, ...],
    exact: Mapping[str, npt.NDArray[Any]],
    integers: Mapping[str, npt.NDArray[Any]],
) -> Bools:
    """Rows for which one of the values `names` is positive in `exact` (float64) or `integers`, but not in both.

    rows: all axes of an input but the last. Returns bool [product of rows].
    """
    found = np.zeros(rows, dtype=np.bool_)
    for name in names:
        differs = (exact[name] > 0) != (integers[name] > 0)
        found |= _by_row(differs, rows)
    return found.reshape(-1)


def rows_at_kinks(model: ir.Model, formats: Formats, feeds: Mapping[str, Real]) -> npt.NDArray[np.int64]:
    """Numbers of the rows at a kink, in rising order; rows are counted through over all axes of an input but the last.

    feeds: by input, not rounded. Costs nothing for a model without a comparison.
    """
    names = compared_values(model)
    if not names:
        return np.zeros(0, dtype=np.int64)
    pieces = []
    for part in chunks(model, feeds):
        rows = next(iter(part.values())).shape[:-1]
        exact = evaluate(model, part, wanted=names)
        pieces.append(differing_rows(names, rows, exact, simulate(model, formats, part, wanted=names).values))
    return np.flatnonzero(np.concatenate(pieces))


def _by_row(differs: Bools, rows: tuple[int, ...]) -> Bools:
    """Whether any feature differs, per row; per entry of the batch where the value has other axes than the input."""
    if differs.shape[:-1] == rows:
        return np.asarray(differs.any(axis=-1))
    if differs.shape[:1] == rows[:1]:
        whole = differs.reshape(rows[0], -1).any(axis=1)
        return np.broadcast_to(whole.reshape(-1, *[1] * (len(rows) - 1)), rows)
    return np.broadcast_to(differs.any(), rows)
