"""What every lane of a sparse matmul unit does in every cycle of a row, and which inputs its buffers keep.

Product p of lane l has a buffer of its own with the inputs that it uses, in banks: input k is in bank k mod H, where H
inputs arrive at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.sparse_shape import Integers, Pattern, SparseShape
from inrarch.dataflow.packing import pack

BEGIN, BEGIN_CARRY, END_RESULT, END_CARRY = 1, 2, 4, 8
"""Bits of a mark: the sum begins with 0, or with what the next lane left; it is a result, or left behind."""


@dataclass(frozen=True, slots=True)
class Program:
    """The program of one row.

    marks: [horizon, L]. inputs: [horizon, L * PI], input of a product or -1 for none, product p of lane l at l*PI + p.
    outputs: [horizon, L], output that a lane works at, or -1. places: [horizon, L * PI], address of the input in its
    buffer (bank << address_bits | word). kept: [slices_in, L * PI * H] whether a buffer keeps bank h of a slice.
    segments: most pieces of a lane. sources: [slices_out, G], lane (within its port) << segment_bits | piece that
    makes an output. lag: iterations of a step from its start to that in which the
    first slice of a row leaves.
    """

    marks: Integers
    inputs: Integers
    outputs: Integers
    places: Integers
    kept: npt.NDArray[np.bool_]
    segments: int
    sources: Integers
    address_bits: int
    segment_bits: int
    lag: int

    @property
    def banks(self) -> int:
        """Banks of all buffers together."""
        return int(self.kept.shape[1])


def build_program(pattern: Pattern, lanes: Lanes, shape: SparseShape) -> Program:
    """The program for a shape of `pattern` at these lanes; the same for the same pattern."""
    count, products = lanes.outputs, lanes.outputs * lanes.inputs
    pieces = _pieces(pattern, lanes, shape)
    lane, segment, output, start, block, length, begins, ends = pieces.T
    last = start + length - 1
    segments = int(segment.max()) + 1
    marks = np.zeros((shape.horizon, count), dtype=np.int64)
    marks[start, lane] |= np.where(begins, BEGIN, BEGIN_CARRY)
    marks[last, lane] |= np.where(ends, END_RESULT, END_CARRY)
    operands, first_block = pattern.operands(lanes.inputs)
    each = np.repeat(np.arange(len(pieces)), length)  # piece of every cycle in which a lane works
    nth = np.arange(len(each)) - np.repeat(np.cumsum(length) - length, length)
    at = (start[each] + nth, lane[each])
    outputs = np.full((shape.horizon, count), -1, dtype=np.int64)
    outputs[at] = output[each]
    by_lane = np.full((shape.horizon, count, lanes.inputs), -1, dtype=np.int64)
    by_lane[at] = operands[first_block[output[each]] + block[each] + nth]
    inputs = by_lane.reshape(shape.horizon, products)
    banks = pattern.inputs // shape.slices_in
    kept, words = _kept(inputs, pattern.inputs, banks)
    address_bits, segment_bits = _bits(int(words.max(initial=0)) + 1), _bits(segments)
    place = (np.arange(pattern.inputs) % banks << address_bits) + words
    done = ends.astype(bool)
    finish, source = np.zeros((2, pattern.outputs), dtype=np.int64)
    finish[output[done]] = last[done]
    first_lane = np.concatenate(([0], np.cumsum(shape.lanes_of_port)))[output[done] % shape.ports]
    source[output[done]] = (lane[done] - first_lane << segment_bits) + segment[done]
    leaving = (np.arange(shape.slices_out) * shape.step + shape.slices_out - 1) // shape.slices_out
    return Program(
        marks=marks,
        inputs=inputs,
        outputs=outputs,
        places=np.where(inputs < 0, 0, place[np.arange(products), inputs]),
        kept=kept.reshape(products, shape.slices_in, banks).transpose(1, 0, 2).reshape(shape.slices_in, -1),
        segments=segments,
        sources=source.reshape(-1, shape.ports),
        address_bits=address_bits,
        segment_bits=segment_bits,
        lag=max(0, int((finish.reshape(-1, shape.ports).max(axis=1) + 1 - leaving).max())),
    )


def _pieces(pattern: Pattern, lanes: Lanes, shape: SparseShape) -> Integers:
    """[pieces, 8]: lane, its how many-th piece, output, start, first block, length, whether it begins and ends it."""
    blocks = pattern.blocks(lanes.inputs).tolist()
    found: list[tuple[int, ...]] = []
    lane = 0
    for port, count in enumerate(shape.lanes_of_port):
        for program in pack(blocks[port :: shape.ports], count, shape.horizon):
            for segment, piece in enumerate(program):
                found.append((lane, segment, port + piece.output * shape.ports, *piece[1:]))
            lane += 1
    return np.array(found, dtype=np.int64)


def _kept(inputs: Integers, count: int, banks: int) -> tuple[npt.NDArray[np.bool_], Integers]:
    """Per product [products, inputs]: whether it uses an input, and the word of its bank where that is kept."""
    products = inputs.shape[1]
    kept = np.zeros((products, count + 1), dtype=bool)
    kept[np.arange(products), inputs] = True  # -1, no product, is the place behind the last input
    kept = kept[:, :count]
    by_bank = kept.reshape(products, count // banks, banks)
    words = np.cumsum(by_bank, axis=1) - by_bank
    return kept, np.where(by_bank, words, 0).reshape(products, count)


def _bits(count: int) -> int:
    """Bits of an index below `count`."""
    return (count - 1).bit_length()
