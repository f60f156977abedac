"""What Elu and Selu share: a line above 0, an exponential below."""

from __future__ import annotations

from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import greater, where


def series(emit: Emitter, application: Application, order: int, *, line: float, scale: float) -> Series:
    """Derivatives of line · u for u > 0 and of scale · (exp(u) - 1) for u <= 0: all above the first are the same.

    The exponential is taken of min(u, 0): it cannot overflow where it is not used.
    """
    u = application.operand(0).value
    zero = emit.number(0, u)
    positive = greater(emit, u, zero)
    falling = emit.scale(emit.elementwise("Exp", where(emit, positive, zero, u)), scale)
    first = where(emit, positive, emit.number(line, u), falling)
    higher = where(emit, positive, zero, falling) if order > 1 else None
    return [(1, first), *([(1, higher)] * (order - 1) if higher is not None else [])]
