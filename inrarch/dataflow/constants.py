"""Outputs that are the same for every row, such as second derivatives of a Relu network: refused, with their values.

A process network computes what depends on its input; a constant is known without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.recorded import derivative_outputs
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.recorded_batch import recorded_batch
from inrarch.numeric.samples import coordinate_count, to_feeds
from inrarch.numeric.view import name_of

_SHOWN = 6
"""Features of one output."""
_PLAIN = re.compile(r"(?!(?:true|false|null)$)[A-Za-z_]\w*", re.ASCII | re.IGNORECASE)
"""Names that need no quotes in YAML."""


def constant_outputs(model: ir.Model, constant: Sequence[str]) -> UserError:
    """The error for these outputs (names, at least one): all of them with their values, and the line that avoids it."""
    arrays = evaluate(model, to_feeds(model, np.zeros((1, coordinate_count(model)))), wanted=constant)
    listed = ", ".join(f"{name} = {_value(arrays[name])}" for name in constant)
    names = [name_of(output) for output in model.graph.outputs]
    others = [name for name in names if name not in constant]
    derivatives = derivative_outputs(model)
    if recorded_batch(model) is not None:
        hint = "their derivatives are the same for every batch: leave these parameters out of `derivatives.parameters`"
    elif others and (not derivatives or derivatives.intersection(others)):
        hint = f"build the others: `derivatives: {{outputs: [{', '.join(map(_quoted, others))}]}}`, wrt as it is"
    else:
        hint = "every derivative asked for is constant: these numbers need no hardware"
    return UserError(
        f"these outputs are the same for every row (constants): {listed}",
        expected="outputs that depend on an input",
        hint=hint,
    )


def _value(array: np.ndarray) -> str:
    """One row: a number, or the first numbers of a list."""
    row = array.reshape(-1, array.shape[-1])[0] if array.ndim else array.reshape(1)
    shown = [f"{number:.6g}" for number in row[:_SHOWN]] + ["…"] * (len(row) > _SHOWN)
    return shown[0] if len(row) == 1 else f"[{', '.join(shown)}]"


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
