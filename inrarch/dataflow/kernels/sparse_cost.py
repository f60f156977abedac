"""Resources of a sparse matmul unit."""

from __future__ import annotations

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.sparse_program import Program
from inrarch.dataflow.kernels.sparse_shape import SparseShape
from inrarch.dataflow.logic import adder, adder_tree, counter, gated_adder, multiplexer, product, rounding, taken
from inrarch.dataflow.resources import LONG, Cost, buffer, rom, total
from inrarch.dataflow.target import Target


def sparse_cost(
    program: Program,
    shape: SparseShape,
    lanes: Lanes,
    *,
    coefficients: int,
    data_bits: int,
    weight_bits: int,
    accumulator_bits: int,
    bias_rows: int,
    stream_lanes: int,
    fields: int,
    target: Target,
) -> Cost:
    """PI x L x C products per cycle.

    DSP: the tiles of each product. Memory: weights, places and marks of every cycle; which buffer keeps which input;
    the sources and the biases of every slice of outputs; a double buffer of the inputs per product and bank; a double
    buffer of the sums that are complete per lane. LUT: sums of the products and of their tiles, the choice of what a
    sum begins with (0 or carry), choice among the banks of each product and among the lanes of each port; bias,
    rounding and saturation per port. FF: operand, sum, carry; a chosen sum, one with its bias, a rounded one and a
    result per port; a counter per bank.
    """
    products, sums, word = lanes.inputs * lanes.outputs, lanes.outputs * coefficients, coefficients * data_bits
    banks = program.banks // products
    place_bits = program.address_bits + (banks - 1).bit_length()
    source_bits = program.segment_bits + (max(shape.lanes_of_port) - 1).bit_length()
    memories = (
        rom(shape.horizon, products * weight_bits, target)
        + rom(shape.horizon, products * place_bits, target)
        + rom(shape.horizon, lanes.outputs * 4, target)
        + rom(shape.slices_in, program.banks, target)
        + rom(shape.slices_out, shape.ports * source_bits, target)
        + rom(shape.slices_out, bias_rows * shape.ports * accumulator_bits, target)
        + operand_memory(program.address_bits, coefficients, data_bits, target).times(program.banks)
        + result_memory(program.segment_bits, coefficients, accumulator_bits, target).times(lanes.outputs)
    )
    bank_counters = program.banks * program.address_bits
    chosen = total(multiplexer(count, coefficients * accumulator_bits, target) for count in shape.lanes_of_port)
    lane = (
        product(data_bits, weight_bits, target).times(lanes.inputs)
        + adder_tree(lanes.inputs, data_bits + weight_bits, target)
        + gated_adder(accumulator_bits, target)
        + Cost(lut=accumulator_bits, ff=accumulator_bits)
    )
    leaving = adder(accumulator_bits, target) + rounding(
        accumulator_bits, min(weight_bits, accumulator_bits - data_bits), data_bits, target
    )
    return (
        memories
        + lane.times(sums)
        + multiplexer(banks, word, target).times(products)
        + chosen
        + leaving.times(shape.ports * coefficients)
        + taken(stream_lanes * fields * data_bits)
        + Cost(ff=(stream_lanes + program.banks // products) * word)
        + counter(bank_counters + 2 * LONG, target)
    )


def operand_memory(address_bits: int, coefficients: int, data_bits: int, target: Target) -> Cost:
    """A bank of inputs, twice."""
    return buffer(2 << address_bits, coefficients * data_bits, target)


def result_memory(segment_bits: int, coefficients: int, accumulator_bits: int, target: Target) -> Cost:
    """The sums of a lane that are complete, twice."""
    return buffer(2 << segment_bits, coefficients * accumulator_bits, target)
