"""Pipeline depths of the kernels in cycles, from an iteration's reads to its write: constants of the design.

They are what a 300 MHz pipeline needs on UltraScale+ with every DSP register used (AMD UG579: 3 stages per slice, 4
with a second tile). Schedules, FIFO depths and cycles use them; an RTL kernel must meet them exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import onnx_ir as ir

from inrarch.numeric.view import TABLES, name_of, operands

SOURCE = 1
FORK = 1
MULTIPLY_ADD = 8
"""Matmul: buffer and weight read 2, product 4, accumulation and rounding 2; plus the tree over lanes_in."""

OPERATORS: Mapping[str, int] = {
    "Identity": 1,
    "Neg": 1,
    "Relu": 1,
    "Greater": 1,
    "Where": 1,
    "Add": 2,
    "Sub": 2,
    "Mul": 5,
} | dict.fromkeys(TABLES, 18)
"""Align and add, then round and saturate: 2. Product 4, then round and saturate: 5. Table: range reduction 5, memory 2,
two products with additions 10, saturation 1."""


def matmul_latency(lanes_in: int) -> int:
    """Cycles from the iteration that makes a result ready to its write."""
    return MULTIPLY_ADD + math.ceil(math.log2(lanes_in))


def region_latency(nodes: tuple[ir.Node, ...]) -> int:
    """The longest path through a region's nodes (in topological order), and 1 for the register of its output."""
    ready: dict[str, int] = {}
    for node in nodes:
        start = max((ready.get(name_of(value), 0) for value in operands(node)), default=0)
        ready[name_of(node.outputs[0])] = start + OPERATORS[node.op_type]
    return 1 + max(ready.values(), default=0)
