"""Steps that join, cut, move, repeat and reduce entries of the tail."""

from __future__ import annotations

from itertools import permutations
from math import prod
from typing import Any

import numpy as np
from onnx import TensorProto

from tests.fuzz.builder import Builder, Step, Tail, Tensor


def concat(b: Builder, t: Tensor) -> None:
    if not t.tail:
        return
    position = b.position(t)
    without = lambda tail: tail[:position] + tail[position + 1 :]  # noqa: E731
    fitting = [e for e in b.pool if len(e.tail) == len(t.tail) and without(e.tail) == without(t.tail)]
    parts = [t, *(b.choose(fitting) for _ in range(b.integer(1, 2)))]
    size = sum(part.tail[position] for part in parts)
    tail = (*t.tail[:position], size, *t.tail[position + 1 :])
    bound = max(part.bound for part in parts)
    b.add("Concat", [part.name for part in parts], tail, bound, axis=b.axis(t, position))


def split(b: Builder, t: Tensor) -> None:
    if not t.tail:
        return
    position = b.position(t)
    size = t.tail[position]
    if size < 2:
        return
    axis = b.axis(t, position)
    if size % 2 == 0 and b.chance(0.5):
        sizes, operands = [size // 2] * 2, [t.name]
        attributes = {"num_outputs": 2} if b.opset >= 18 else {}
    else:
        first = b.integer(1, size - 1)
        sizes, attributes = [first, size - first], {}
        operands = [t.name, b.integers(*sizes)]
    name = b.node("Split", operands, outputs=2, axis=axis, **attributes)
    for each, size in zip((name, f"{name}_1"), sizes, strict=True):
        b.keep(each, (*t.tail[:position], size, *t.tail[position + 1 :]), t.bound)


def cut(b: Builder, t: Tensor) -> None:
    if not t.tail:
        return
    position = b.position(t)
    size = t.tail[position]
    step = b.choose([1, 1, 2, -1, -2])
    first = b.integer(0, size - 1)
    last = b.integer(first, size - 1)
    wanted = range(first, last + 1)[::step] if step > 0 else range(last, first - 1, step)
    if step > 0:
        start, end = first, last + 1 if last + 1 < size or b.chance(0.5) else np.iinfo(np.int64).max
    else:
        start, end = last, first - 1 if first else np.iinfo(np.int64).min
    if b.chance(0.3):
        start -= size
    bounds = [b.integers(int(each)) for each in (start, end, b.axis(t, position), step)]
    b.add("Slice", [t.name, *bounds], (*t.tail[:position], len(wanted), *t.tail[position + 1 :]), t.bound)


def factorisations(size: int) -> list[Tail]:
    pairs = [(a, size // a) for a in range(1, size + 1) if size % a == 0]
    return [(size,), *pairs]


def reshape(b: Builder, t: Tensor) -> None:
    tail = b.choose(factorisations(prod(t.tail)))
    target = [*(0 if isinstance(size, str) or b.chance(0.3) else size for size in b.rows), *tail]
    if b.chance(0.4):
        target[b.integer(0, len(target) - 1)] = -1
    if len(b.rows) == 2 and target[1] == 0 and -1 in target[:1]:
        target[1] = 2
    b.add("Reshape", [t.name, b.integers(*target)], tail, t.bound)


def computed_reshape(b: Builder, t: Tensor) -> None:
    """The shape as `x.view(x.shape[0], -1)` exports it."""
    if len(b.rows) != 1:
        return
    rows = b.node("Gather", [b.node("Shape", [t.name]), b.integers(0)], axis=0)
    target = b.node("Concat", [rows, b.integers(-1)], axis=0)
    b.add("Reshape", [t.name, target], (prod(t.tail),), t.bound)


def flatten(b: Builder, t: Tensor) -> None:
    if len(b.rows) == 1:
        b.add("Flatten", [t.name], (prod(t.tail),), t.bound, axis=1)


def transpose(b: Builder, t: Tensor) -> None:
    if not t.tail:
        return
    order = b.choose(list(permutations(range(len(t.tail)))))
    perm = [*range(len(b.rows)), *(len(b.rows) + position for position in order)]
    b.add("Transpose", [t.name], tuple(t.tail[position] for position in order), t.bound, perm=perm)


def unsqueeze(b: Builder, t: Tensor) -> None:
    position = b.integer(0, len(t.tail))
    axis = b.integers(len(b.rows) + position)
    b.add("Unsqueeze", [t.name, axis], (*t.tail[:position], 1, *t.tail[position:]), t.bound)


def squeeze(b: Builder, t: Tensor) -> None:
    ones = [position for position, size in enumerate(t.tail) if size == 1]
    if ones:
        position = b.choose(ones)
        axis = b.integers(b.axis(t, position))
        b.add("Squeeze", [t.name, axis], t.tail[:position] + t.tail[position + 1 :], t.bound)


def expand(b: Builder, t: Tensor) -> None:
    tail = tuple(b.integer(2, 3) if size == 1 else size for size in t.tail)
    shape = [*(1 for _ in b.rows), *tail] if b.chance(0.7) else list(tail)
    if shape:
        b.add("Expand", [t.name, b.integers(*shape)], tail, t.bound)


def tile(b: Builder, t: Tensor) -> None:
    repeats = [b.integer(1, 2) for _ in t.tail]
    tail = tuple(size * repeat for size, repeat in zip(t.tail, repeats, strict=True))
    if t.tail:
        b.add("Tile", [t.name, b.integers(*(1 for _ in b.rows), *repeats)], tail, t.bound)


def pad(b: Builder, t: Tensor) -> None:
    if not t.tail:
        return
    mode = b.choose(["constant", "constant", "edge", "reflect"])
    most = [min(2, size - 1) if mode == "reflect" else 2 for size in t.tail]
    before, after = ([b.integer(0, each) for each in most] for _ in range(2))
    none = [0] * len(b.rows)
    operands = [t.name, b.integers(*none, *before, *none, *after)]
    if mode == "constant" and b.chance(0.5):
        operands.append(b.constant(0.5))
    tail = tuple(map(sum, zip(t.tail, before, after, strict=True)))
    b.add("Pad", operands, tail, t.bound + 1, mode=mode)


def gather(b: Builder, t: Tensor) -> None:
    if not t.tail:
        return
    position = b.position(t)
    size = t.tail[position]
    shape: Tail = b.choose([(), (2,), (3,), (2, 2)])
    indices = b.random.integers(-size, size, shape)
    tail = (*t.tail[:position], *shape, *t.tail[position + 1 :])
    name = b.constant(np.asarray(indices, dtype=np.int64))
    b.add("Gather", [t.name, name], tail, t.bound, axis=b.axis(t, position))


def gather_nd(b: Builder, t: Tensor) -> None:
    """Entries of the tail by their indices, the same for every row (rows are batch dimensions)."""
    if len(b.rows) != 0 or not t.tail:
        return
    depth = b.integer(1, len(t.tail))
    count = b.integer(1, 3)
    indices = np.stack([b.random.integers(0, size, count) for size in t.tail[:depth]], axis=-1)
    b.add("GatherND", [t.name, b.constant(indices.astype(np.int64))], (count, *t.tail[depth:]), t.bound)


def scatter_nd(b: Builder, t: Tensor) -> None:
    """Entries along the first axis replaced by, or added to, those of another value."""
    if len(b.rows) != 0 or not t.tail:
        return
    added = b.opset >= 18 and b.chance(0.5)
    place = b.integers(b.integer(0, t.tail[0] - 1))
    update = b.node("Gather", [t.name, b.integers(b.integer(0, t.tail[0] - 1))], axis=0)
    indices = b.node("Unsqueeze", [place, b.integers(0)])
    squared = b.node("Mul", [update, update])
    attributes = {"reduction": "add"} if added else {}
    b.add("ScatterND", [t.name, indices, squared], t.tail, t.bound + t.bound**2, **attributes)


def counted(b: Builder, t: Tensor) -> None:
    """`x + torch.arange(x.shape[-1])`, the size taken from the shape at run time."""
    if not t.tail or t.tail[-1] > 4:
        return
    size = b.node("Gather", [b.node("Shape", [t.name]), b.integers(-1)], axis=0)
    scalar = b.node("Squeeze", [size, b.integers(0)])
    zero, one = (b.constant(np.array(number, dtype=np.int64)) for number in (0, 1))
    numbers = b.node("Range", [zero, scalar, one])
    kind = TensorProto.DOUBLE if b.dtype is np.float64 else TensorProto.FLOAT
    b.add("Add", [t.name, b.node("Cast", [numbers], to=kind)], t.tail, t.bound + 3)


def dropout(b: Builder, t: Tensor) -> None:
    b.add("Dropout", [t.name, b.constant(0.5)] if b.chance(0.5) else [t.name], t.tail, t.bound)


def filled(b: Builder, t: Tensor) -> None:
    """`x + torch.zeros_like(x)` and `torch.full`, of the shape of a value."""
    shape = b.node("Shape", [t.name])
    value = None if b.chance(0.5) else _tensor(b, 0.5)
    zeros = b.node("ConstantOfShape", [shape], **({} if value is None else {"value": value}))
    if value is None and b.dtype is np.float64:
        zeros = b.node("CastLike", [zeros, t.name]) if b.opset >= 15 else b.node("Cast", [zeros], to=11)
    b.add("Add", [t.name, zeros], t.tail, t.bound + 0.5)


def _tensor(b: Builder, number: float) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.array([number], dtype=b.dtype))


REDUCTIONS = {
    # operator: the values it is given, and the bound of the result from the bound and the number of entries
    "ReduceSum": ("any", lambda u, n: u * n),
    "ReduceMean": ("any", lambda u, n: u),
    "ReduceSumSquare": ("any", lambda u, n: u * u * n),
    "ReduceL1": ("any", lambda u, n: u * n),
    "ReduceL2": ("positive", lambda u, n: 3.0 * n**0.5),
    "ReduceMax": ("any", lambda u, n: u),
    "ReduceMin": ("any", lambda u, n: u),
    "ReduceProd": ("small", lambda u, n: 1.0),
    "ReduceLogSum": ("positive", lambda u, n: 1.1 + np.log(n)),
    "ReduceLogSumExp": ("small", lambda u, n: 1.0 + np.log(n)),
}


def reduction(operator: str) -> Step:
    def add(b: Builder, t: Tensor) -> None:
        if not t.tail:
            return
        positions = sorted({b.position(t) for _ in range(b.integer(1, 2))})
        kept = b.integer(0, 1)
        given, bound = REDUCTIONS[operator]
        name = {"any": lambda: t.name, "positive": lambda: b.positive(t), "small": lambda: b.squashed(t)}[given]()
        axes = [b.axis(t, position) for position in positions]
        count = prod(t.tail[position] for position in positions)
        tail = tuple(
            1 if position in positions else size
            for position, size in enumerate(t.tail)
            if kept or position not in positions
        )
        if operator == "ReduceSum" or b.opset >= 18:
            b.add(operator, [name, b.integers(*axes)], tail, bound(t.bound, count), keepdims=kept)
        else:
            b.add(operator, [name], tail, bound(t.bound, count), keepdims=kept, axes=axes)

    return Step((operator,), add)


STEPS = (
    Step(("Concat",), concat),
    Step(("Split",), split),
    Step(("Slice",), cut),
    Step(("Reshape",), reshape),
    Step(("Shape", "Gather", "Reshape"), computed_reshape),
    Step(("Flatten",), flatten),
    Step(("Transpose",), transpose),
    Step(("Unsqueeze",), unsqueeze),
    Step(("Squeeze",), squeeze),
    Step(("Expand",), expand),
    Step(("Tile",), tile),
    Step(("Pad",), pad),
    Step(("Gather",), gather),
    Step(("GatherND",), gather_nd),
    Step(("GatherND",), gather_nd),
    Step(("ScatterND", "Gather", "Unsqueeze"), scatter_nd),
    Step(("ScatterND", "Gather", "Unsqueeze"), scatter_nd),
    Step(("Range", "Shape", "Gather", "Squeeze", "Cast"), counted),
    Step(("Dropout",), dropout),
    Step(("ConstantOfShape", "Shape", "Cast", "CastLike"), filled),
    *(reduction(operator) for operator in REDUCTIONS),
)
