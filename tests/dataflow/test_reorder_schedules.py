"""Schedules of reorder and reduce are the accesses of the kernels' loops; the lag is the least that is safe."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.boards import load_board
from inrarch.dataflow.kernels.reduce import Reduce, reduce_latency
from inrarch.dataflow.kernels.reorder import LATENCY, reorder_schedule
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.row_shapes import RowShape
from inrarch.dataflow.target import target_of
from inrarch.dataflow.units import Facts, Input
from inrarch.numeric.formats import Format, Formats, TensorFormat
from tests.fifo.naive import unroll
from tests.kernel_lib.reorders import Case, random_case

Access = tuple[int, str, str]


def reorder_accesses(reads: list[int], writes: int, rows: int, step: int, lag: int) -> list[Access]:
    """The flattened loop of kernel_lib/reorder, run literally."""
    found: list[Access] = []
    for iteration in range(rows * step + lag):
        row, t = divmod(iteration, step)
        for number, count in enumerate(reads):
            if row < rows and t * count % step < count:
                found.append((iteration, "read", f"s{number}"))
        if iteration >= lag:
            row, t = divmod(iteration - lag, step)
            if row < rows and t * writes % step < writes:
                found.append((iteration + LATENCY, "write", "out"))
    return found


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_reorder_schedule_is_the_kernels_loop(data: st.DataObject) -> None:
    reads = data.draw(st.lists(st.integers(1, 12), max_size=3))
    writes, rows = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 5))
    step = max(writes, *reads, 1)
    lag = data.draw(st.integers(0, step))
    names = [f"s{number}" for number in range(len(reads))]
    schedule = reorder_schedule(names, reads, "out", writes, rows, step, lag)
    expected = reorder_accesses(reads, writes, rows, step, lag)
    assert unroll(schedule, 0, program=True) == expected
    assert sorted(unroll(schedule, 0, program=False)) == sorted(expected)


def test_regular_schedules_are_short_texts() -> None:
    schedule = reorder_schedule(["a", "b"], [256, 2], "out", 258, 64, 258, 2)
    assert len(str(schedule)) < 4000
    assert len(unroll(schedule, 0, program=True)) == 64 * 516


def stale(case: Case, lag: int) -> int:
    """Numbers that are taken before they are stored, or after they are overwritten, with memories of two rows."""
    step, wrong = case.hardware.parameters["T"], 0
    *inputs, out = case.layout.streams
    memory: dict[tuple[str, int, int], int] = {}
    names = [stream.name for stream in inputs]
    counts = [stream.repeat * stream.features // stream.lanes for stream in inputs]
    writes = out.repeat * out.features // out.lanes
    rows = case.facts.rows
    done = dict.fromkeys([*names, "out"], 0)
    by_iteration: dict[int, list[str]] = {}
    for at, _, stream in reorder_accesses(counts, writes, rows, step, lag):
        by_iteration.setdefault(at - LATENCY if stream == "out" else at, []).append(stream)
    for at in sorted(by_iteration):
        arriving = []
        for stream in by_iteration[at]:
            if stream == "out":
                row, token = divmod(done["out"], writes)
                for each in case.unit.maps:
                    for lane in range(out.lanes):
                        source, element = (part[token * out.lanes + lane] for part in (each.source, each.element))
                        if source >= 0 and each.sources[source] != "c":
                            number = case.unit.places[each.sources[source]][0]
                            place = (names[number], row % 2, element // inputs[number].lanes)
                            wrong += memory.get(place) != row
            else:
                number = int(stream[1:])
                row, token = divmod(done[stream], counts[number])
                arriving.append(((stream, row % 2, token), row))
            done[stream] += 1
        memory.update(arriving)
    return wrong


@pytest.mark.parametrize("seed", range(60))
def test_the_lag_is_the_least_with_which_nothing_is_taken_too_early(seed: int) -> None:
    case = random_case(seed)
    lag = case.hardware.parameters["lag"]
    assert 0 <= lag <= case.hardware.parameters["T"]
    assert stale(case, lag) == 0
    if lag:
        assert stale(case, lag - 1) > 0


def test_lanes_of_the_streams_decide_the_cycles_of_a_row() -> None:
    case = random_case(3)
    single = Parallelism({}, dict.fromkeys(case.parallelism.stream_lanes, 1))
    reads, writes = case.unit.tokens(single)
    assert case.unit.cycles_per_row(single) == max(writes, *reads)
    assert writes == case.unit.repeat * case.unit.features
    assert case.unit.cycles_per_row(case.parallelism) <= case.unit.cycles_per_row(single)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_reduce_reads_every_cycle_and_writes_with_the_last_term(data: st.DataObject) -> None:
    features, repeat, rows = (data.draw(st.integers(1, 6)) for _ in range(3))
    lanes = data.draw(st.sampled_from([w for w in range(1, features + 1) if features % w == 0]))
    unit = Reduce(
        name="sum",
        features=1,
        repeat=repeat,
        nodes=("n",),
        input=Input("u", ("x",)),
        operands=("x",),
        makes=("y",),
        given=RowShape(repeat, features),
    )
    formats = Formats("fixed", 24, 18, 2, {"x": TensorFormat("data", Format(24, 16), 1.0)})
    facts = Facts({}, {}, formats, target_of(load_board("u50")), rows)
    parallelism = Parallelism({}, {features: lanes, 1: 1})
    process = unit.process(facts, parallelism, ["in"], ["out"])
    tokens, expected = features // lanes, []
    for iteration in range(rows * repeat * tokens):
        expected.append((iteration, "read", "in"))
        if iteration % tokens == tokens - 1:
            expected.append((iteration + reduce_latency(lanes), "write", "out"))
    assert unroll(process.schedule, 0, program=True) == expected
    assert sorted(unroll(process.schedule, 0, program=False)) == sorted(expected)
    assert unit.cycles_per_row(parallelism) == repeat * tokens
    assert process.parameters["accumulator_bits"] == 24 + (features - 1).bit_length()


def test_sums_can_fill_wider_tokens_than_they_come_from() -> None:
    unit = Reduce(
        name="sum",
        features=4,
        nodes=("n",),
        input=Input("u", ("x",)),
        operands=("x",),
        makes=("y",),
        given=RowShape(4, 6),
    )
    formats = Formats("fixed", 24, 18, 2, {"x": TensorFormat("data", Format(24, 16), 1.0)})
    facts = Facts({}, {}, formats, target_of(load_board("u50")), 1)
    process = unit.process(facts, Parallelism({}, {6: 3, 4: 2}), ["in"], ["out"])
    writes = [at for at, kind, _ in unroll(process.schedule, 0, program=True) if kind == "write"]
    assert writes == [3 + reduce_latency(3), 7 + reduce_latency(3)]
    assert replace(unit, name="other").terms == 6
