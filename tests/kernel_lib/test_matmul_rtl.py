"""RTL of the dense matmul: random units give the exact product in the cycles that the simulator says."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import matmul_latency, matmul_schedule
from inrarch.dataflow.kernels.matmul_shape import shape_of
from inrarch.hardware.kernels.matmul import matmul_rtl
from inrarch.hardware.layout import Stream
from tests.kernel_lib import test_matmul as product
from tests.kernel_lib.rtl_bench import Case, as_bits, check, make_port


def _tokens(values: np.ndarray, lanes: int, bits: int) -> list[int]:
    """Words of a stream. values: [rows, features, fields]."""
    return [as_bits(token, bits) for token in values.reshape(-1, lanes * values.shape[2]).tolist()]


def make_case(seed: int) -> Case:
    case = product.random_case(seed)
    unit, (wi, wo), rows, fields = case.unit, case.stream_lanes, len(case.x), case.x.shape[2]
    shape = shape_of(unit.inputs, unit.outputs, Lanes(unit.lanes_in, unit.lanes_out), wi, wo)
    shape = dataclasses.replace(shape, step=unit.step)
    latency = matmul_latency(unit.lanes_in)
    names = tuple(map(str, range(max(fields, unit.coefficients))))
    read = Stream("in", wi * fields * unit.data_bits, "end", "u", unit.inputs, wi, names[:fields])
    out = Stream(
        "out", wo * unit.coefficients * unit.data_bits, "u", "end", unit.outputs, wo, names[: unit.coefficients]
    )
    draw = random.Random(seed)
    last = rows * unit.step + (shape.blocks_out - 1) * shape.slot + shape.blocks_in + shape.tokens_last
    return Case(
        "matmul",
        matmul_rtl(unit, read, out, rows),
        [make_port(draw, "in", read.bits, _tokens(case.x, wi, unit.data_bits))],
        [make_port(draw, "out", out.bits, _tokens(case.expected(), wo, unit.data_bits))],
        matmul_schedule("in", "out", rows, shape, latency),
        last + latency,
        seed,
    )


def test_random_units(tmp_path: Path) -> None:
    check([make_case(seed) for seed in range(10)], tmp_path)
