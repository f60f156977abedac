"""What number formats cost on a multiplier block, per row, before any parallelism is chosen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import onnx_ir as ir

from inrarch.dataflow.resources import dsp_tiles
from inrarch.numeric.formats import Formats
from inrarch.numeric.view import MATMULS, is_batch_product, name_of, operands

TRIAL_MACS = 300_000_000
"""Multiply-accumulates of one trial of number formats."""


@dataclass(frozen=True, slots=True, order=True)
class WidthCost:
    """Compared in this order.

    tiles: multiplier blocks, times the cycles for which a row occupies them: products per row, each times its tiles.
    bits: of both operands of a multiply-accumulate, summed over those of a row: what adders and registers grow with.
    memory: bits of the weights.
    """

    tiles: int
    bits: int
    memory: int


def macs_by_weight(model: ir.Model) -> dict[str, int]:
    """Multiply-accumulates per row of every weight matrix, over all matmuls that use it."""
    macs: dict[str, int] = {}
    for node in model.graph:
        if _is_layer(node):
            name = name_of(operands(node)[1])
            macs[name] = macs.get(name, 0) + elements(node.outputs[0]) * _inner(node)
    return macs


def few_rows(model: ir.Model, available: int) -> int:
    """Rows that one trial measures: as many as make about `TRIAL_MACS`, from 64 to 1,024."""
    macs = sum(macs_by_weight(model).values())
    return min(available, max(64, min(1024, TRIAL_MACS // max(macs, 1))))


def elements(value: ir.Value) -> int:
    """Numbers of one row: all axes but the first."""
    return math.prod(size for size in list(value.shape or ())[1:] if isinstance(size, int))


def width_cost(model: ir.Model, formats: Formats, multiplier: tuple[int, int]) -> WidthCost:
    """The cost of these formats. multiplier: signed widths of one block. Function tables are left out."""
    tiles = bits = 0
    for node in model.graph:
        if _is_layer(node) or node.op_type == "Mul" or is_batch_product(node):
            left, right = formats.operands_of(str(node.name), [name_of(value) for value in operands(node)])
            count = elements(node.outputs[0]) * (_inner(node) if _is_layer(node) else 1)
            if is_batch_product(node):
                count = math.prod(int(size) for size in node.outputs[0].shape or () if isinstance(size, int))
            tiles += count * dsp_tiles(left.bits, right.bits, multiplier)
            bits += 0 if node.op_type == "Mul" else count * (left.bits + right.bits)
    return WidthCost(tiles, bits, sum(size * formats.of(name).bits for name, size in weight_sizes(model).items()))


def weight_sizes(model: ir.Model) -> dict[str, int]:
    """Numbers in every weight matrix, in the order in which they are used."""
    weights = [operands(node)[1] for node in model.graph if _is_layer(node)]
    return {name_of(value): math.prod(int(size) for size in value.shape or ()) for value in weights}


def saving_factor_bits(data_bits: int, multiplier: tuple[int, int]) -> int | None:
    """The widest factor that a product of `data_bits` can have at the fewest tiles; None where rounding saves none."""
    tiles: Mapping[int, int] = {bits: dsp_tiles(data_bits, bits, multiplier) for bits in range(4, data_bits + 1)}
    fewest = min(tiles.values())
    return None if tiles[data_bits] == fewest else max(bits for bits, count in tiles.items() if count == fewest)


def _is_layer(node: ir.Node) -> bool:
    """Whether the node is a product with a constant matrix. Sums over a batch, of two computed ones, are left out."""
    return node.op_type in MATMULS and operands(node)[1].const_value is not None


def _inner(node: ir.Node) -> int:
    """K of a weight matrix [K, M]."""
    size = (operands(node)[1].shape or ir.Shape([1]))[0]
    return size if isinstance(size, int) else 1
