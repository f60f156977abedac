"""Schedules of the kernels that sum over rows make the accesses of the kernels' loops, in their order and cycles."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.accumulate import LATENCY as SUM_LATENCY
from inrarch.dataflow.kernels.accumulate import accumulate_schedule
from inrarch.dataflow.kernels.outer import LATENCY, blocks_of, outer_schedule, outer_step
from tests.fifo.naive import unroll

Access = tuple[int, str, str]


def outer_accesses(reads: tuple[int, int], step: int, blocks: int, results: int, lanes: int, rows: int) -> list[Access]:
    """The flattened loop of kernel_lib/outer, run literally."""
    found: list[Access] = []
    lane = 0
    for iteration in range(rows * step + blocks + results):
        s, t = divmod(iteration, step)
        for stream, count in zip(("left", "right"), reads, strict=True):
            if s < rows and t * count % step < count:
                found.append((iteration, "read", stream))
        if iteration >= rows * step + blocks:
            if lane == lanes - 1:
                found.append((iteration + LATENCY, "write", "out"))
            lane = 0 if lane == lanes - 1 else lane + 1
    return found


def divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_outer_schedule_is_the_kernels_loop(data: st.DataObject) -> None:
    A, B, rows = (data.draw(st.integers(1, most)) for most in (16, 16, 5))
    wa, wb, w = (data.draw(st.sampled_from(divisors(number))) for number in (A, B, A * B))
    lanes = Lanes(data.draw(st.integers(1, A)), data.draw(st.integers(1, B)))
    step, blocks = outer_step(A, B, lanes, wa, wb), blocks_of(A, B, lanes)
    schedule = outer_schedule(("left", "right"), "out", rows, (A // wa, B // wb), step, blocks, (A * B, w))
    expected = outer_accesses((A // wa, B // wb), step, blocks[0] * blocks[1], A * B, w, rows)
    key = lambda access: (access[0], access[1])  # noqa: E731
    assert unroll(schedule, 0, program=True) == expected
    assert sorted(unroll(schedule, 0, program=False), key=key) == sorted(expected, key=key)
    assert sum(kind == "read" for _, kind, _ in expected) == rows * (A // wa + B // wb)


@settings(max_examples=50, deadline=None)
@given(tokens=st.integers(1, 12), rows=st.integers(1, 6))
def test_accumulate_schedule_is_the_kernels_loop(tokens: int, rows: int) -> None:
    expected: list[Access] = []
    for iteration in range((rows + 1) * tokens):
        if iteration < rows * tokens:
            expected.append((iteration, "read", "in"))
        else:
            expected.append((iteration + SUM_LATENCY, "write", "out"))
    assert unroll(accumulate_schedule("in", "out", rows, tokens), 0, program=True) == expected
