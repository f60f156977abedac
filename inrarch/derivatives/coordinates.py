"""First derivatives by coordinates with reverse sweeps: one for each column of an output, however many coordinates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.indices import suffix
from inrarch.derivatives.reverse import sweep
from inrarch.derivatives.shaping import cut
from inrarch.derivatives.transform import begin, chosen_operands, chosen_outputs
from inrarch.errors import UserError
from inrarch.graph.shapes import dims_of, same_shape, shown


def gradient_by_reverse(
    model: ir.Model, outputs: Sequence[str], wrt: Sequence[str], step: float = 1.0, *, place: str | None = None
) -> ir.Model:
    """The given outputs, and `y_d0`, `y_d1`, … of the shape of y, as an expansion of order 1 would name them.

    Rows must be independent (`check_rows_are_independent`): the adjoint of x [N, d] then has the derivatives of each
    row in its row. All of `outputs` and `wrt` must have the same axes but the last; others are refused.
    """
    coordinates, rows = [], None
    for value in [*chosen_operands(model, wrt, place), *chosen_outputs(model, outputs, place)]:
        dims = dims_of(value)
        rows = dims[:-1] if rows is None and dims else rows
        if not dims or not isinstance(dims[-1], int) or not same_shape(dims[:-1], rows):
            raise UserError(
                f"{value.name!r} has {shown(dims)}",
                place=place,
                expected="the same rows for all coordinates and outputs, and a last axis of known size",
                hint="the Taylor method needs neither",
            )
        if value.name in wrt:
            coordinates += [(value.name, entry) for entry in range(dims[-1])]
    names = [(name, name + suffix((i,), len(coordinates))) for name in outputs for i in range(len(coordinates))]
    draft = begin(model, [name for _, name in names], place)
    draft.carry()
    emit, primal = draft.emit, list(draft.emit.nodes)
    operands = [draft.value(name) for name in wrt]
    found: list[ir.Value] = []
    for name in outputs:
        output = draft.value(name)
        emit.enter(name)
        columns = [
            sweep(emit, primal, {output: _unit(emit, output, column, step)}, operands, place)
            for column in range(_last(output))
        ]
        for input_name, entry in coordinates:
            position = list(wrt).index(input_name)
            adjoints = [column[position] for column in columns]
            found.append(_partial(emit, adjoints, operands[position], output, entry))
    return draft.finish(outputs, [(name, value) for (_, name), value in zip(names, found, strict=True)])


def _last(value: ir.Value) -> int:
    return int((dims_of(value) or ())[-1])  # type: ignore[arg-type]


def _unit(emit: Emitter, output: ir.Value, column: int, step: float) -> ir.Value:
    """`step` in one column of the output's shape, 0 elsewhere."""
    row = np.zeros([1] * (len(dims_of(output) or ()) - 1) + [_last(output)], dtype=output.dtype.numpy())
    row[..., column] = step
    return emit.full(emit.constant(row, f"{output.name}_column{column}"), output)


def _partial(
    emit: Emitter, adjoints: Sequence[ir.Value | None], operand: ir.Value, output: ir.Value, entry: int
) -> ir.Value:
    """Column `entry` of the adjoints of all columns of the output, side by side."""
    if all(adjoint is None for adjoint in adjoints):
        return emit.zeros(output, fresh=True)
    rows = (dims_of(output) or ())[:-1]
    pieces = [
        cut(emit, emit.zeros(operand) if adjoint is None else adjoint, len(rows), entry, entry + 1)
        for adjoint in adjoints
    ]
    if len(pieces) == 1:
        return pieces[0]
    return emit.apply("Concat", pieces, {"axis": -1}, dims=(*rows, len(pieces)))
