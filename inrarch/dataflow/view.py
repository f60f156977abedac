"""What the mapping has found of a graph: its nodes, what each reads, and how deep it lies."""

from __future__ import annotations

from dataclasses import dataclass

import onnx_ir as ir

from inrarch.dataflow.element_maps import ElementMap
from inrarch.dataflow.row_shapes import RowShape


@dataclass(frozen=True, slots=True)
class Need:
    """A tensor that a node reads. map: how it must be arranged first, where not as it is made; shape: as it is read."""

    tensor: str
    shape: RowShape
    map: ElementMap | None = None


@dataclass(frozen=True, slots=True)
class View:
    """The nodes that the outputs need and that become hardware, in topological order, checked to be mappable.

    needs: per node name, what it reads of streams; of a node that moves numbers, what its map reads.
    maps: per result of a node (or chain of nodes) that moves numbers: where its elements come from.
    level: per value name, the number of units other than pointwise ones on the longest way to it from an input.
    """

    model: ir.Model
    nodes: tuple[ir.Node, ...]
    shapes: dict[str, RowShape]
    needs: dict[str, tuple[Need, ...]]
    maps: dict[str, ElementMap]
    level: dict[str, int]

    def level_of(self, need: Need) -> int:
        """The level at which a tensor is there as it is needed."""
        return self.level[need.tensor] if need.map is None else self.level_of_map(need.map)

    def level_of_map(self, found: ElementMap) -> int:
        """One above its sources; 0 for constants alone."""
        return 1 + max((self.level[name] for name in found.sources if name in self.level), default=-1)


def is_bool(value: ir.Value) -> bool:
    """Whether a value is a truth value, which never travels on a stream."""
    return bool(value.dtype == ir.DataType.BOOL)
