"""Yosys puts products into multiplier blocks, one per product that fits, and buffers where the cost model says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from inrarch.config.model import Lanes
from inrarch.dataflow.tiles import dsp_tiles
from inrarch.hardware.kernels.matmul import matmul_rtl
from inrarch.hardware.kernels.sparse_matmul import sparse_rtl
from inrarch.hardware.layout import Stream
from inrarch.hardware.roms import Constants, MatmulUnit, pack_biases, pack_weights
from inrarch.hardware.sparse_roms import build_sparse
from tests.kernel_lib.synthesising import synthesise
from tests.targets import OF_FABRIC

pytestmark = pytest.mark.slow


def dense(K: int, PI: int, PC: int, data_bits: int, weight_bits: int) -> MatmulUnit:
    """A unit of 3 coefficients, 2 output lanes and 8 outputs."""
    M, C, PO = 8, 3, 2
    turns = math.ceil(C / PC)
    weight = np.random.default_rng(1).integers(-(1 << (weight_bits - 1)), 1 << (weight_bits - 1), (K, M))
    return MatmulUnit(
        inputs=K, outputs=M, lanes_in=PI, lanes_out=PO, lanes_coefficients=PC, coefficients=C,
        data_bits=data_bits, weight_bits=weight_bits, accumulator_bits=data_bits + weight_bits + 5,
        field=(0, 1, 2), shift=(weight_bits, weight_bits - 1, weight_bits), bias=(0, -1, -1), bias_rows=1,
        step=max(K, M // PO * math.ceil(K / PI) * turns),
        weights=pack_weights(weight, PI, PO, turns), biases=pack_biases([np.arange(M)], M, PO),
    )  # fmt: skip


def streams(K: int, M: int, bits: int) -> tuple[Stream, Stream]:
    fields = ("t0", "t1", "t2")
    return Stream("in", 3 * bits, "a", "u", K, 1, fields), Stream("out", 3 * bits, "u", "b", M, 1, fields)


@pytest.mark.parametrize("fabric", ["ultrascale_plus", "ecp5"])
@pytest.mark.parametrize(
    ("K", "PI", "PC", "data_bits", "weight_bits", "in_blocks"),
    [(16, 4, 3, 24, 18, False), (16, 4, 2, 24, 18, False), (512, 1, 3, 18, 18, True), (16, 2, 3, 27, 24, False)],
)
def test_dense_units(
    fabric: str, K: int, PI: int, PC: int, data_bits: int, weight_bits: int, in_blocks: bool, tmp_path: Path
) -> None:
    unit = dense(K, PI, PC, data_bits, weight_bits)
    read, out = streams(K, 8, data_bits)
    cost = synthesise(
        "matmul", matmul_rtl(unit, read, out, 64, OF_FABRIC[fabric]), read.bits, out.bits, fabric, tmp_path
    )
    assert cost.dsp == PI * 2 * PC * dsp_tiles(data_bits, weight_bits, OF_FABRIC[fabric].shape)
    # 2 * K words of 3 numbers, in blocks of 18 bits x 1024.
    assert cost.bram18 == (3 * data_bits // 18 if in_blocks else 0)


@pytest.mark.parametrize("fabric", ["ultrascale_plus", "ecp5"])
def test_sparse_units(fabric: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    weight = draw.integers(-(1 << 17), 1 << 17, (12, 8)) * (draw.random((12, 8)) < 0.3)
    constants = Constants(
        weight=weight, biases=[np.arange(8)], data_bits=24, weight_bits=18, accumulator_bits=46,
        field=(0, 1, 2), shift=(18, 18, 17), bias=(0, -1, -1),
    )  # fmt: skip
    unit = build_sparse(constants, Lanes(2, 3), 1, 1)
    read, out = streams(12, 8, 24)
    rtl = sparse_rtl(unit, read, out, 64, OF_FABRIC[fabric])
    cost = synthesise("sparse_matmul", rtl, read.bits, out.bits, fabric, tmp_path)
    assert cost.dsp == 2 * 3 * 3 * dsp_tiles(24, 18, OF_FABRIC[fabric].shape)
    assert cost.bram18 == 0
