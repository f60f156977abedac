"""Shapes of tensors with unknown sizes: integers, names of symbolic sizes, or None for a size nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import onnx_ir as ir

Dims = tuple[int | str | None, ...]


def dims_of(value: ir.Value) -> Dims | None:
    """Sizes of a value, or None when not even the rank is known."""
    if value.shape is None:
        return None
    return tuple(dim if isinstance(dim, int) else dim.value for dim in value.shape)


def to_shape(dims: Dims | None) -> ir.Shape | None:
    """The onnx_ir shape of these sizes."""
    return None if dims is None else ir.Shape(list(dims))


def same_size(a: int | str | None, b: int | str | None) -> bool:
    """Whether two sizes are certainly equal."""
    return a is not None and a == b


def same_shape(a: Dims | None, b: Dims | None) -> bool:
    """Whether two shapes are certainly equal."""
    return a is not None and b is not None and len(a) == len(b) and all(map(same_size, a, b))


def broadcast(shapes: Iterable[Dims | None]) -> Dims | None:
    """Shape of an element-wise result by the multidirectional broadcasting of ONNX; None if a rank is unknown."""
    result: Dims = ()
    for shape in shapes:
        if shape is None:
            return None
        longer, shorter = (result, shape) if len(result) >= len(shape) else (shape, result)
        padded: Dims = (1,) * (len(longer) - len(shorter)) + shorter
        result = tuple(map(_broadcast_size, longer, padded))
    return result


def matmul(a: Dims | None, b: Dims | None) -> Dims | None:
    """Shape of ``MatMul(a, b)`` by numpy's rules, rank 1 operands included; None if a rank is unknown."""
    if not a or not b:
        return None
    stack = broadcast([a[:-2], b[:-2]])
    if stack is None:  # not reachable with two known ranks; keeps the type exact
        return None
    rows: Dims = a[-2:-1]
    columns: Dims = b[-1:] if len(b) > 1 else ()
    return stack + rows + columns


def permute(dims: Dims | None, axes: Sequence[int]) -> Dims | None:
    """Shape after a transposition."""
    return None if dims is None else tuple(dims[axis] for axis in axes)


def shown(dims: Dims | None) -> str:
    """`shape [N, 3]`, or that it is not known, for messages; a size that nobody knows is a `?`."""
    if dims is None:
        return "an unknown shape"
    return f"shape [{', '.join('?' if size is None else str(size) for size in dims)}]"


def _broadcast_size(a: int | str | None, b: int | str | None) -> int | str | None:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    if isinstance(a, int):
        return a
    if isinstance(b, int):
        return b
    return None
