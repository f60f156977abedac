"""Units for nodes that sum over the batch: outer products of two streams, and sums of tensors of one stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import onnx_ir as ir

from inrarch.dataflow.kernels.accumulate import Accumulate
from inrarch.dataflow.kernels.outer import Outer
from inrarch.dataflow.units import Input
from inrarch.dataflow.view import View
from inrarch.numeric.view import name_of, operands

Naming = Callable[[list[ir.Node]], str]
"""Gives the unit that stands for some nodes a name."""


def outer_units(nodes: Sequence[ir.Node], view: View, unit_of: Mapping[str, str], naming: Naming) -> list[Outer]:
    """A unit for each product. unit_of: names of the units that make tensors."""
    found = []
    for node in nodes:
        left, right = (name_of(value) for value in operands(node))
        result = name_of(node.outputs[0])
        found.append(
            Outer(
                name=naming([node]),
                node=str(node.name),
                left=Input(unit_of[left], (left,)),
                right=Input(unit_of[right], (right,)),
                A=view.shapes[left].features,
                B=view.shapes[right].features,
                makes=(result,),
                features=view.shapes[result].features,
            )
        )
    return found


def accumulate_units(
    nodes: Sequence[ir.Node], view: View, unit_of: Mapping[str, str], naming: Naming
) -> list[Accumulate]:
    """A unit for all sums of tensors that one unit makes."""
    groups: dict[str, list[ir.Node]] = {}
    for node in nodes:
        groups.setdefault(unit_of[name_of(node.inputs[0])], []).append(node)
    found = []
    for source, group in groups.items():
        taken = tuple(name_of(node.inputs[0]) for node in group)
        makes = tuple(name_of(node.outputs[0]) for node in group)
        found.append(
            Accumulate(
                name=naming(group),
                nodes=tuple(str(node.name) for node in group),
                input=Input(source, tuple(dict.fromkeys(taken))),
                operands=taken,
                makes=makes,
                features=view.shapes[makes[0]].features,
            )
        )
    return found
