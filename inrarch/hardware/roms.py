"""Weights and biases of a matmul unit as the words of its read-only memories, in the order in which it reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.dataflow.kernels.matmul_cost import weight_words
from inrarch.hardware.layout import Layout, Unit
from inrarch.numeric.arithmetic import bias_integers
from inrarch.numeric.formats import Formats, to_integers
from inrarch.numeric.view import constant_array, name_of

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MatmulUnit:
    """Constants of a matmul unit (kernel_lib/matmul/matmul.hpp names them in the same way).

    field, shift, bias: per coefficient. weights: [MB * KB * P, ceil(PO * PI / CB)]. biases: [MB, bias_rows * PO].
    """

    inputs: int
    outputs: int
    lanes_in: int
    lanes_out: int
    lanes_coefficients: int
    coefficients: int
    data_bits: int
    weight_bits: int
    accumulator_bits: int
    field: tuple[int, ...]
    shift: tuple[int, ...]
    bias: tuple[int, ...]
    bias_rows: int
    step: int
    weights: Integers
    biases: Integers


def pack_weights(weight: Integers, lanes_in: int, lanes_out: int, coefficient_blocks: int = 1) -> Integers:
    """Words of the weight memory; weight: [K, M] integers.

    Block ``g*KB + k`` is PO x PI weights: ``o*PI + i`` of it is ``weight[k*PI + i, g*PO + o]``, 0 beyond the matrix. It
    is cut into P words of Q = ceil(PO*PI / CB) weights, the last one filled up with 0: see `weight_words`.
    Returns [MB * KB * P, Q] with KB = ceil(K / PI), MB = ceil(M / PO).
    """
    inputs, outputs = weight.shape
    padded = np.pad(weight, ((0, -inputs % lanes_in), (0, -outputs % lanes_out)))
    split = padded.reshape(-1, lanes_in, padded.shape[1] // lanes_out, lanes_out)
    blocks = np.ascontiguousarray(split.transpose(2, 0, 3, 1)).reshape(-1, lanes_out * lanes_in)
    words, per_word = weight_words(lanes_in, lanes_out, coefficient_blocks)
    return np.pad(blocks, ((0, 0), (0, words * per_word - blocks.shape[1]))).reshape(-1, per_word)


def pack_biases(biases: list[Integers], outputs: int, lanes_out: int) -> Integers:
    """Words of the bias memory: word g, lane ``row*PO + o`` holds ``biases[row][g*PO + o]``; zeros for none."""
    rows = np.stack(biases) if biases else np.zeros((1, outputs), dtype=np.int64)
    padded = np.pad(rows, ((0, 0), (0, -outputs % lanes_out)))
    return np.ascontiguousarray(padded.reshape(len(rows), -1, lanes_out).transpose(1, 0, 2)).reshape(
        -1, len(rows) * lanes_out
    )


@dataclass(frozen=True, slots=True)
class Constants:
    """What every unit with a constant weight needs. weight: [K, M]; biases: [M] each; the rest as in `MatmulUnit`."""

    weight: Integers
    biases: list[Integers]
    data_bits: int
    weight_bits: int
    accumulator_bits: int
    field: tuple[int, ...]
    shift: tuple[int, ...]
    bias: tuple[int, ...]


def matmul_constants(
    unit: Unit, layout: Layout, producers: Mapping[str, ir.Node], initializers: Mapping[str, ir.Value], formats: Formats
) -> Constants:
    """The integers of a unit with a constant weight. producers: node by the name of its result."""
    parameters = unit.parameters
    arriving, leaving = layout.read_by(unit), layout.written_by(unit)
    weight_format = formats.of(parameters["weight"])
    weight = to_integers(_array(initializers[parameters["weight"]]), weight_format)
    shifts, bias_places = [], []
    biases: dict[tuple[str, int], Integers] = {}
    for source, result, bias in zip(parameters["inputs"], parameters["outputs"], parameters["biases"], strict=True):
        frac = formats.of(source).frac + weight_format.frac
        shifts.append(frac - formats.of(result).frac)
        if bias is None:
            bias_places.append(-1)
            continue
        if (bias, frac) not in biases:
            added = bias_integers(_array(initializers[bias]).reshape(-1), frac, bias)
            biases[bias, frac] = np.broadcast_to(added, (weight.shape[1],))
        bias_places.append(list(biases).index((bias, frac)))
    return Constants(
        weight=weight,
        biases=list(biases.values()),
        data_bits=leaving.field_bits,
        weight_bits=weight_format.bits,
        accumulator_bits=max(formats.accumulators[str(producers[result].name)] for result in parameters["outputs"]),
        field=tuple(arriving.place_of(source) for source in parameters["inputs"]),
        shift=tuple(shifts),
        bias=tuple(bias_places),
    )


def build_matmul(unit: Unit, constants: Constants) -> MatmulUnit:
    """The constants of a matmul unit."""
    parameters, weight = unit.parameters, constants.weight
    lanes_in, lanes_out = parameters["lanes_in"], parameters["lanes_out"]
    coefficients, lanes_coefficients = len(constants.shift), parameters["lanes_coefficients"]
    return MatmulUnit(
        inputs=weight.shape[0],
        outputs=weight.shape[1],
        lanes_in=lanes_in,
        lanes_out=lanes_out,
        lanes_coefficients=lanes_coefficients,
        coefficients=coefficients,
        data_bits=constants.data_bits,
        weight_bits=constants.weight_bits,
        accumulator_bits=constants.accumulator_bits,
        field=constants.field,
        shift=constants.shift,
        bias=constants.bias,
        bias_rows=max(1, len(constants.biases)),
        step=parameters["T"],
        weights=pack_weights(weight, lanes_in, lanes_out, -(-coefficients // lanes_coefficients)),
        biases=pack_biases(constants.biases, weight.shape[1], lanes_out),
    )


def _array(value: ir.Value) -> npt.NDArray[np.float64]:
    array = constant_array(value)
    if array is None:
        raise ValueError(f"{name_of(value)!r} is not constant")  # `map` makes matmul units of constant weights alone
    return array
