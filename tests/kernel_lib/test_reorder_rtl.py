"""RTL of reorder: random maps give the right numbers in the cycles that the simulator says."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from inrarch.dataflow.kernels.reorder import LATENCY
from inrarch.dataflow.kernels.steps import turn
from tests.kernel_lib.reorders import random_case
from tests.kernel_lib.rtl_bench import Case, check, make_port, rtl_of, words_of


def make_case(seed: int) -> Case:
    """A unit of tests/kernel_lib/reorders.py between its streams."""
    case, draw = random_case(seed), random.Random(seed)
    *inputs, out = case.layout.streams
    process = case.unit.process(case.facts, case.parallelism, [stream.name for stream in inputs], ["out"])
    reads = []
    for stream in inputs:
        shape = (case.facts.rows, stream.repeat * stream.features)
        columns = [case.data.get(field, np.full(shape, 1 << 6)) for field in stream.fields]
        reads.append(make_port(draw, stream.name, stream.bits, words_of(np.stack(columns, axis=2), stream)))
    counts, writes = case.unit.tokens(case.parallelism)
    step, lag = case.unit.step(case.parallelism), case.unit.lag(case.parallelism)
    last = max(turn(writes - 1, writes, step) + lag + LATENCY, *(turn(n - 1, n, step) for n in counts), 0)
    return Case(
        "reorder",
        rtl_of("reorder", process, case.layout, case.facts.initializers, case.facts.formats, "r"),
        reads,
        [make_port(draw, "out", out.bits, words_of(case.expected(), out))],
        process.schedule,
        (case.facts.rows - 1) * step + last + 1,
        seed,
    )


def test_random_maps(tmp_path: Path) -> None:
    check([make_case(seed) for seed in range(10)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(5))
def test_many_random_maps(batch: int, tmp_path: Path) -> None:
    check([make_case(100 + 40 * batch + seed) for seed in range(40)], tmp_path)


def test_random_maps_cover_constants_roundings_and_units_without_reads() -> None:
    cases = [make_case(seed) for seed in range(10)]
    assert any(not case.reads for case in cases)
    assert any(-1 in case.rtl.parameters["INPUT"] for case in cases)
    assert any(len(set(case.rtl.parameters["SHIFT"])) > 2 for case in cases)
    assert any(case.rtl.parameters["LAG"] == 0 for case in cases)
    assert any(case.rtl.parameters["LAG"] == case.rtl.parameters["STEP"] > 1 for case in cases)
