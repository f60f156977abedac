"""Range: start, start + step, … before a limit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application, Coefficients
from inrarch.derivatives.shaping import unsupported
from inrarch.errors import UserError
from inrarch.ops.operator import Array, Hardware, Operator, elementwise


def progression(start: Array, limit: Array, step: Array) -> Array:
    """All that lie before the limit. Exporters also give one number as a tensor of one."""
    start, limit, step = (each.reshape(()) for each in (start, limit, step))
    count = max(0, int(np.ceil((limit - start) / step)))
    return (start + step * np.arange(count)).astype(start.dtype)


def taylor(emit: Emitter, application: Application) -> Coefficients:
    """Refused: an operand has derivatives."""
    raise _unsupported(application)


def reverse(emit: Emitter, application: Application, adjoint: ir.Value) -> Sequence[ir.Value | None]:
    """Refused: an operand has an adjoint."""
    raise _unsupported(application)


def _unsupported(application: Application) -> UserError:
    return unsupported(application, "its bounds have derivatives", "constant bounds, then Mul and Add")


OPERATOR = Operator(
    name="Range",
    evaluate=elementwise(progression),
    taylor=taylor,
    reverse=reverse,
    hardware=Hardware("none", "the optimizer folds what is constant"),
    smooth="for constant bounds: derivatives are 0",
)
