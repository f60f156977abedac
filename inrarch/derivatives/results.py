"""The outputs that were asked for, from operators applied to the model's outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Jet
from inrarch.derivatives.operators import Component
from inrarch.derivatives.shaping import cut, integers, stack
from inrarch.derivatives.space import Space
from inrarch.derivatives.sums import ONE, weighted_sum
from inrarch.derivatives.symbols import Symbol
from inrarch.derivatives.targets import Target
from inrarch.graph.shapes import Dims, dims_of

Apply = Callable[[Symbol], ir.Value | None]
"""Writes an operator applied to all columns of an output of the model, broadcastable to it; None: exactly zero."""


def write_target(emit: Emitter, value: ir.Value, apply: Apply, target: Target, taken: Sequence[ir.Value]) -> ir.Value:
    """The output of this name; a value of its own, apart from those in `taken` and from the model's output `value`."""
    if target.index == ():
        return value
    emit.enter(target.name)
    pieces = [_component(emit, value, apply, component) for component in target.components]
    if target.formula is not None:
        pieces = target.formula(emit, pieces)
    if target.axes:
        result = _stacked(emit, pieces, target.axes)
    elif len(pieces) > 1:
        dims = dims_of(pieces[0])
        total = None if dims is None else (*dims[:-1], _sum([dims_of(piece) for piece in pieces]))
        result = emit.apply("Concat", pieces, {"axis": -1}, dims=total)
    else:
        result = pieces[0]
    if result.producer() is None or result in taken or result is value:
        result = emit.apply("Identity", (result,), dims=dims_of(result), fresh=True)
    result.name = target.name
    return result


def apply_to_jet(emit: Emitter, jet: Jet, space: Space) -> Apply:
    """Operators of a space, as combinations of the coefficients of a jet."""
    values = {(): jet.value, **jet.coefficients}

    def apply(symbol: Symbol) -> ir.Value | None:
        weights = space.express(symbol)
        return weighted_sum(emit, [(weight, values[index]) for index, weight in weights.items() if index in values])

    return apply


def _component(emit: Emitter, value: ir.Value, apply: Apply, component: Component) -> ir.Value:
    """Σ operator applied to a column, in full shape: that of the output, or of one column of it."""
    columns = {column for column, _ in component}
    like = value if columns == {None} else _column(emit, value, 0)
    terms: list[tuple[Fraction, ir.Value]] = []
    for column, symbol in component:
        total = apply(symbol)
        if total is not None:
            terms.append((ONE, total if column is None else _column(emit, _along(emit, total, value), column)))
    result = weighted_sum(emit, terms)
    return emit.zeros(like, fresh=True) if result is None else emit.full(result, like)


def _along(emit: Emitter, value: ir.Value, like: ir.Value) -> ir.Value:
    return emit.full_along(value, like, [-1])


def _column(emit: Emitter, value: ir.Value, column: int) -> ir.Value:
    """One entry of the last axis, which stays."""
    return cut(emit, value, -1, column, column + 1)


def _stacked(emit: Emitter, pieces: Sequence[ir.Value], axes: Sequence[int]) -> ir.Value:
    """Joined along a new last axis, which is then split into `axes`."""
    dims = dims_of(pieces[0]) or ()
    joined = stack(emit, pieces, len(dims))
    if len(axes) == 1:
        return joined
    sizes = integers(emit, [*[0] * len(dims), *axes], "sizes")  # 0: as it is
    return emit.apply("Reshape", (joined, sizes), dims=(*dims, *axes))


def _sum(shapes: Sequence[Dims | None]) -> int | None:
    sizes = [dims[-1] if dims else None for dims in shapes]
    return sum(size for size in sizes if isinstance(size, int)) if all(isinstance(s, int) for s in sizes) else None
