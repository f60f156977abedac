"""Resources of a sparse matmul unit."""

from __future__ import annotations

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.sparse_program import Program
from inrarch.dataflow.kernels.sparse_shape import SparseShape
from inrarch.dataflow.resources import CONTROL, Cost, buffer, dsp_tiles, rom
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
    target: Target,
) -> Cost:
    """PI x L x C products per cycle.

    DSP: the tiles of each product. Memory: weights, places and marks of every cycle; which buffer keeps which input;
    the biases of every lane; the sources of the results; a double buffer of the inputs per product and bank; a double
    buffer of the results per lane. LUT: sums of the products and of their tiles, the choice of what a sum begins
    with (bias or carry), rounding and saturation per lane, choice among the banks of each product and among the lanes
    of each port. FF: sum, carry, a register and a result per sum, a counter per bank.
    """
    products, sums, word = lanes.inputs * lanes.outputs, lanes.outputs * coefficients, coefficients * data_bits
    banks = program.banks // products
    tiles = dsp_tiles(data_bits, weight_bits, target.shape)
    adders = sums * (lanes.inputs * max(tiles, 1) - 1)
    segments = program.pieces.shape[1]
    place_bits = program.address_bits + (banks - 1).bit_length()
    source_bits = program.segment_bits + (max(shape.lanes_of_port) - 1).bit_length()
    memories = (
        rom(shape.horizon, products * weight_bits, target)
        + rom(shape.horizon, products * place_bits, target)
        + rom(shape.horizon, lanes.outputs * 4, target)
        + rom(shape.slices_in, program.banks, target)
        + rom(shape.slices_out, shape.ports * source_bits, target)
        + rom(segments, bias_rows * accumulator_bits, target).times(lanes.outputs)
        + buffer(2 << program.address_bits, word, target).times(program.banks)
        + buffer(2 * segments, word, target).times(lanes.outputs)
    )
    counters = program.banks * (program.address_bits + 1)
    choices = word * (products * _choice(banks) + sum(_choice(count) for count in shape.lanes_of_port))
    sum_luts = adders * accumulator_bits + sums * 2 * (accumulator_bits + data_bits)
    return memories + Cost(
        dsp=products * coefficients * tiles,
        lut=round(CONTROL * (sum_luts + choices + counters)),
        ff=round(CONTROL * (adders * accumulator_bits + sums * (3 * accumulator_bits + data_bits) + counters)),
    )


def _choice(inputs: int) -> int:
    """LUTs per bit of a multiplexer: 4 to 1 in a LUT of 6 inputs, so each LUT takes 3 inputs away."""
    return -(-(inputs - 1) // 3)
