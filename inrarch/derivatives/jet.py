"""What a Taylor rule receives and returns: tensors with their Taylor coefficients.

A jet is a tensor u(x) with the coefficients of a `Space`: the normalised u_α = ∂^α u / α!, or combinations of them.
Each is named by the leading index of its element. Coefficients that are exactly zero are absent. A coefficient has a
shape *broadcastable to* the tensor's: derivatives of coordinates are one-hot rows of shape [1, …, d].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx_ir as ir

from inrarch.derivatives.indices import Index
from inrarch.derivatives.space import Space

Coefficients = dict[Index, ir.Value]
"""Coefficients of order >= 1 by index; the value itself (order 0) is not among them."""


@dataclass(frozen=True, slots=True)
class Jet:
    """A tensor and its coefficients of order >= 1 (none: it does not depend on the coordinates)."""

    value: ir.Value
    coefficients: Coefficients


@dataclass(frozen=True, slots=True)
class Application:
    """One node of the primal graph, as a Taylor rule sees it.

    inputs: jets of the operands, None for an omitted one. output: the node's result, already in the graph.
    attributes: as Python values. space: the coefficients that the expansion carries, and how products split.
    """

    inputs: Sequence[Jet | None]
    output: ir.Value
    attributes: Mapping[str, Any]
    space: Space

    @property
    def indices(self) -> Sequence[Index]:
        """The coefficients to write, of order >= 1, in rising order."""
        return self.space.indices

    def operand(self, position: int) -> Jet:
        """An operand that the operator's definition demands."""
        jet = self.inputs[position]
        if jet is None:
            raise ValueError(f"operand {position} is missing")  # onnx.checker has refused such a model
        return jet

    def optional(self, position: int) -> Jet | None:
        """An operand that may be left out, at the end or by an empty name."""
        return self.inputs[position] if position < len(self.inputs) else None

    def operands(self) -> list[Jet]:
        """All operands of an operator that takes any number of them."""
        return [self.operand(position) for position in range(len(self.inputs))]
