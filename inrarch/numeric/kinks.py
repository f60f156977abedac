"""Rows at a kink: where fixed point takes another branch of a piecewise function than float64.

At the kink of a Relu the value is continuous, but a derivative jumps. A pre-activation of 1e-7 that rounds to 0 changes
the value by 1e-7 and the derivative by a whole weight: no number format is fine enough, so an error of a derivative
says something on the other rows only. A row is at a kink iff a comparison (Greater, Equal, the condition of a Relu) or
a whole number (Floor, Round) is another one for it in integers than in float64.
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


def compared_values(model: ir.Model) -> dict[str, bool]:
    """Names of the values that decide: operands of Relu by their sign, results of comparisons (1 or 0) by their sign as
    well, those of Floor and Round by their value (True)."""
    found = {name_of(node.outputs[0]): False for node in model.graph if node.op_type in ("Greater", "Equal")}
    found |= {name_of(node.inputs[0]): False for node in model.graph if node.op_type == "Relu"}
    return found | {name_of(node.outputs[0]): True for node in model.graph if node.op_type in ("Floor", "Round")}


def differing_rows(
    compared: Mapping[str, bool],
    rows: tuple[int, ...],
    exact: Mapping[str, npt.NDArray[Any]],
    integers: Mapping[str, npt.NDArray[Any]],
) -> Bools:
    """Rows for which one of the `compared` values is positive in `exact` (float64) or `integers`, but not in both, or
    (True) is not equal in both; integers are at binary point 0 there.

    rows: all axes of an input but the last. Returns bool [product of rows].
    """
    found = np.zeros(rows, dtype=np.bool_)
    for name, whole in compared.items():
        differs = exact[name] != integers[name] if whole else (exact[name] > 0) != (integers[name] > 0)
        found |= _by_row(differs, rows)
    return found.reshape(-1)


def rows_at_kinks(model: ir.Model, formats: Formats, feeds: Mapping[str, Real]) -> npt.NDArray[np.int64]:
    """Numbers of the rows at a kink, in rising order; rows are counted through over all axes of an input but the last.

    feeds: by input, not rounded. Costs nothing for a model without a comparison.
    """
    compared = compared_values(model)
    if not compared:
        return np.zeros(0, dtype=np.int64)
    pieces = []
    for part in chunks(model, feeds):
        rows = next(iter(part.values())).shape[:-1]
        exact = evaluate(model, part, wanted=[*compared])
        pieces.append(differing_rows(compared, rows, exact, simulate(model, formats, part, wanted=compared).values))
    return np.flatnonzero(np.concatenate(pieces))


def _by_row(differs: Bools, rows: tuple[int, ...]) -> Bools:
    """Whether any feature differs, per row; per entry of the batch where the value has other axes than the input."""
    if differs.shape[:-1] == rows:
        return np.asarray(differs.any(axis=-1))
    if differs.shape[:1] == rows[:1]:
        whole = differs.reshape(rows[0], -1).any(axis=1)
        return np.broadcast_to(whole.reshape(-1, *[1] * (len(rows) - 1)), rows)
    return np.broadcast_to(differs.any(), rows)
