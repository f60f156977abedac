"""Graph -> units: products that share a weight, and pointwise nodes around them fused into regions.

1. A value's level is the number of matmuls on the longest way to it. Level by level:
2. Products with equal weights at one level whose inputs come from one unit are one matmul unit with a coefficient each:
   a weight is read once per row for all of them.
3. Pointwise nodes of one level and feature count are one region where they are connected or read the same unit.
   (No way leads out of a region and back: it would have to pass a matmul, which is another level.)
4. Comparisons (bool results) are repeated in every region that uses them; a bool never travels on a stream.
5. Model outputs go through a last region that reads their unit anyway (one sink instead of two).
6. A unit writes one stream with all tensors that others need; a fork behind it copies it for several readers.

A skip connection is a region that also reads the stream of a lower level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby

import numpy as np
import onnx_ir as ir

from inrarch.dataflow.graph import View, features_of, place_of, view_graph
from inrarch.dataflow.kernels.fork import Fork
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.kernels.sink import Sink
from inrarch.dataflow.kernels.source import Source
from inrarch.dataflow.naming import Names, clean, unit_name
from inrarch.dataflow.units import Input, Link, Unit, Units
from inrarch.errors import UserError
from inrarch.numeric.view import MATMULS, TRUTHS, bias_of, name_of


def partition(model: ir.Model) -> Units:
    """The units of an optimized graph and the streams between them; the same for the same graph.

    Raises UserError for structure that is not mapped to hardware yet (`inrarch.dataflow.graph`).
    """
    return _Partition(view_graph(model)).run()


class _Partition:
    def __init__(self, view: View) -> None:
        self.view = view
        self.names = Names()
        self.units: list[Unit] = []
        self.unit_of: dict[str, str] = {}
        """Name of the unit that makes a tensor."""
        self.outputs = [name_of(value) for value in view.model.graph.outputs]
        self.readers: dict[str, list[ir.Node]] = {}
        for node in view.nodes:
            for value in view.variables(node):
                self.readers.setdefault(name_of(value), []).append(node)

    def run(self) -> Units:
        for value in self.view.model.graph.inputs:
            name = self.names.unique(f"source_{clean(name_of(value)) or 'input'}")
            features = features_of(value, f"input {value.name!r}")
            self._add(Source(name=name, port=name_of(value), features=features, tensor=name_of(value)))
        level_of = self.view.level
        nodes = sorted(self.view.nodes, key=lambda node: level_of[name_of(node.outputs[0])])
        for _, level in groupby(nodes, key=lambda node: level_of[name_of(node.outputs[0])]):
            members = list(level)
            self._add_matmuls([node for node in members if node.op_type in MATMULS])
            self._add_regions([node for node in members if node.op_type not in (*MATMULS, *TRUTHS)])
        self._route_outputs()
        self._add_sinks()
        return self._with_links()

    def _add(self, unit: Unit) -> None:
        self.units.append(unit)
        for field in unit.fields:
            self.unit_of[field] = unit.name

    def _add_matmuls(self, nodes: list[ir.Node]) -> None:
        groups: dict[tuple[str, str], list[ir.Node]] = {}
        for node in nodes:
            x, weight = node.inputs[0], node.inputs[1]
            groups.setdefault((_digest(weight), self.unit_of[name_of(x)]), []).append(node)
        for (_, source), group in groups.items():
            main = _representative(group)
            biases = [bias_of(node) for node in group]
            operands = tuple(name_of(node.inputs[0]) for node in group)
            self._add(
                Matmul(
                    name=self.names.unique(unit_name(str(main.name), main.op_type)),
                    node=str(main.name),
                    nodes=tuple(str(node.name) for node in group),
                    weight=name_of(main.inputs[1]),
                    input=Input(source, tuple(dict.fromkeys(operands))),
                    operands=operands,
                    makes=tuple(name_of(node.outputs[0]) for node in group),
                    biases=tuple(None if bias is None else name_of(bias) for bias in biases),
                    K=_features(main.inputs[0], main),
                    features=_features(main.outputs[0], main),
                )
            )

    def _add_regions(self, nodes: list[ir.Node]) -> None:
        by_features: dict[int, list[ir.Node]] = {}
        for node in nodes:
            by_features.setdefault(_features(node.outputs[0], node), []).append(node)
        for features, members in by_features.items():
            made = {name_of(value) for node in members for value in node.outputs}

            def keys(node: ir.Node, made: set[str] = made) -> list[str]:
                reads = [name_of(value) for value in self._numbers(node)]
                return [name_of(node.outputs[0]), *(name if name in made else self.unit_of[name] for name in reads)]

            for group in _connected(members, keys):
                self._add_region(group, features)

    def _add_region(self, group: list[ir.Node], features: int) -> None:
        made = {name_of(node.outputs[0]) for node in group}
        wanted = {id(node) for member in group for node in (member, *self._truths_behind(member))}
        nodes = [node for node in self.view.nodes if id(node) in wanted]
        reads: dict[str, dict[str, None]] = {}
        for node in nodes:
            for value in self.view.variables(node):
                if not _is_bool(value) and name_of(value) not in made:
                    reads.setdefault(self.unit_of[name_of(value)], {})[name_of(value)] = None
        self._add(
            Region(
                name=self.names.unique(unit_name(str(_representative(group).name), _representative(group).op_type)),
                nodes=tuple(str(node.name) for node in nodes),
                features=features,
                inputs=tuple(Input(unit, tuple(fields)) for unit, fields in reads.items()),
                makes=tuple(name_of(node.outputs[0]) for node in group if self._leaves(node, group)),
            )
        )

    def _truths_behind(self, node: ir.Node) -> Iterable[ir.Node]:
        """The nodes that make the truth values that a node takes, and the truth values of these."""
        for value in self.view.variables(node):
            producer = value.producer()
            if _is_bool(value) and producer is not None:
                yield producer
                yield from self._truths_behind(producer)

    def _numbers(self, node: ir.Node) -> Iterable[ir.Value]:
        """The computed operands of a node, those of comparisons in place of truth values."""
        for each in (node, *self._truths_behind(node)):
            yield from (value for value in self.view.variables(each) if not _is_bool(value))

    def _leaves(self, node: ir.Node, group: list[ir.Node]) -> bool:
        """Whether a region's tensor is needed outside of it."""
        name = name_of(node.outputs[0])
        inside = {id(member) for member in group}
        return name in self.outputs or any(id(user) not in inside for user in self._users(node))

    def _users(self, node: ir.Node) -> Iterable[ir.Node]:
        """The nodes that read a node's result, or a truth value that follows from it."""
        for reader in self.readers.get(name_of(node.outputs[0]), []):
            if reader.op_type in TRUTHS:
                yield from self._users(reader)
            else:
                yield reader

    def _route_outputs(self) -> None:
        """Let regions that nobody but a sink reads pass on the model outputs of the units that they read."""
        for index, region in enumerate(self.units):
            read = {each.unit for unit in self.units for each in unit.reads}
            if not isinstance(region, Region) or region.name in read:
                continue
            of = dict(self.unit_of)
            passed = [name for name in self.outputs if of[name] in {each.unit for each in region.inputs}]
            inputs = tuple(
                Input(each.unit, tuple(dict.fromkeys([*each.fields, *(n for n in passed if of[n] == each.unit)])))
                for each in region.inputs
            )
            fields = tuple(name for name in self.outputs if name in {*region.fields, *passed})
            self.units[index] = replace(region, inputs=inputs, makes=fields)
            self.unit_of |= dict.fromkeys(passed, region.name)

    def _add_sinks(self) -> None:
        for unit in list(self.units):
            mine = tuple(name for name in self.outputs if self.unit_of[name] == unit.name)
            if mine:
                assert not isinstance(unit, Sink)
                name = self.names.unique(f"sink_{unit.name}")
                self.units.append(Sink(name=name, input=Input(unit.name, mine), features=unit.features, outputs=mine))

    def _with_links(self) -> Units:
        """Add the forks and the streams."""
        links: list[Link] = []
        units: list[Unit] = []
        for unit in self.units:
            units.append(unit)
            if isinstance(unit, Sink):
                continue
            readers = [other.name for other in self.units for read in other.reads if read.unit == unit.name]
            writer = unit.name

            def link(name: str, reader: str, writer: str, made: Unit = unit) -> Link:
                return Link(name, writer, reader, made.features, made.fields, made.repeat)

            if len(readers) > 1:
                fork = self.names.unique(f"fork_{unit.name}")
                links.append(link(f"{unit.name}__{fork}", fork, writer))
                everything = Input(unit.name, unit.fields)
                units.append(Fork(name=fork, input=everything, features=unit.features, repeat=unit.repeat))
                writer = fork
            links += [link(f"{writer}__{reader}", reader, writer) for reader in readers]
        return Units(tuple(units), tuple(links))


def _connected(nodes: list[ir.Node], keys: Callable[[ir.Node], list[str]]) -> list[list[ir.Node]]:
    """The nodes in groups that share keys, directly or through others; order is kept."""
    groups: list[tuple[set[str], list[ir.Node]]] = []
    position = {id(node): index for index, node in enumerate(nodes)}
    for node in nodes:
        shared, members = set(keys(node)), [node]
        rest = []
        for other, others in groups:
            if other & shared:
                shared |= other
                members = others + members
            else:
                rest.append((other, others))
        groups = [*rest, (shared, members)]
    found = [sorted(members, key=lambda node: position[id(node)]) for _, members in groups]
    return sorted(found, key=lambda members: position[id(members[0])])


def _representative(nodes: list[ir.Node]) -> ir.Node:
    """The node that stands for all: the shortest name (derivatives have longer ones), the first of these."""
    return min(nodes, key=lambda node: len(str(node.name)))


def _is_bool(value: ir.Value) -> bool:
    producer = value.producer()
    return producer is not None and producer.op_type in TRUTHS


def _features(value: ir.Value | None, node: ir.Node) -> int:
    assert value is not None
    return features_of(value, place_of(node))


def _digest(weight: ir.Value | None) -> str:
    """Equal for weights of equal shape and numbers, whatever their names."""
    if weight is None or weight.const_value is None:
        raise UserError("a matmul has no constant weight", hint="this is a fault of the optimizer")
    array = np.ascontiguousarray(weight.const_value.numpy())
    return hashlib.sha256(repr((array.shape, str(array.dtype))).encode() + array.tobytes()).hexdigest()
