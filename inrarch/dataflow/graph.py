"""What the mapping needs to know of a graph, and the refusal of what has no hardware yet.

Nodes that only move numbers (Concat, Slice, Transpose, …) are looked through: a chain of them is one map from elements
of computed tensors and constants to elements of its result (`inrarch.dataflow.element_maps`), made by one unit. So is
the repetition of a tensor by broadcasting, and the order of elements that a sum over inner axes needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import onnx_ir as ir

from inrarch.dataflow.constants import constant_outputs
from inrarch.dataflow.element_maps import Codes, ElementMap, element_map
from inrarch.dataflow.moving import Moving
from inrarch.dataflow.row_shapes import RowShape, Sizes, sizes_of, stream_shape
from inrarch.dataflow.view import Need, View, is_bool
from inrarch.errors import UserError
from inrarch.graph.attributes import attributes_of
from inrarch.numeric.formats import Formats
from inrarch.numeric.view import (
    MATMULS,
    STRUCTURAL,
    SUMS,
    SUPPORTED,
    bias_of,
    constant_array,
    is_arithmetic,
    is_batch_product,
    is_batch_sum,
    name_of,
    operands,
    why_not_in_hardware,
)


def view_graph(model: ir.Model, formats: Formats | None = None) -> View:
    """Look at an optimized graph (the canonical form that `inrarch.graph.passes` writes).

    formats: a chain of nodes that move numbers is looked through where it rounds at most once; None: all are equal.

    Raises UserError naming the node, its operator, and what is mapped, where a node has no hardware; for outputs that
    are constant; for inputs that no output needs.
    """
    sizes = sizes_of(model)
    _check_outputs(model)
    return _Builder(model, sizes, formats).view()


def _check_outputs(model: ir.Model) -> None:
    varies = {name_of(value) for value in model.graph.inputs}
    for node in model.graph:
        if is_arithmetic(node) and any(name_of(value) in varies for value in operands(node)):
            varies.update(name_of(value) for value in node.outputs)
    constant = [name_of(output) for output in model.graph.outputs if name_of(output) not in varies]
    if constant:
        raise constant_outputs(model, constant)
    for output in model.graph.outputs:
        if is_bool(output):
            raise UserError(f"output {output.name!r} is a truth value", expected="numbers")


class _Builder:
    def __init__(self, model: ir.Model, sizes: Sizes, formats: Formats | None) -> None:
        self.model, self.sizes, self.moving = model, sizes, Moving(sizes, formats)
        self.shapes: dict[str, RowShape] = {}
        self.needs: dict[str, tuple[Need, ...]] = {}
        self.maps: dict[str, ElementMap] = {}

    def view(self) -> View:
        needed = {name_of(output) for output in self.model.graph.outputs}
        live: list[ir.Node] = []
        for node in reversed(list(self.model.graph)):
            if is_arithmetic(node) and any(name_of(value) in needed for value in node.outputs):
                live.append(node)
                needed |= self._look_at(node)
        for value in self.model.graph.inputs:
            if name_of(value) not in needed:
                raise UserError(f"no output depends on input {value.name!r}", hint="take it out of the model")
            self._shape(value, f"input {value.name!r}")
        nodes = tuple(reversed(live))
        view = View(self.model, nodes, self.shapes, self.needs, self.maps, {})
        view.level.update({name_of(value): 0 for value in self.model.graph.inputs})
        for node in nodes:
            if is_bool(node.outputs[0]):
                continue
            result = name_of(node.outputs[0])
            if result in self.maps:
                view.level[result] = view.level_of_map(self.maps[result])
            else:
                deepest = max((view.level_of(need) for need in self.needs[str(node.name)]), default=0)
                view.level[result] = deepest + (node.op_type in (*MATMULS, *SUMS))
        return view

    def _look_at(self, node: ir.Node) -> set[str]:
        """Note what a node needs; the names of these values."""
        place = place_of(node)
        if node.op_type not in SUPPORTED:
            raise UserError(
                f"{node.op_type} of a computed tensor is not mapped to hardware yet",
                place=place,
                expected="one of " + " ".join(sorted(SUPPORTED)),
                hint=why_not_in_hardware(node.op_type),
            )
        result = node.outputs[0]
        if is_bool(result):
            if node.op_type in STRUCTURAL:
                raise UserError(
                    f"{node.op_type} of a truth value is not mapped to hardware yet",
                    place=place,
                    expected=f"{node.op_type} of numbers",
                )
            return {name_of(value) for value in operands(node) if is_bool(value)}
        shape = self._shape(result, place)
        needs: list[Need]
        if is_batch_product(node):
            needs = [Need(name_of(value), self._batch_rows(value, place)) for value in operands(node)]
        elif node.op_type in MATMULS:
            needs = self._matmul_needs(node, shape, place)
        elif node.op_type in SUMS:
            needs = self._sum_needs(node, shape, place)
        elif node.op_type in STRUCTURAL and not self.moving.is_copy(node):
            self.maps[name_of(result)] = found = element_map(
                result, self.sizes, self.moving.through(name_of(result)), place
            )
            self.needs[str(node.name)] = ()
            return self._computed(found)
        elif node.op_type in STRUCTURAL:
            needs = [Need(name_of(value), self._shape(value, place)) for value in operands(node)]
        else:
            needs = self._pointwise_needs(node, shape, place)
        self.needs[str(node.name)] = tuple(dict.fromkeys(needs))
        wanted = {name_of(value) for value in operands(node) if is_bool(value)}
        for need in needs:
            wanted |= {need.tensor} if need.map is None else self._computed(need.map)
        return wanted

    def _computed(self, found: ElementMap) -> set[str]:
        return {name for name in found.sources if name not in self.model.graph.initializers}

    def _shape(self, value: ir.Value, place: str) -> RowShape:
        name = name_of(value)
        if name not in self.shapes:
            self.shapes[name] = stream_shape(self.sizes, name, place)
        return self.shapes[name]

    def _matmul_needs(self, node: ir.Node, shape: RowShape, place: str) -> list[Need]:
        x, weight = operands(node)
        if weight.const_value is None:
            raise UserError(
                f"{node.op_type} of two computed tensors is not mapped to hardware yet"
                if x.const_value is None
                else f"{node.op_type} with the constant as left operand is not mapped to hardware yet",
                place=place,
                expected="a computed left operand and a constant right operand",
            )
        bias = bias_of(node)
        if bias is not None and bias.const_value is None:
            raise UserError("the bias is not a constant", place=place, expected="a constant of one number per feature")
        read = self._shape(x, place)
        if read.repeat != shape.repeat or read.features != self.sizes.shapes[name_of(x)][-1]:
            found = f"{node.op_type} of {x.name!r}, which is a sum over the batch"
            raise UserError(found, place=place, expected="rows of the batch")
        return [Need(name_of(x), read)]

    def _batch_rows(self, value: ir.Value, place: str) -> RowShape:
        """The row shape of what is summed over the batch."""
        shape = self._shape(value, place)
        size = self.sizes.shapes[name_of(value)]
        if shape.repeat != 1 or size[0] != self.sizes.rows:
            raise UserError(
                f"tensor {value.name!r} has {len(size)} axes and is summed over the batch",
                place=place,
                expected="[batch, features]",
            )
        return shape

    def _sum_needs(self, node: ir.Node, shape: RowShape, place: str) -> list[Need]:
        """The elements that are added up must follow one another."""
        (x,) = operands(node)
        given, size = self._shape(x, place), self.sizes.shapes[name_of(x)]
        axes = _axes(node, len(size), self.sizes)
        kept = [axis for axis in range(len(size)) if axis not in axes]
        if given.repeat and not shape.repeat:
            if not is_batch_sum(node):
                raise UserError(
                    "a sum over the batch and over other axes at the same time is not mapped to hardware yet",
                    place=place,
                    expected="a sum over the batch alone, or over other axes",
                )
            return [Need(name_of(x), self._batch_rows(x, place))]
        terms = math.prod(size[axis] for axis in axes)
        if not given.repeat and terms != given.elements:
            raise UserError(
                f"a sum over some axes of {x.name!r}, which is a sum over the batch, is not mapped to hardware yet",
                place=place,
                expected="a sum over all its axes",
            )

        def last(codes: Codes) -> Codes:
            return codes.transpose([*kept, *axes])

        found = element_map(x, self.sizes, lambda each: False, place, last)
        if found.is_identity(name_of(x), given.elements):
            return [Need(name_of(x), given)]
        found = element_map(x, self.sizes, self.moving.through(name_of(x)), place, last)
        return [Need(name_of(x), RowShape(given.elements // terms, terms), found)]

    def _pointwise_needs(self, node: ir.Node, shape: RowShape, place: str) -> list[Need]:
        needs = []
        result = name_of(node.outputs[0])
        for value in self._numbers(node):
            array = constant_array(value)
            if array is None:
                if self._shape(value, place) == shape and self.moving.aligned(value, result):
                    needs.append(Need(name_of(value), shape))
                    continue
            elif array.size == 1 or (array.size == shape.features and array.shape[-1] == shape.features):
                continue
            needs.append(Need(name_of(value), shape, self.moving.repeated(value, result, place)))
        return needs

    def _numbers(self, node: ir.Node) -> Iterator[ir.Value]:
        """The operands of a node, those of a comparison in place of its result."""
        for value in operands(node):
            producer = value.producer()
            if is_bool(value) and producer is not None:
                yield from self._numbers(producer)
            else:
                yield value


def _axes(node: ir.Node, rank: int, sizes: Sizes) -> list[int]:
    """The axes that a ReduceSum adds up, in rising order."""
    listed = node.inputs[1] if len(node.inputs) > 1 else None
    if listed is not None:
        array = listed.const_value.numpy() if listed.const_value is not None else sizes.integers[name_of(listed)]
        if array.size:
            return sorted({int(axis) % rank for axis in array})
    return [] if attributes_of(node).get("noop_with_empty_axes", 0) else list(range(rank))


def place_of(node: ir.Node) -> str:
    """How error messages name a node."""
    return f"node {node.name!r}"
