"""How uncertain the outputs of a graph are by rounding: the graph is computed again with operands disturbed at random.

Each sample moves every entry of every operand of every node by up to 16 roundings of its type. What then happens to the
outputs is what rounding does to them: little where they are well conditioned, more where terms cancel. The same with
steps 16 times as large moves them 16 times as far where they depend on their operands smoothly. Where they hardly move
further, a singularity or a jump is nearer than rounding can tell, and they have no value.

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
"""Disturbed evaluations for each of the two sizes of steps."""
ROUNDINGS = 16
"""Largest of the smaller steps in units of roundoff, and how many times as large the larger steps are."""
SMOOTH = 4.0
"""The larger steps move an output at least this many times as far as the smaller ones, where it is smooth."""
_ROUNDOFF = {ir.DataType.FLOAT: 2.0**-24, ir.DataType.DOUBLE: 2.0**-53}


def uncertainty(model: ir.Model, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """By output, how far roundings in the types of the values move each entry: an array of the output's shape.

    The largest difference over all samples of the smaller steps to the evaluation in float64; infinite where a sample
    is not finite and where larger steps do not move the entry further.
    Whole numbers are not disturbed (they are exact in both types: signs, counts, masks, exponents), neither are the
    operands of nodes that do not make floating-point numbers (comparisons).
    """
    plain = evaluate(model, feeds)
    near, far = (_moved(model, feeds, plain, steps) for steps in (ROUNDINGS, ROUNDINGS**2))
    return {name: np.where(far[name] < SMOOTH * near[name], np.inf, near[name]) for name in plain}


def _moved(model: ir.Model, feeds: Mapping[str, Array], plain: Mapping[str, Array], steps: int) -> dict[str, Array]:
    """The largest change of each entry by steps of so many units of roundoff; infinite where there is no number."""
    largest = {name: np.zeros(array.shape) for name, array in plain.items()}
    for sample in range(SAMPLES):
        random = np.random.default_rng((sample, steps))

        def disturb(node: ir.Node, operands: Operands, random: np.random.Generator = random) -> Operands:
            if node.outputs[0].dtype not in FLOATS:
                return operands
            return [_disturbed(*each, steps, random) for each in zip(node.inputs, operands, strict=True)]

        with np.errstate(all="ignore"):
            for name, array in evaluate(model, feeds, disturb=disturb).items():
                change = np.abs(array - plain[name])
                largest[name] = np.maximum(largest[name], np.where(np.isfinite(change), change, np.inf))
    return largest


def _disturbed(value: ir.Value | None, array: Array | None, steps: int, random: np.random.Generator) -> Array | None:
    if value is None or array is None or value.dtype not in _ROUNDOFF:
        return array
    share = steps * _ROUNDOFF[value.dtype] * random.uniform(-1, 1, array.shape)
    with np.errstate(all="ignore"):
        return np.where(array == np.rint(array), array, array + share * array)
