"""What every method of the benchmark computes: all distinct partial derivatives of one SIREN at given points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.api import derive_graph
from inrarch.derivatives.indices import Index, suffix, tower
from inrarch.graph.cast import with_floats
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import siren

Array = np.ndarray[Any, Any]

COORDINATES, OUTPUTS, HIDDEN_LAYERS, W0 = 2, 3, 4, 30.0
CHECKED_ROWS = 64
"""Results of the first rows are compared with float64."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell: the order, the points x [N, 2] (float32), and the threads that a method may use."""

    order: int
    x: Array
    threads: int


class Prepared(NamedTuple):
    """A method ready to run: `run` gives all results as the framework's own arrays, `partials` names them.

    partials: by name (`y`, `y_d01`), each [N, 3].
    """

    run: Callable[[], Any]
    partials: Callable[[Any], Mapping[str, Any]]


Method = Callable[[Problem], Prepared]


def problem(order: int, batch: int, threads: int) -> Problem:
    x = np.random.default_rng(0).uniform(-1, 1, (batch, COORDINATES)).astype(np.float32)
    return Problem(order, x, threads)


def network() -> ir.Model:
    """2 -> 256 x 4 -> 3, w0 = 30."""
    return load_model(siren((COORDINATES, *[256] * HIDDEN_LAYERS, OUTPUTS), w0=W0))


def layers() -> list[tuple[Array, Array]]:
    """Weight [inputs, outputs] and bias of each layer."""
    arrays = {name: value.const_value.numpy() for name, value in network().graph.initializers.items()}
    return [(arrays[f"net.{k}.weight"].T.copy(), arrays[f"net.{k}.bias"]) for k in range(HIDDEN_LAYERS + 1)]


def indices(order: int) -> list[Index]:
    """All distinct partial derivatives up to an order."""
    return tower(COORDINATES, order)


def name_of(index: Index) -> str:
    return "y" + suffix(index, COORDINATES)


def from_full(jets: list[Any]) -> dict[str, Any]:
    """The distinct partials in [f [N, 3], Jacobian [N, 3, 2], Hessian [N, 3, 2, 2], …]."""
    return {name_of(index): jets[len(index)][(slice(None), slice(None), *index)] for index in indices(len(jets) - 1)}


def reference(order: int, x: Array) -> dict[str, Array]:
    """The partial derivatives in float64 at the first points, from the float32 weights."""
    exact = derive_graph(with_floats(network(), ir.DataType.DOUBLE), order=order)
    return evaluate(exact, {"x": x[:CHECKED_ROWS].astype(np.float64)})


def largest_error(expected: Mapping[str, Array], found: Mapping[str, Any]) -> float:
    """Largest difference over all partials, each relative to its largest magnitude."""
    return max(
        float(np.abs(np.asarray(found[name])[:CHECKED_ROWS] - array).max() / np.abs(array).max())
        for name, array in expected.items()
    )
