"""Where each element of a tensor comes from, through any chain of nodes that only move numbers.

The nodes are run by their own rules on the positions of the elements in place of their values: what comes out is the
position that each element of the result had in the tensors that the chain began with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.dataflow.row_shapes import Sizes
from inrarch.errors import UserError
from inrarch.graph.attributes import attributes_of
from inrarch.numeric.view import constant_array, name_of, operands
from inrarch.ops import operators

Codes = npt.NDArray[np.int64]
Run = tuple[int, int, int, int]
"""(source, first element, elements, step): consecutive elements of a result; source -1: zeros."""


@dataclass(frozen=True, slots=True)
class ElementMap:
    """Every element of a row of a tensor as an element of a source.

    sources: names of tensors and initializers, in order of their first use. source, element: per element of the result
    (row by row of its repeat, features last) the place in `sources` and the element in the source's row, or in a whole
    initializer; source -1 is the number 0.
    """

    sources: tuple[str, ...]
    source: tuple[int, ...]
    element: tuple[int, ...]

    def is_identity(self, name: str, elements: int) -> bool:
        """Whether the result is the tensor `name` of `elements` elements per row, in its order."""
        return self.sources == (name,) and self.element == tuple(range(elements)) and -1 not in self.source

    def runs(self) -> tuple[Run, ...]:
        """The map in short, for files; the inverse of `from_runs`."""
        found: list[Run] = []
        for source, element in zip(self.source, self.element, strict=True):
            if found and found[-1][0] == source:
                _, first, count, step = found[-1]
                if count == 1 or element == first + count * step:
                    found[-1] = (source, first, count + 1, element - first if count == 1 else step)
                    continue
            found.append((source, element, 1, 0))
        return tuple(found)


def from_runs(sources: tuple[str, ...], runs: tuple[Run, ...]) -> ElementMap:
    """The map that `runs` describes."""
    source = [run[0] for run in runs for _ in range(run[2])]
    element = [first + k * step for _, first, count, step in runs for k in range(count)]
    return ElementMap(sources, tuple(source), tuple(element))


def element_map(
    value: ir.Value,
    sizes: Sizes,
    moves: Callable[[ir.Node], bool],
    place: str,
    arrange: Callable[[Codes], Codes] = np.asarray,
) -> ElementMap:
    """Where the elements of a row of `value` come from, after it is brought into another layout.

    moves: whether to look through a node, which must be one that only moves numbers. arrange: the other layout, on
    arrays of all rows of the batch. place: begins error messages.

    Raises UserError where a row does not follow from the same row of the sources in the same way as all other rows.
    """
    trace = _Trace(sizes, moves)
    return trace.by_row(arrange(trace.codes(value)), name_of(value), place)


class _Trace:
    """Positions of elements. Every source has a range of codes of its own, from 1 on; 0 is what Pad adds."""

    def __init__(self, sizes: Sizes, moves: Callable[[ir.Node], bool]) -> None:
        self.sizes, self.moves = sizes, moves
        self.known: dict[str, Codes] = {}
        self.first: dict[str, int] = {}
        self.size: dict[str, int] = {}
        self.constant: dict[str, bool] = {}
        self.next = 1

    def codes(self, value: ir.Value) -> Codes:
        """Codes of all elements, in the shape of the value."""
        name = name_of(value)
        if name not in self.known:
            producer = value.producer()
            if producer is not None and self.moves(producer):
                self.known[name] = self._moved(producer)
            else:
                self.known[name] = self._source(value)
        return self.known[name]

    def _moved(self, node: ir.Node) -> Codes:
        data = {id(value) for value in operands(node)}
        given = [
            None if value is None else self.codes(value) if id(value) in data else _integers(value, self.sizes)
            for value in node.inputs
        ]
        return np.asarray(operators()[node.op_type].evaluate(given, attributes_of(node))[0])

    def _source(self, value: ir.Value) -> Codes:
        name, array = name_of(value), constant_array(value)
        shape = self.sizes.shapes[name] if array is None else array.shape
        size = math.prod(shape)
        self.first[name], self.size[name], self.constant[name] = self.next, size, array is not None
        self.next += size
        return np.arange(self.first[name], self.next).reshape(shape)

    def by_row(self, codes: Codes, name: str, place: str) -> ElementMap:
        """The codes of all rows as the map of one row."""
        rows = self.sizes.rows if codes.size % self.sizes.rows == 0 else 1
        flat = codes.reshape(rows, -1)
        source, element = np.full(flat.shape, -1), np.zeros(flat.shape, dtype=np.int64)
        names: list[str] = []
        for name_of_source, first in self.first.items():
            here = (flat >= first) & (flat < first + self.size[name_of_source])
            if not here.any():
                continue
            row, position = np.broadcast_to(np.arange(rows)[:, None], flat.shape)[here], flat[here] - first
            if not self.constant[name_of_source]:
                if rows > 1 and self.size[name_of_source] % rows:
                    raise _mixes_rows(name, place, f"all rows use {name_of_source!r}, which is a sum over the batch")
                each = self.size[name_of_source] // rows
                if (position // each != row).any():
                    raise _mixes_rows(name, place, f"rows of {name!r} use other rows of {name_of_source!r}")
                position = position % each
            source[here], element[here] = len(names), position
            names.append(name_of_source)
        if (source != source[:1]).any() or (element != element[:1]).any():
            raise _mixes_rows(name, place, f"the layout of {name!r} differs from row to row")
        return _in_order_of_use(names, source[0], element[0])


def _in_order_of_use(names: list[str], source: Codes, element: Codes) -> ElementMap:
    used = list(dict.fromkeys(int(each) for each in source if each >= 0))
    renamed = {old: new for new, old in enumerate(used)} | {-1: -1}
    order = tuple(renamed[int(each)] for each in source)
    return ElementMap(tuple(names[each] for each in used), order, tuple(int(each) for each in element))


def _integers(value: ir.Value, sizes: Sizes) -> npt.NDArray[np.int64]:
    """Axes, bounds, sizes and places of a node that moves numbers."""
    if value.const_value is not None:
        return np.asarray(value.const_value.numpy())
    return sizes.integers[name_of(value)]


def _mixes_rows(name: str, place: str, found: str) -> UserError:
    return UserError(
        found,
        place=place,
        expected="rows of the batch that are independent, and alike: a stream carries one after the other",
    )
