"""Whether a rewritten graph still computes the same: in exact double precision, in its own type, in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.errors import REPORT_IT, UserError
from inrarch.graph.cast import with_floats
from inrarch.graph.evaluate import evaluate
from inrarch.graph.runtime import run
from inrarch.graph.uncertainty import uncertainty

Array = np.ndarray[Any, Any]
Rewrite = Callable[[ir.Model], ir.Model]

REWRITING = 1e-9
"""Largest relative difference when the same passes work on float64 constants: only rounding in double is left."""
ROUNDING = 1e-3
"""Largest relative difference by constants rounded anew to float32: far above what is seen (1e-6), below any fault."""
RUNTIME = (4.0, 1e-4)
"""In ONNX Runtime (float32) the error of the rewritten graph may be this many times that of the original, plus this."""
UNCERTAIN = 4.0
"""Where an output differs by more, each entry may differ by this many times its uncertainty by rounding."""


class DifferentResultError(UserError):
    """A pass changed a result: a fault in inrarch, not in the model."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Largest relative differences over all outputs (largest difference / largest magnitude of the output).

    Where an output is ill-conditioned, only what exceeds its uncertainty by rounding counts.
    """

    rewriting: float
    rounding: float
    runtime_before: float
    runtime_after: float


def check_same_results(before: ir.Model, after: ir.Model, rewrite: Rewrite, feeds: Mapping[str, Array]) -> Agreement:
    """Compare `after = rewrite(before)` with `before` at given points; see the tolerances of this module.

    Points where an output of `before` is not finite are left out for that output. An output that differs by more than
    is tolerated of its largest value is judged entry by entry beside its uncertainty by rounding (of the same types).
    Raises DifferentResultError that names the output, the entry and its point, and both values; UserError where
    rounding alone decides an output, at all points.
    """
    expected = evaluate(before, feeds)
    double, single = (with_floats(before, dtype) for dtype in (ir.DataType.DOUBLE, ir.DataType.FLOAT))
    judge = _Judge(expected, feeds)
    found = evaluate(rewrite(double), feeds)
    rewriting = judge("in float64 without rounding of constants", double, found, lambda name: REWRITING)
    tolerance = REWRITING if _is_double(before) else ROUNDING
    rounding = judge("in float64", before, evaluate(after, feeds), lambda name: tolerance)
    original = differences(expected, run(single, feeds))
    factor, floor = RUNTIME
    result = run(with_floats(after, ir.DataType.FLOAT), feeds)
    runtime = judge("in ONNX Runtime (float32)", single, result, lambda name: factor * original[name] + floor)
    return Agreement(rewriting, rounding, max(original.values(), default=0.0), runtime)


def differences(expected: Mapping[str, Array], found: Mapping[str, Array]) -> dict[str, float]:
    """Largest difference of each output relative to its largest magnitude; infinite where a number is missing."""
    return {name: _relative(expected[name], _beyond(expected[name], found[name])) for name in expected}


def _relative(expected: Array, beyond: Array) -> float:
    largest = float(np.abs(expected[np.isfinite(expected)]).max(initial=0.0))
    difference = float(beyond.max(initial=0.0))
    return difference / largest if largest else difference


def _beyond(expected: Array, found: Array, uncertain: Array | float = 0.0) -> Array:
    """How far each entry differs beyond its uncertainty: 0 where that is infinite or `expected` is not finite."""
    if expected.shape != found.shape:
        return np.full(expected.shape or (1,), np.inf)
    with np.errstate(invalid="ignore"):
        difference = np.where(np.isfinite(found), np.abs(found - expected), np.inf)
        beyond = np.maximum(difference - uncertain, 0.0)
    return np.where(np.isfinite(expected) & np.isfinite(uncertain), beyond, 0.0)


@dataclass(frozen=True, slots=True)
class _Judge:
    """expected: the outputs of the original in float64, at the points `feeds`."""

    expected: Mapping[str, Array]
    feeds: Mapping[str, Array]

    def __call__(
        self, where: str, original: ir.Model, found: Mapping[str, Array], tolerance: Callable[[str], float]
    ) -> float:
        """The largest relative difference. original: the graph before in the types that `found` is computed in."""
        largest = differences(self.expected, found)
        doubtful = [name for name, difference in largest.items() if not difference <= tolerance(name)]
        uncertain = uncertainty(original, self.feeds) if doubtful else {}
        for name in doubtful:
            if not (np.isfinite(uncertain[name]) & np.isfinite(self.expected[name])).any():
                raise self._undefined(where, name)
            beyond = _beyond(self.expected[name], found[name], UNCERTAIN * uncertain[name])
            largest[name] = _relative(self.expected[name], beyond)
            if not largest[name] <= tolerance(name):
                raise self._error(where, name, found[name], beyond, largest[name], tolerance(name))
        return max(largest.values(), default=0.0)

    def _undefined(self, where: str, name: str) -> UserError:
        size = self.expected[name].size
        return UserError(
            f"rounding alone decides its {size} values at the points that were tried ({where})",
            place=f"output {name!r}",
            expected="a function that has a value there: a normal or a curvature needs a gradient that is not 0",
            hint="leave this output out, or choose another `domain`: the model may be constant in this one",
            exit_code=1,
        )

    def _error(
        self, where: str, name: str, found: Array, beyond: Array, relative: float, tolerance: float
    ) -> DifferentResultError:
        expected = self.expected[name]
        if expected.shape == found.shape:
            entry = tuple(map(int, np.unravel_index(int(beyond.argmax()), beyond.shape)))
            place = f"output {name!r}, entry {list(entry)}{self._point(entry, expected.shape)}"
            text = (
                f"{found[entry]:.9g} after the passes of `optimize` ({where}; beyond rounding, the output changes by "
                f"{relative:.2g} of its largest value, {tolerance:.2g} is tolerated)"
            )
            wanted = f"{expected[entry]:.9g}, as before them"
        else:
            place, wanted = f"output {name!r}", f"{list(expected.shape)}, as before them"
            text = f"the shape {list(found.shape)} after the passes of `optimize` ({where})"
        return DifferentResultError(
            text,
            place=place,
            expected=wanted,
            hint=REPORT_IT,
            exit_code=2,
        )

    def _point(self, entry: tuple[int, ...], shape: tuple[int, ...]) -> str:
        """` at x = [0.5, -1]`: the row of each input that has as many rows as the output."""
        rows = {name: array[entry[0]] for name, array in self.feeds.items() if entry and array.shape[:1] == shape[:1]}
        given = [
            f"{name} = {np.array2string(np.asarray(row), precision=9, separator=', ')}" for name, row in rows.items()
        ]
        return f" at {', '.join(given)}" if given else ""


def _is_double(model: ir.Model) -> bool:
    return any(value.dtype == ir.DataType.DOUBLE for value in model.graph.outputs)
