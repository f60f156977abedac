"""How uncertain the outputs of a graph are by rounding: the graph is computed again with operands disturbed at random.

Each sample moves every entry of every operand of every node by ±u times itself, with u the unit roundoff of the
operand's type: 2^-24, or 2^-53, which is rounded up to a whole unit in the last place. What then happens to the
outputs is what rounding does to them: little where they are well conditioned, everything where terms cancel or where a
singularity or a jump is near.

Source: the random rounding of J. Vignes (1993), *A stochastic arithmetic for reliable scientific computation*; on
operands as in D. S. Parker (1997), *Monte Carlo arithmetic*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.graph.cast import FLOATS
from inrarch.graph.evaluate import Operands, evaluate

Array = np.ndarray[Any, Any]

SAMPLES = 8
"""Disturbed evaluations. All of them hide a disturbance at one entry by chance with a probability of about 2^-8."""

_ROUNDOFF = {ir.DataType.FLOAT: 2.0**-24, ir.DataType.DOUBLE: 2.0**-53}


def uncertainty(model: ir.Model, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """By output, how far rounding in the types of the values moves each entry: an array of the output's shape.

    The largest difference over all samples to the evaluation in float64; infinite where a sample is not finite.
    Whole numbers are not disturbed (they are exact in both types: signs, counts, masks, exponents), neither are the
    operands of nodes that do not make floating-point numbers (comparisons).
    """
    plain = evaluate(model, feeds)
    largest = {name: np.zeros(array.shape) for name, array in plain.items()}
    for sample in range(SAMPLES):
        random = np.random.default_rng((sample, SAMPLES))

        def disturb(node: ir.Node, operands: Operands, random: np.random.Generator = random) -> Operands:
            if node.outputs[0].dtype not in FLOATS:
                return operands
            return [_disturbed(value, array, random) for value, array in zip(node.inputs, operands, strict=True)]

        moved = evaluate(model, feeds, disturb=disturb)
        with np.errstate(all="ignore"):
            for name, array in moved.items():
                difference = np.abs(array - plain[name])
                difference[~np.isfinite(difference)] = np.inf
                largest[name] = np.maximum(largest[name], difference)
    return largest


def _disturbed(value: ir.Value | None, array: Array | None, random: np.random.Generator) -> Array | None:
    if value is None or array is None or value.dtype not in _ROUNDOFF:
        return array
    signs = random.choice((-1.0, 1.0), array.shape)
    with np.errstate(all="ignore"):  # not array * (1 ± 2^-53): the sum in brackets would be 1
        return np.where(array == np.rint(array), array, array + signs * (_ROUNDOFF[value.dtype] * array))
