"""What an ONNX operator is to inrarch: a name, a few statements, and one small rule per interpretation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients

Array = np.ndarray[Any, np.dtype[Any]]
Evaluate = Callable[[Sequence[Array | None], Mapping[str, Any]], tuple[Array, ...]]
TaylorRule = Callable[[Emitter, Application], Coefficients]
ReverseRule = Callable[[Emitter, Application, ir.Value], Sequence[ir.Value | None]]
"""Adjoints of the operands from the adjoint of the result, which has the result's full shape.

One per operand, None where it is zero or has no meaning (a condition, a shape). An adjoint may still have the shape to
which its operand was broadcast: the sweep sums it down to the operand's."""
Decomposition = Callable[[Emitter, Application], Sequence[ir.Value]]
"""The results of a node, written with other operators (which have rules, or are decomposed themselves)."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A rule that is not there, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hardware:
    """How the operator reaches hardware: in a fused pointwise region, as a matmul unit, as a reorder unit, which moves
    numbers, as a reduce unit, which adds them up, or not at all (reason).

    written: the operators that `inrarch.graph.lowering` (or its decomposition) writes it with, where hardware does not
    have it as it is. partly: that is so in some cases only.
    """

    kind: Literal["pointwise", "matmul", "reorder", "reduce", "none"]
    reason: str = ""
    written: str = ""
    partly: bool = False

    @property
    def direct(self) -> bool:
        """Whether hardware has the operator as it is, in some cases at least."""
        return self.kind != "none" and (self.partly or not self.written)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    evaluate
        numpy arrays (None for an omitted input) and attributes as Python values to the tuple of results. Floating
        inputs are float64 when the graph is judged; the rule keeps the type it is given.
    taylor
        Writes the normalised Taylor coefficients of the result from those of the operands. Called only where an
        operand has coefficients.
    reverse
        Writes the adjoints of the operands from that of the result, or says why there is none.
    decompose
        For a composite operator: the same in terms of others. It is replaced before anything is differentiated, so
        its `taylor` and `reverse` are never called (`by_decomposition`, `BY_DECOMPOSITION`).
    elementwise
        Whether each entry of the result is computed from those at its place, after broadcasting.
    smooth
        Where the operator is singular or only piecewise smooth, and what its derivative is taken to be there.
    """

    name: str
    evaluate: Evaluate
    taylor: TaylorRule
    reverse: ReverseRule | Missing
    hardware: Hardware
    smooth: str
    decompose: Decomposition | None = None
    elementwise: bool = False


SMOOTH = "everywhere"
BY_DECOMPOSITION = Missing("replaced by its decomposition before anything is differentiated")


def by_decomposition(emit: Emitter, application: Application) -> Coefficients:
    """The Taylor rule of a composite operator: never called."""
    raise AssertionError("a composite operator is replaced before anything is differentiated")


def no_adjoints(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """The reverse rule of an operator whose result is an integer, a truth value or a constant."""
    return [None] * len(application.inputs)


def present(inputs: Sequence[Array | None], position: int) -> Array:
    """An input that the operator's definition demands."""
    array = inputs[position]
    if array is None:
        raise ValueError(f"input {position} is missing")  # onnx.checker has refused such a model
    return array


def optional(inputs: Sequence[Array | None], position: int) -> Array | None:
    """An input that may be left out, at the end or by an empty name."""
    return inputs[position] if position < len(inputs) else None


def folded(function: Callable[[Array, Array], Any]) -> Evaluate:
    """The evaluation rule of an element-wise operator of one or more operands, taken from left to right."""

    def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
        return (reduce(function, [present(inputs, position) for position in range(len(inputs))]),)

    return evaluate


def elementwise(function: Callable[..., Any]) -> Evaluate:
    """The evaluation rule of an element-wise operator with numpy's broadcasting, which is ONNX's."""

    def evaluate(inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> tuple[Array, ...]:
        return (np.asarray(function(*inputs)),)

    return evaluate
