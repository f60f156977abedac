"""Which nodes belong together: groups that share something, names that stand for all, equal weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.numeric.view import operands

Item = TypeVar("Item")


def connected(items: list[Item], keys: Callable[[Item], list[str]]) -> list[list[Item]]:
    """The items in groups that share keys, directly or through others; order is kept."""
    groups: list[tuple[set[str], list[Item]]] = []
    position = {id(item): index for index, item in enumerate(items)}
    for item in items:
        shared, members = set(keys(item)), [item]
        rest = []
        for other, others in groups:
            if other & shared:
                shared |= other
                members = others + members
            else:
                rest.append((other, others))
        groups = [*rest, (shared, members)]
    found = [sorted(members, key=lambda item: position[id(item)]) for _, members in groups]
    return sorted(found, key=lambda members: position[id(members[0])])


def representative(nodes: list[ir.Node]) -> ir.Node:
    """The node that stands for all: the shortest name (derivatives have longer ones), the first of these."""
    return min(nodes, key=lambda node: len(str(node.name)))


def conditions(node: ir.Node) -> Iterator[ir.Node]:
    """The nodes that make the truth values that a node needs."""
    for value in operands(node):
        producer = value.producer()
        if value.dtype == ir.DataType.BOOL and producer is not None:
            yield producer
            yield from conditions(producer)


def digest(weight: ir.Value | None) -> str:
    """Equal for weights of equal shape and numbers, whatever their names."""
    if weight is None or weight.const_value is None:
        raise UserError("a matmul has no constant weight", hint="this is a fault of the optimizer")
    array = np.ascontiguousarray(weight.const_value.numpy())
    return hashlib.sha256(repr((array.shape, str(array.dtype))).encode() + array.tobytes()).hexdigest()
