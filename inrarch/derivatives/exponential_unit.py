"""What Elu, Celu and Selu share: a line above 0, an exponential below."""

from __future__ import annotations

from inrarch.derivatives.compose import Series
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.derivatives.selecting import greater, where


def series(emit: Emitter, application: Application, order: int, *, line: float, scale: float, rate: float) -> Series:
    """Derivatives of line · u for u > 0 and of scale · (exp(rate · u) - 1) for u <= 0.

    The exponential is taken of min(u, 0): it cannot overflow where it is not used.
    """
    u = application.operand(0).value
    zero = emit.number(0, u)
    positive = greater(emit, u, zero)
    falling = emit.elementwise("Exp", emit.scale(where(emit, positive, zero, u), rate))
    return [
        (1, where(emit, positive, emit.number(line if k == 1 else 0, u), emit.scale(falling, scale * rate**k)))
        for k in range(1, order + 1)
    ]
