"""Resources of a matmul unit."""

from __future__ import annotations

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.cost import either
from inrarch.dataflow.kernels.row_buffer import row_buffer
from inrarch.dataflow.logic import adder_tree, counter, delay, gated_adder, multiplexer, product, rounding, taken
from inrarch.dataflow.resources import LONG, Cost, rom
from inrarch.dataflow.several import Count, larger, levels
from inrarch.dataflow.target import Target


def weight_words(lanes_in: Count, lanes_out: Count, coefficient_blocks: Count) -> tuple[Count, Count]:
    """(words, weights per word) of a block of PI x PO weights, of which one word is read per cycle.

    A block is used for `coefficient_blocks` cycles, so the memory is as narrow as that time allows.
    """
    weights = lanes_in * lanes_out
    per_word = -(-weights // coefficient_blocks)
    return -(-weights // per_word), per_word


def matmul_cost(
    *,
    K: int,
    M: int,
    coefficients: int,
    lanes: Lanes,
    data_bits: int,
    weight_bits: int,
    accumulator_bits: int,
    bias_rows: int,
    target: Target,
    tokens: Count = 1,
    stream_lanes: Count = 1,
    fields: int = 1,
) -> Cost:
    """A matmul unit: PI x PO x PC products per cycle. data_bits, accumulator_bits: of the widest.

    Memory: the weights; biases; the double input buffer, words of PI x C, in parts as wide as a token of `stream_lanes`
    with `fields` numbers each. Logic: the products, their sum over PI in a tree, an accumulator that begins with the
    bias, the rounding by about the weights' bits, a bank of results, and a multiplexer for the `tokens` that a group of
    outputs leaves in; signals that go along with the products. Where coefficients take turns: the sums of the others,
    the results of the others, the block of weights in use and the next one, and the choice of operands and of the
    binary point.
    """
    lanes_in, lanes_out = lanes.inputs, lanes.outputs
    lanes_coefficients = coefficients if lanes.coefficients is None else lanes.coefficients
    blocks_in, blocks_out = -(-K // lanes_in), -(-M // lanes_out)
    turns = -(-coefficients // lanes_coefficients)
    words, per_word = weight_words(lanes_in, lanes_out, turns)
    sums = lanes_out * lanes_coefficients
    memories = (
        rom(blocks_in * blocks_out * words, per_word * weight_bits, target)
        + rom(blocks_out, bias_rows * lanes_out * accumulator_bits, target)
        + row_buffer(K, lanes_in, stream_lanes, coefficients * data_bits, target)
    )
    one = (
        product(data_bits, weight_bits, target).times(lanes_in)
        + adder_tree(lanes_in, data_bits + weight_bits, target)
        + gated_adder(accumulator_bits, target)
        + rounding(accumulator_bits, min(weight_bits, accumulator_bits - data_bits), data_bits, target)
    )
    results = lanes_out * coefficients
    turn_bits = larger(1, levels(turns))
    along = 8 + levels(lanes_in)
    marks = Cost(ff=along * (4 + turn_bits) + (along - 2) * (1 + turn_bits) + along - 3)
    paths = (
        taken(stream_lanes * fields * data_bits)
        + one.times(sums)
        + multiplexer(tokens, -(-results // tokens) * data_bits, target)
        + marks
        + counter(LONG, target)
    )
    if not np.any(turns > 1):
        return memories + paths
    in_turns = (
        multiplexer(turns, lanes_in * lanes_coefficients * data_bits, target)
        + multiplexer(turns, sums * accumulator_bits, target)
        + delay(sums * accumulator_bits, turns - 1, target)
        + Cost(ff=2 * lanes_in * lanes_out * weight_bits + (results - sums) * data_bits)
    )
    return memories + paths + either(turns > 1, in_turns, Cost())
