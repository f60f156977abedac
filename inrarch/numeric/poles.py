"""Poles inside of what calibration sees: a reciprocal of values on both sides of 0 has no largest result.

Samples seldom hit the pole itself, so that the largest result seen says nothing. Logarithms, roots and powers of
negative numbers are NaN, which calibration finds by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.numeric.view import name_of


class Poles:
    """Follows the operands of every Reciprocal of a graph over all samples."""

    def __init__(self, model: ir.Model) -> None:
        self._operands = {
            name_of(node.inputs[0]): str(node.name) for node in model.graph if node.op_type == "Reciprocal"
        }
        self._ranges: dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]] = {}

    def see(self, values: Mapping[str, npt.NDArray[Any]]) -> None:
        """Look at further samples; values: [rows, ..., features] by name, of all computed values.

        UserError naming the tensor and the node where one feature has been on both sides of 0.
        """
        for name, node in self._operands.items():
            if name not in values:
                continue
            rows = values[name].reshape(-1, values[name].shape[-1] if values[name].ndim else 1)
            lowest, highest = rows.min(axis=0), rows.max(axis=0)
            if name in self._ranges:
                lowest, highest = (
                    np.minimum(lowest, self._ranges[name][0]),
                    np.maximum(highest, self._ranges[name][1]),
                )
            self._ranges[name] = (lowest, highest)
            across = np.flatnonzero((lowest <= 0) & (highest >= 0))
            if across.size:
                feature = int(across[0])
                raise UserError(
                    f"feature {feature} runs from {lowest[feature]:.3g} to {highest[feature]:.3g} in calibration, "
                    f"and node {node!r} divides by it",
                    place=f"tensor {name!r}",
                    expected="a divisor that stays on one side of 0",
                    hint="narrow the domain, or change the network so that it does not divide by 0",
                )
