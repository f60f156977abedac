"""Writing nodes that rearrange tensors: reshapes, transpositions, cuts, with the shapes of their results.

All axes here count from 0 (in `cut`, -1 is the last one); sizes that are not known when compiling stay symbolic
wherever ONNX has a way to say so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.jet import Application
from inrarch.errors import UserError
from inrarch.graph.shapes import Dims, dims_of, permute, same_shape


def unsupported(application: Application, reason: str, expected: str | None = None) -> UserError:
    """The error for a node whose derivative, or whose decomposition, cannot be written."""
    node = application.output.producer()
    where = application.output.name if node is None else node.name
    operator = "it" if node is None else node.op_type
    return UserError(f"{operator} cannot be differentiated here: {reason}", place=f"node {where!r}", expected=expected)


def dims_or_refuse(application: Application, value: ir.Value) -> Dims:
    """The sizes of a value whose rank a rule has to know."""
    dims = dims_of(value)
    if dims is None:
        raise unsupported(
            application, f"the rank of {value.name!r} is not known", "a model whose shapes can be inferred"
        )
    return dims


def constant_of(value: ir.Value | None) -> list[int] | None:
    """The numbers of a constant vector (or scalar) of integers; None where they are not known when compiling."""
    if value is None or value.const_value is None:
        return None
    return [int(number) for number in value.const_value.numpy().reshape(-1)]


def integers(emit: Emitter, numbers: Sequence[int], label: str) -> ir.Value:
    """A constant int64 vector."""
    return emit.constant(np.array(numbers, dtype=np.int64), label)


def reshape(emit: Emitter, value: ir.Value, dims: Dims) -> ir.Value:
    """The value with these sizes, of which at most one may be unknown."""
    if same_shape(dims_of(value), dims):
        return value
    sizes = [size if isinstance(size, int) else -1 for size in dims]
    if sizes.count(-1) > 1:
        raise ValueError("more than one size is unknown")
    return emit.apply("Reshape", (value, integers(emit, sizes, "shape")), dims=dims)


def reshape_like(emit: Emitter, value: ir.Value, like: ir.Value) -> ir.Value:
    """The elements of a value in the shape of another one."""
    dims = dims_of(like)
    if dims is not None and 0 not in dims and sum(not isinstance(size, int) for size in dims) <= 1:
        return reshape(emit, value, dims)
    if same_shape(dims_of(value), dims):
        return value
    # sizes of 0 are meant as such
    return emit.apply("Reshape", (value, emit.shape(like)), {"allowzero": 1}, dims=dims)


def transpose(emit: Emitter, value: ir.Value, perm: Sequence[int]) -> ir.Value:
    """Axis k of the result is axis perm[k] of the value."""
    if list(perm) == list(range(len(perm))):
        return value
    return emit.apply("Transpose", (value,), {"perm": list(perm)}, dims=permute(dims_of(value), perm))


def swap_last_axes(emit: Emitter, value: ir.Value, rank: int) -> ir.Value:
    """The matrices of a stack transposed; rank: of the value, at least 2."""
    return transpose(emit, value, [*range(rank - 2), rank - 1, rank - 2])


def unsqueeze(emit: Emitter, value: ir.Value, axes: Sequence[int]) -> ir.Value:
    """New axes of size 1, at these places of the result (in rising order)."""
    if not axes:
        return value
    dims = dims_of(value)
    if dims is not None:
        sizes = list(dims)
        for axis in axes:
            sizes.insert(axis, 1)
        dims = tuple(sizes)
    return emit.apply("Unsqueeze", (value, integers(emit, axes, "axes")), dims=dims)


def squeeze(emit: Emitter, value: ir.Value, axes: Sequence[int]) -> ir.Value:
    """Without these axes, whose size is 1."""
    if not axes:
        return value
    dims = dims_of(value)
    if dims is not None:
        dims = tuple(size for axis, size in enumerate(dims) if axis not in axes)
    return emit.apply("Squeeze", (value, integers(emit, axes, "axes")), dims=dims)


def stack(emit: Emitter, values: Sequence[ir.Value], axis: int) -> ir.Value:
    """Values of one shape of known rank, along a new axis at this place of the result."""
    dims = dims_of(values[0]) or ()
    slices = [unsqueeze(emit, value, [axis]) for value in values]
    if len(slices) == 1:
        return slices[0]
    return emit.apply("Concat", slices, {"axis": axis}, dims=(*dims[:axis], len(values), *dims[axis:]))


def reduce(emit: Emitter, operator: str, value: ir.Value, axes: Sequence[int], keepdims: bool) -> ir.Value:
    """ReduceSum, ReduceMean, ReduceMax, … over these axes."""
    dims = dims_of(value)
    if dims is not None:
        kept = [1 if axis in axes else size for axis, size in enumerate(dims)]
        dims = tuple(size for axis, size in enumerate(kept) if keepdims or axis not in axes)
    if not axes:
        return value
    return emit.apply(operator, (value, integers(emit, axes, "axes")), {"keepdims": int(keepdims)}, dims=dims)


def cut(emit: Emitter, value: ir.Value, axis: int, start: int, end: int, step: int = 1) -> ir.Value:
    """value[start:end:step] along one axis, -1 for the last one; bounds are within its size."""
    dims = dims_of(value)
    if dims is not None:
        size, place = max(0, -(-(end - start) // step)), axis % len(dims)
        dims = (*dims[:place], size, *dims[place + 1 :])
    bounds = [integers(emit, [number], "bound") for number in (start, end, axis)]
    if step != 1:
        bounds.append(integers(emit, [step], "bound"))
    return emit.apply("Slice", (value, *bounds), dims=dims)


def gather(emit: Emitter, value: ir.Value, indices: Sequence[int], axis: int) -> ir.Value:
    """The entries at these places of an axis, in this order."""
    dims = dims_of(value)
    if dims is not None:
        dims = (*dims[:axis], len(indices), *dims[axis + 1 :])
    return emit.apply("Gather", (value, integers(emit, indices, "places")), {"axis": axis}, dims=dims)


def pad(
    emit: Emitter, value: ir.Value, before: Sequence[int], after: Sequence[int], mode: str = "constant"
) -> ir.Value:
    """Zeros (or what ONNX's `mode` says) before and after each axis; a negative number cuts entries off."""
    if not any([*before, *after]):
        return value
    dims = dims_of(value)
    if dims is not None:
        sizes = [
            size + first + last if isinstance(size, int) else size if first + last == 0 else None
            for size, first, last in zip(dims, before, after, strict=True)
        ]
        dims = tuple(sizes)
    attributes = {} if mode == "constant" else {"mode": mode}
    return emit.apply("Pad", (value, integers(emit, [*before, *after], "pads")), attributes, dims=dims)


def place_along(emit: Emitter, value: ir.Value, axis: int, places: Sequence[int], size: int, rank: int) -> ir.Value:
    """Zeros of this size along the axis, with the entries of `value` at `places` (each at most once).

    That is the adjoint of taking the entries at these places.
    """
    count = len(places)
    before, after = [0] * rank, [0] * rank
    if list(places) == list(range(places[0], places[0] + count)) if places else False:
        before[axis], after[axis] = places[0], size - places[0] - count
        return pad(emit, value, before, after)
    after[axis] = 1
    source = [count] * size  # where nothing was taken, the zero after the last entry
    for position, place in enumerate(places):
        source[place] = position
    return gather(emit, pad(emit, value, before, after), source, axis)
