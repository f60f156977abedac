"""Graph -> units: products that share a weight, and pointwise nodes around them fused into regions.

1. A value's level is the number of units other than pointwise ones on the longest way to it. Level by level:
2. Products with equal weights at one level whose inputs come from one unit are one matmul unit with a coefficient each:
   a weight is read once per row for all of them. Sums of equal shape that read one unit are one unit.
   Sums over the batch (`inrarch.dataflow.batch_units`) are units that give one row per invocation.
3. Chains of nodes that move numbers, and repetitions by broadcasting, are one reorder unit where their results have
   equal row shapes and they share a source.
4. Pointwise nodes of one level and row shape are one region where they are connected or read the same unit.
   (No way leads out of a region and back: it would have to pass another unit, which is another level.)
5. Comparisons (bool results) are repeated in every region that uses them; a bool never travels on a stream.
6. Model outputs go through a last region that reads their unit anyway (one sink instead of two).
7. A unit writes one stream with all tensors that others need; a fork behind it copies for several readers what
   each needs.

A skip connection is a region or a reorder unit that also reads the stream of a lower level.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.dataflow.batch_units import accumulate_units, outer_units
from inrarch.dataflow.graph import view_graph
from inrarch.dataflow.grouping import conditions, connected, digest, representative
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.kernels.reduce import Reduce
from inrarch.dataflow.kernels.source import Source
from inrarch.dataflow.naming import Names, clean, unit_name
from inrarch.dataflow.reorder_units import reorder_groups, reorder_unit
from inrarch.dataflow.row_shapes import RowShape
from inrarch.dataflow.units import Input, Unit, Units
from inrarch.dataflow.view import Need, View, is_bool
from inrarch.dataflow.wiring import Outputs, linked
from inrarch.numeric.formats import Formats
from inrarch.numeric.view import MATMULS, SUMS, bias_of, name_of


def partition(model: ir.Model, formats: Formats | None = None) -> Units:
    """The units of an optimized graph and the streams between them; the same for the same graph.

    formats: of all tensors; None where all are equal (`inrarch.dataflow.graph.view_graph`).

    Raises UserError for structure that is not mapped to hardware yet (`inrarch.dataflow.graph`).
    """
    return _Partition(view_graph(model, formats)).run()


class _Partition:
    def __init__(self, view: View) -> None:
        self.view = view
        self.names = Names()
        self.units: list[Unit] = []
        self.unit_of: dict[str, str] = {}
        """Name of the unit that makes a tensor."""
        self.arranged: dict[Need, str] = {}
        """Name of the unit that arranges a tensor as it is needed."""
        self.outputs = [name_of(value) for value in view.model.graph.outputs]
        self.readers: dict[str, set[str]] = {}
        """Nodes that read a tensor as it is made, by name."""
        needs = dict.fromkeys(need for each in view.needs.values() for need in each)
        self.arrangements = [need for need in needs if need.map is not None]
        maps = [*view.maps.values(), *(need.map for need in self.arrangements if need.map is not None)]
        self.moved = {name for found in maps for name in found.sources}
        self.weights: dict[str, list[str]] = {}
        """Digests of the weights that a tensor is multiplied with."""
        for node in view.nodes:
            for need in view.needs.get(str(node.name), ()):
                if need.map is None:
                    self.readers.setdefault(need.tensor, set()).add(str(node.name))
            if node.op_type in MATMULS and node.inputs[1] is not None and node.inputs[1].const_value is not None:
                self.weights.setdefault(name_of(node.inputs[0]), []).append(digest(node.inputs[1]))

    def run(self) -> Units:
        for value in self.view.model.graph.inputs:
            name = self.names.unique(f"source_{clean(name_of(value)) or 'input'}")
            shape = self.view.shapes[name_of(value)]
            self._add(Source(name=name, port=name_of(value), features=shape.features, tensor=name_of(value)))
        level_of = self.view.level
        nodes = [node for node in self.view.nodes if not is_bool(node.outputs[0])]
        levels = {level_of[name_of(node.outputs[0])] for node in nodes}
        for level in sorted(levels | {self.view.level_of(need) for need in self.arrangements}):
            members = [node for node in nodes if level_of[name_of(node.outputs[0])] == level]
            over_batch = [node for node in members if self._sums_over_batch(node)]
            self._add_matmuls([node for node in members if node.op_type in MATMULS and node not in over_batch])
            self._add_sums([node for node in members if node.op_type in SUMS and node not in over_batch])
            self._add_batch_sums(over_batch)
            moving = [node for node in members if name_of(node.outputs[0]) in self.view.maps]
            self._add_moves(moving)
            self._add_arrangements([need for need in self.arrangements if self.view.level_of(need) == level])
            others = [*MATMULS, *SUMS]
            self._add_regions([node for node in members if node.op_type not in others and node not in moving])
        outputs = Outputs(self.outputs, self.unit_of)
        return linked(outputs.with_sinks(outputs.routed(self.units), self.names), self.names)

    def _add(self, unit: Unit) -> None:
        self.units.append(unit)
        for field in unit.fields:
            self.unit_of[field] = unit.name

    def _source_of(self, need: Need) -> str:
        """The unit that gives a tensor as it is needed."""
        return self.unit_of[need.tensor] if need.map is None else self.arranged[need]

    def _add_matmuls(self, nodes: list[ir.Node]) -> None:
        groups: dict[tuple[str, str], list[ir.Node]] = {}
        for node in nodes:
            x, weight = node.inputs[0], node.inputs[1]
            groups.setdefault((digest(weight), self.unit_of[name_of(x)]), []).append(node)
        for (_, source), group in groups.items():
            main = representative(group)
            biases = [bias_of(node) for node in group]
            operands = tuple(name_of(node.inputs[0]) for node in group)
            shape = self.view.shapes[name_of(main.outputs[0])]
            self._add(
                Matmul(
                    name=self._name(group),
                    node=str(main.name),
                    nodes=tuple(str(node.name) for node in group),
                    weight=name_of(main.inputs[1]),
                    input=Input(source, tuple(dict.fromkeys(operands))),
                    operands=operands,
                    makes=tuple(name_of(node.outputs[0]) for node in group),
                    biases=tuple(None if bias is None else name_of(bias) for bias in biases),
                    K=self.view.shapes[operands[0]].features,
                    features=shape.features,
                    repeat=shape.repeat,
                )
            )

    def _sums_over_batch(self, node: ir.Node) -> bool:
        if node.op_type not in (*MATMULS, *SUMS) or self.view.shapes[name_of(node.outputs[0])].repeat:
            return False
        return any(self.view.shapes[need.tensor].repeat for need in self.view.needs[str(node.name)])

    def _add_batch_sums(self, nodes: list[ir.Node]) -> None:
        products = [node for node in nodes if node.op_type in MATMULS]
        sums = [node for node in nodes if node.op_type in SUMS]
        for unit in (
            *outer_units(products, self.view, self.unit_of, self._name),
            *accumulate_units(sums, self.view, self.unit_of, self._name),
        ):
            self._add(unit)

    def _add_sums(self, nodes: list[ir.Node]) -> None:
        groups: dict[tuple[str, RowShape, RowShape], list[ir.Node]] = {}
        for node in nodes:
            (need,) = self.view.needs[str(node.name)]
            key = (self._source_of(need), need.shape, self.view.shapes[name_of(node.outputs[0])])
            groups.setdefault(key, []).append(node)
        for (source, given, made), group in groups.items():
            operands = tuple(name_of(node.inputs[0]) for node in group)
            self._add(
                Reduce(
                    name=self._name(group),
                    nodes=tuple(str(node.name) for node in group),
                    input=Input(source, tuple(dict.fromkeys(operands))),
                    operands=operands,
                    makes=tuple(name_of(node.outputs[0]) for node in group),
                    given=given,
                    features=made.features,
                    repeat=made.repeat,
                )
            )

    def _add_moves(self, nodes: list[ir.Node]) -> None:
        """Chains of nodes that move numbers; the last node of each is given."""
        made = {name_of(node.outputs[0]): node for node in nodes}
        wanted = [Need(name, self.view.shapes[name], self.view.maps[name]) for name in made]
        for group in reorder_groups(wanted, self.unit_of, self.weights):
            name = self._name([made[need.tensor] for need in group])
            self._add(reorder_unit(name, group, self.view, self.unit_of))

    def _add_arrangements(self, needs: list[Need]) -> None:
        for group in reorder_groups(needs, self.unit_of, {}):
            name = self.names.unique(f"arrange_{clean(min((need.tensor for need in group), key=len))}")
            self.units.append(reorder_unit(name, group, self.view, self.unit_of))
            self.arranged.update(dict.fromkeys(group, name))

    def _add_regions(self, nodes: list[ir.Node]) -> None:
        shapes: dict[RowShape, list[ir.Node]] = {}
        for node in nodes:
            shapes.setdefault(self.view.shapes[name_of(node.outputs[0])], []).append(node)
        for shape, members in shapes.items():
            made = {name_of(value) for node in members for value in node.outputs}

            def keys(node: ir.Node, made: set[str] = made) -> list[str]:
                needs = self.view.needs[str(node.name)]
                inside = [need.tensor for need in needs if need.map is None and need.tensor in made]
                outside = [need for need in needs if need.map is not None or need.tensor not in made]
                return [name_of(node.outputs[0]), *inside, *map(self._source_of, outside)]

            for group in connected(members, keys):
                self._add_region(group, shape)

    def _add_region(self, group: list[ir.Node], shape: RowShape) -> None:
        made = {name_of(node.outputs[0]) for node in group}
        inside = {str(node.name) for node in group}
        wanted = {id(node) for member in group for node in (member, *conditions(member))}
        reads: dict[str, dict[str, None]] = {}
        for node in group:
            for need in self.view.needs[str(node.name)]:
                if need.map is not None or need.tensor not in made:
                    reads.setdefault(self._source_of(need), {})[need.tensor] = None

        def leaves(name: str) -> bool:
            """Whether a tensor is needed outside of the region."""
            return name in self.outputs or name in self.moved or not self.readers.get(name, set()) <= inside

        results = [name_of(node.outputs[0]) for node in group]
        self._add(
            Region(
                name=self._name(group),
                nodes=tuple(str(node.name) for node in self.view.nodes if id(node) in wanted),
                features=shape.features,
                repeat=shape.repeat,
                inputs=tuple(Input(unit, tuple(fields)) for unit, fields in reads.items()),
                makes=tuple(name for name in results if leaves(name)),
            )
        )

    def _name(self, group: list[ir.Node]) -> str:
        main = representative(group)
        return self.names.unique(unit_name(str(main.name), main.op_type))
