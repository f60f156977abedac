"""Schedules make the accesses of the kernels' loops, in their order and in their cycles."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.boards import load_board
from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import matmul_schedule
from inrarch.dataflow.kernels.matmul_shape import shape_of
from inrarch.dataflow.kernels.sink import Sink
from inrarch.dataflow.kernels.source import Source
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.target import target_of
from inrarch.dataflow.units import Facts, Input
from inrarch.numeric.formats import Formats
from tests.fifo.naive import unroll

LATENCY = 9


def kernel_accesses(K: int, M: int, C: int, lanes: Lanes, before: int, behind: int, rows: int) -> list[tuple[int, str]]:
    """(iteration, read|write) of the flattened loop of kernel_lib/matmul, run literally."""
    PI, PO = lanes.inputs, lanes.outputs
    KB, MB, CB = -(-K // PI), -(-M // PO), -(-C // (lanes.coefficients or C))
    slot = max(KB * CB, max(PO // behind, 1) + CB - 1)
    reads = K // before
    T = max(reads, MB * slot)
    found: list[tuple[int, str]] = []
    pending: deque[int] = deque()
    finished = written = iteration = 0
    while written < rows * (M // behind):
        s, t = divmod(iteration, T)
        if s < rows and t * reads % T < reads:
            found.append((iteration, "read"))
        if pending:
            pending.popleft()
            found.append((iteration, "write"))
            written += 1
        if 1 <= s <= rows and t < MB * slot and t % slot == KB * CB - 1:
            group = t // slot
            finished += min(PO, M - group * PO)
            while finished >= behind:
                pending.append(group)
                finished -= behind
        iteration += 1
    return found


def lanes_for(size: int, stream: int) -> list[int]:
    return [lanes for lanes in range(1, size + 1) if lanes % stream == 0 or stream % lanes == 0]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_matmul_schedule_is_the_kernels_loop(data: st.DataObject) -> None:
    K, M = data.draw(st.integers(1, 24)), data.draw(st.integers(1, 24))
    before = data.draw(st.sampled_from([w for w in range(1, K + 1) if K % w == 0]))
    behind = data.draw(st.sampled_from([w for w in range(1, M + 1) if M % w == 0]))
    C = data.draw(st.integers(1, 7))
    lanes = Lanes(
        data.draw(st.sampled_from(lanes_for(K, before))),
        data.draw(st.sampled_from(lanes_for(M, behind))),
        data.draw(st.sampled_from([None, *range(1, C + 1)])),
    )
    rows = data.draw(st.integers(1, 5))
    schedule = matmul_schedule("in", "out", rows, shape_of(K, M, C, lanes, before, behind), LATENCY)
    expected = [
        (iteration + (LATENCY if kind == "write" else 0), kind, "in" if kind == "read" else "out")
        for iteration, kind in kernel_accesses(K, M, C, lanes, before, behind, rows)
    ]
    assert unroll(schedule, 0, program=True) == expected
    key = lambda access: (access[0], access[1])  # noqa: E731
    assert sorted(unroll(schedule, 0, program=False), key=key) == sorted(expected, key=key)


@pytest.mark.parametrize(
    ("lanes", "steps"),
    [
        (Lanes(1, 1), 65536),
        (Lanes(16, 16), 256),
        (Lanes(10, 32), 208),
        (Lanes(10, 32, 3), 416),
        (Lanes(10, 32, 4), 416),
        (Lanes(1, 1, 1), 6 * 65536),
    ],
)
def test_a_256_by_256_product_of_6_coefficients_takes_blocks_times_blocks(lanes: Lanes, steps: int) -> None:
    assert shape_of(256, 256, 6, lanes, 2, 2).step == steps


def test_regular_schedules_are_short_texts() -> None:
    schedule = matmul_schedule("in", "out", 64, shape_of(256, 256, 6, Lanes(16, 16), 1, 1), LATENCY)
    assert len(str(schedule)) < 2000
    assert len(unroll(schedule, 0, program=True)) == 64 * 512


def test_reads_are_spread_evenly_over_a_step() -> None:
    schedule = matmul_schedule("in", "out", 2, shape_of(8, 5, 1, Lanes(2, 1), 1, 1), LATENCY)
    reads = np.array([stage for stage, kind, _ in unroll(schedule, 0, program=True) if kind == "read"])
    assert reads[:8].tolist() == [0, 3, 5, 8, 10, 13, 15, 18]
    assert (reads[8:] - reads[:8] == 20).all()


def test_ports_move_one_word_per_cycle() -> None:
    facts = Facts({}, {}, Formats("fixed", 24, 18, 2, {}), target_of(load_board("u50")), 1)
    parallelism = Parallelism({}, {6: 2})
    source = Source(name="source", features=6, port="x", tensor="x")
    words = source.process(facts, parallelism, [], ["s"])
    assert [stage for stage, _, _ in unroll(words.schedule, 0, program=True)] == [2, 4, 6]
    sink = Sink(name="sink", features=6, input=Input("unit", ("a", "b", "c")), outputs=("a", "b", "c"))
    words = sink.process(facts, parallelism, ["s"], [])
    assert [stage for stage, _, _ in unroll(words.schedule, 0, program=True)] == [0, 6, 12]
    assert words.end == 17
