"""The program of a sparse matmul unit as the words of its read-only memories, in the order in which it reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.sparse_program import Program, build_program
from inrarch.dataflow.kernels.sparse_shape import Pattern, SparseShape
from inrarch.hardware.roms import Constants, Integers, pack_biases


@dataclass(frozen=True, slots=True)
class SparseUnit:
    """Constants of a sparse matmul unit (kernel_lib/sparse_matmul/sparse_matmul.hpp names them in the same way).

    numbers: single ones. lists: per coefficient; `port` per port. memories: words by memory in the order of the
    kernel's arguments, with the C++ type and the bits of a number; biases: [slices_out, bias_rows * G].
    """

    numbers: dict[str, int]
    lists: dict[str, tuple[int, ...]]
    memories: dict[str, tuple[str, int, Integers]]


def build_sparse(constants: Constants, lanes: Lanes, lanes_before: int, lanes_behind: int) -> SparseUnit:
    """The constants of a unit with these lanes, between streams of so many lanes."""
    pattern = Pattern.of(constants.weight)
    shape = pattern.shape(lanes, lanes_before, lanes_behind)
    program = build_program(pattern, lanes, shape)
    place_bits, source_bits = max(1, _bits(program.places)), max(1, _bits(program.sources))
    bias_rows = max(1, len(constants.biases))
    return SparseUnit(
        numbers=_numbers(constants, lanes, shape, program)
        | {"place_bits": place_bits, "source_bits": source_bits, "bias_rows": bias_rows},
        lists={
            "field": constants.field,
            "shift": constants.shift,
            "bias": constants.bias,
            "port": (0, *(int(each) for each in np.cumsum(shape.lanes_of_port))),
        },
        memories={
            "weights": _words(constants.weight_bits, _weights(constants.weight, program, lanes)),
            "places": _indices(place_bits, program.places),
            "marks": _indices(4, program.marks),
            "kept": _indices(1, program.kept.astype(np.int64)),
            "sources": _indices(source_bits, program.sources),
            "biases": _words(
                constants.accumulator_bits, pack_biases(constants.biases, constants.weight.shape[1], shape.ports)
            ),
        },
    )


def _words(bits: int, numbers: Integers) -> tuple[str, int, Integers]:
    return f"rom_word<{bits}>", bits, numbers


def _indices(bits: int, numbers: Integers) -> tuple[str, int, Integers]:
    return f"rom_index<{bits}>", bits, numbers


def _numbers(constants: Constants, lanes: Lanes, shape: SparseShape, program: Program) -> dict[str, int]:
    return {
        "inputs": constants.weight.shape[0],
        "outputs": constants.weight.shape[1],
        "lanes_in": lanes.inputs,
        "lanes_out": lanes.outputs,
        "coefficients": len(constants.shift),
        "data_bits": constants.data_bits,
        "weight_bits": constants.weight_bits,
        "accumulator_bits": constants.accumulator_bits,
        "slices_in": shape.slices_in,
        "slices_out": shape.slices_out,
        "horizon": shape.horizon,
        "segments": program.segments,
        "address_bits": program.address_bits,
        "segment_bits": program.segment_bits,
        "lag": program.lag,
        "step": shape.step,
    }


def _weights(weight: Integers, program: Program, lanes: Lanes) -> Integers:
    """[horizon, L * PI]: the weight of every product, 0 for none."""
    outputs = np.repeat(program.outputs, lanes.inputs, axis=1)
    return np.where(program.inputs < 0, 0, weight[program.inputs, outputs])


def _bits(indices: Integers) -> int:
    return int(indices.max(initial=0)).bit_length()
