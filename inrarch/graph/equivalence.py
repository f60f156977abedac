"""Whether a rewritten graph still computes the same: in exact double precision, in its own type, in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.graph.cast import with_floats
from inrarch.graph.evaluate import evaluate
from inrarch.graph.runtime import run

Array = np.ndarray[Any, Any]
Rewrite = Callable[[ir.Model], ir.Model]

REWRITING = 1e-9
"""Largest relative difference when the same passes work on float64 constants: only rounding in double is left."""
ROUNDING = 1e-3
"""Largest relative difference by constants rounded anew to float32: far above what is seen (1e-6), below any fault."""
RUNTIME = (4.0, 1e-4)
"""In ONNX Runtime (float32) the error of the rewritten graph may be this many times that of the original, plus this."""


class DifferentResultError(RuntimeError):
    """A pass changed a result: a fault in inrarch, not in the model."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest relative differences over all outputs (largest difference / largest magnitude of the output)."""

    rewriting: float
    rounding: float
    runtime_before: float
    runtime_after: float


def check_same_results(before: ir.Model, after: ir.Model, rewrite: Rewrite, feeds: Mapping[str, Array]) -> Agreement:
    """Compare `after = rewrite(before)` with `before` at given points; see the tolerances of this module.

    Points where an output of `before` is not finite are left out for that output.
    Raises DifferentResultError that names the output and what disagrees.
    """
    expected = evaluate(before, feeds)
    exact = rewrite(with_floats(before, ir.DataType.DOUBLE))
    rewriting = _checked("in float64 without rounding", expected, evaluate(exact, feeds), lambda name: REWRITING)
    tolerance = REWRITING if _is_double(before) else ROUNDING
    rounding = _checked("in float64", expected, evaluate(after, feeds), lambda name: tolerance)
    original = differences(expected, run(with_floats(before, ir.DataType.FLOAT), feeds))
    factor, floor = RUNTIME
    result = run(with_floats(after, ir.DataType.FLOAT), feeds)
    runtime = _checked("in ONNX Runtime", expected, result, lambda name: factor * original[name] + floor)
    return Agreement(rewriting, rounding, max(original.values(), default=0.0), runtime)


def differences(expected: Mapping[str, Array], found: Mapping[str, Array]) -> dict[str, float]:
    """Largest difference of each output relative to its largest magnitude; infinite where a number is missing."""
    return {name: _difference(expected[name], found[name]) for name in expected}


def _difference(expected: Array, found: Array) -> float:
    if expected.shape != found.shape:
        return float("inf")
    known = np.isfinite(expected)
    wanted, given = expected[known], found[known]
    if not np.isfinite(given).all():
        return float("inf")
    largest = float(np.abs(wanted).max(initial=0.0))
    difference = float(np.abs(wanted - given).max(initial=0.0))
    return difference / largest if largest else difference


def _checked(
    where: str, expected: Mapping[str, Array], found: Mapping[str, Array], tolerance: Callable[[str], float]
) -> float:
    by_output = differences(expected, found)
    for name, difference in by_output.items():
        if not difference <= tolerance(name):
            raise DifferentResultError(
                f"the optimised graph differs from the original {where}: output {name!r} by {difference:.2g} "
                f"of its largest value, tolerated {tolerance(name):.2g}"
            )
    return max(by_output.values(), default=0.0)


def _is_double(model: ir.Model) -> bool:
    return any(value.dtype == ir.DataType.DOUBLE for value in model.graph.outputs)
