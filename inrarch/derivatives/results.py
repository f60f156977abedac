"""From the jets of the model's outputs to the outputs that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Jet
from inrarch.derivatives.operators import Component
from inrarch.derivatives.space import Space
from inrarch.derivatives.sums import ONE, weighted_sum
from inrarch.derivatives.symbols import Symbol
from inrarch.derivatives.targets import Target
from inrarch.graph.shapes import Dims, dims_of


def write_target(emit: Emitter, jet: Jet, target: Target, space: Space, taken: Sequence[ir.Value]) -> ir.Value:
    """The output of this name, from the jet of the model's output; a value of its own, apart from those in `taken`."""
    if target.index == ():
        return jet.value
    emit.enter(target.name)
    pieces = [_component(emit, jet, component, space) for component in target.components]
    if target.axes:
        result = _stacked(emit, pieces, target.axes)
    elif len(pieces) > 1:
        dims = dims_of(pieces[0])
        total = None if dims is None else (*dims[:-1], _sum([dims_of(piece) for piece in pieces]))
        result = emit.apply("Concat", pieces, {"axis": -1}, dims=total)
    else:
        result = pieces[0]
    if result.producer() is None or result in taken or result is jet.value:
        result = emit.apply("Identity", (result,), dims=dims_of(result), fresh=True)
    result.name = target.name
    return result


def _component(emit: Emitter, jet: Jet, component: Component, space: Space) -> ir.Value:
    """Σ operator applied to a column, in full shape: that of the output, or of one column of it."""
    columns = {column for column, _ in component}
    like = jet.value if columns == {None} else _column(emit, jet.value, 0)
    terms = []
    for column, symbol in component:
        total = _applied(emit, jet, symbol, space)
        if total is not None:
            terms.append((ONE, total if column is None else _column(emit, _along(emit, total, jet.value), column)))
    result = weighted_sum(emit, terms)
    return emit.zeros(like, fresh=True) if result is None else emit.full(result, like)


def _applied(emit: Emitter, jet: Jet, symbol: Symbol, space: Space) -> ir.Value | None:
    """The operator applied to all columns; None where it is exactly zero."""
    values = {(): jet.value, **jet.coefficients}
    terms: list[tuple[Fraction, ir.Value]] = [
        (weight, values[index]) for index, weight in space.express(symbol).items() if index in values
    ]
    return weighted_sum(emit, terms)


def _along(emit: Emitter, value: ir.Value, like: ir.Value) -> ir.Value:
    return emit.full_along(value, like, [-1])


def _column(emit: Emitter, value: ir.Value, column: int) -> ir.Value:
    """One entry of the last axis, which stays."""
    dims = dims_of(value)
    bounds = [_integers(emit, [bound]) for bound in (column, column + 1, -1)]
    return emit.apply("Slice", (value, *bounds), dims=None if dims is None else (*dims[:-1], 1))


def _stacked(emit: Emitter, pieces: Sequence[ir.Value], axes: Sequence[int]) -> ir.Value:
    """Joined along a new last axis, which is then split into `axes`."""
    dims = dims_of(pieces[0]) or ()
    kept = [0] * len(dims)
    columns = [_reshaped(emit, piece, [*kept, 1], (*dims, 1)) for piece in pieces]
    joined = columns[0]
    if len(columns) > 1:
        joined = emit.apply("Concat", columns, {"axis": -1}, dims=(*dims, len(columns)))
    return _reshaped(emit, joined, [*kept, *axes], (*dims, *axes)) if len(axes) > 1 else joined


def _reshaped(emit: Emitter, value: ir.Value, target: Sequence[int], dims: Dims) -> ir.Value:
    return emit.apply("Reshape", (value, _integers(emit, target)), dims=dims)


def _integers(emit: Emitter, numbers: Sequence[int]) -> ir.Value:
    name = "integers_" + "_".join(map(str, numbers)).replace("-", "m")
    return emit.constant(np.array(numbers, dtype=np.int64), name)


def _sum(shapes: Sequence[Dims | None]) -> int | None:
    sizes = [dims[-1] if dims else None for dims in shapes]
    return sum(size for size in sizes if isinstance(size, int)) if all(isinstance(s, int) for s in sizes) else None
