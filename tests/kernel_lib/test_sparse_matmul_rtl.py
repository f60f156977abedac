"""RTL of the sparse matmul: random units give the exact dense product in the cycles that the simulator says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.sparse_matmul import SparseMatmul
from inrarch.dataflow.kernels.sparse_shape import Pattern
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import Input
from inrarch.hardware.kernels.sparse_matmul import sparse_rtl
from inrarch.hardware.layout import Stream
from tests.kernel_lib.rtl_bench import Case, check, make_port, words_of
from tests.kernel_lib.test_sparse_matmul import random_case
from tests.targets import U50

QUICK, BATCH, BATCHES = range(18, 25), 25, 9


def make_case(seed: int) -> Case | None:
    """A random unit of `tests/kernel_lib/test_sparse_matmul.py`, between random streams.

    None where K equals M and the streams' lanes do not: a unit takes the lanes of a stream by its features.
    """
    case = random_case(seed)
    numbers, lists, (wi, wo), rows = case.unit.numbers, case.unit.lists, case.stream_lanes, len(case.x)
    K, M, C = numbers["inputs"], numbers["outputs"], numbers["coefficients"]
    if K == M and wi != wo:
        return None
    names = tuple(f"t{field}" for field in range(case.x.shape[2]))
    bits = numbers["data_bits"]
    read = Stream("in", wi * len(names) * bits, "end", "u", K, wi, names)
    out = Stream("out", wo * C * bits, "u", "end", M, wo, names[:C])
    operands = tuple(names[field] for field in lists["field"])
    dense = Matmul(
        name="u", features=M, node="n", nodes=("n",), weight="w", input=Input("before", names), operands=operands,
        makes=operands, biases=(None,) * C, K=K,
    )  # fmt: skip
    unit = SparseMatmul(name="u", features=M, dense=dense, pattern=Pattern.of(case.constants.weight))
    lanes = Lanes(numbers["lanes_in"], numbers["lanes_out"])
    parallelism = Parallelism({"u": lanes}, {K: wi, M: wo})
    last_slice = -(-(numbers["slices_out"] - 1) * numbers["step"] // numbers["slices_out"])
    iterations = rows * numbers["step"] + numbers["lag"] + last_slice + 1
    draw = random.Random(seed)
    return Case(
        "sparse_matmul",
        sparse_rtl(case.unit, read, out, rows, U50),
        [make_port(draw, "in", read.bits, words_of(case.x, read))],
        [make_port(draw, "out", out.bits, words_of(case.expected(), out))],
        unit.schedule(parallelism, "in", "out", rows),
        iterations + unit.latency(parallelism),
        seed,
    )


def _cases(seeds: range) -> list[Case]:
    return [case for case in map(make_case, seeds) if case is not None]


def test_random_units(tmp_path: Path) -> None:
    check(_cases(QUICK), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(BATCHES))
def test_many_random_units(batch: int, tmp_path: Path) -> None:
    check(_cases(range(100 + BATCH * batch, 100 + BATCH * (batch + 1))), tmp_path)
