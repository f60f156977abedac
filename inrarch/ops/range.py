"""Range: start, start + step, … before a limit."""

from __future__ import annotations

import numpy as np

from inrarch.derivatives.rules import no_coefficients
from inrarch.ops.operator import Array, Hardware, Operator, elementwise, no_adjoints


def progression(start: Array, limit: Array, step: Array) -> Array:
    """All that lie before the limit. Exporters also give one number as a tensor of one."""
    start, limit, step = (each.reshape(()) for each in (start, limit, step))
    count = max(0, int(np.ceil((limit - start) / step)))
    return (start + step * np.arange(count)).astype(start.dtype)


OPERATOR = Operator(
    name="Range",
    evaluate=elementwise(progression),
    taylor=no_coefficients,
    reverse=no_adjoints,
    hardware=Hardware("none", "the optimizer folds what is constant"),
    smooth="a constant: derivatives are 0",
)
