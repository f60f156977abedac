"""Sparse units: a program makes every product once, schedules are the kernel's loop, few multipliers are idle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.sparse_matmul import SparseMatmul
from inrarch.dataflow.kernels.sparse_program import BEGIN, BEGIN_CARRY, END_CARRY, END_RESULT, build_program
from inrarch.dataflow.kernels.sparse_shape import SPARE, Pattern
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import Input
from tests.fifo.naive import unroll


@st.composite
def arrangements(draw: st.DrawFn) -> tuple[np.ndarray, Lanes, int, int]:
    """A matrix, lanes, and lanes of the streams before and behind."""
    K, M = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weight = random.integers(1, 9, (K, M)) * random.choice([-1, 1], (K, M))
    weight *= random.random((K, M)) < draw(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))
    before = draw(st.sampled_from([w for w in range(1, K + 1) if K % w == 0]))
    behind = draw(st.sampled_from([w for w in range(1, M + 1) if M % w == 0]))
    return weight, Lanes(draw(st.integers(1, K)), draw(st.integers(1, M))), before, behind


def unit_of(weight: np.ndarray, lanes: Lanes, before: int, behind: int) -> tuple[SparseMatmul, Parallelism]:
    """The unit alone. Where K equals M, both streams have the lanes `behind`."""
    K, M = weight.shape
    dense = Matmul(
        name="u", features=M, node="n", nodes=("n",), weight="w", input=Input("before", ("x",)), operands=("x",),
        makes=("y",), biases=(None,), K=K,
    )  # fmt: skip
    widths = {K: before, M: behind}
    return SparseMatmul(name="u", features=M, dense=dense, pattern=Pattern.of(weight)), Parallelism(
        {"u": lanes}, widths
    )


@settings(max_examples=300, deadline=None)
@given(arrangements())
def test_the_program_run_literally_is_the_dense_product(case: tuple[np.ndarray, Lanes, int, int]) -> None:
    weight, lanes, before, behind = case
    K, M = weight.shape
    pattern = Pattern.of(weight)
    shape = pattern.shape(lanes, before, behind)
    program = build_program(pattern, lanes, shape)
    x, bias = np.arange(1, K + 1) ** 3, np.arange(M) * 1000 + 7
    products = lanes.inputs * lanes.outputs
    banks = K // shape.slices_in
    buffers = np.zeros((products, banks, 1 << program.address_bits), dtype=np.int64)
    for place in range(products):
        for bank in range(banks):
            kept = np.flatnonzero(program.kept[:, place * banks + bank]) * banks + bank
            buffers[place, bank, : len(kept)] = x[kept]
    total, carry = np.zeros(lanes.outputs, dtype=np.int64), np.zeros(lanes.outputs + 1, dtype=np.int64)
    segment = np.zeros(lanes.outputs, dtype=np.int64)
    results: dict[tuple[int, int], int] = {}
    made = 0
    for t in range(shape.horizon):
        left = carry.copy()
        for lane in range(lanes.outputs):
            mark = program.marks[t, lane]
            if mark & BEGIN:
                total[lane] = 0
            if mark & BEGIN_CARRY:
                total[lane] = left[lane + 1]
            for p in range(lane * lanes.inputs, (lane + 1) * lanes.inputs):
                if program.inputs[t, p] >= 0:
                    bank, word = divmod(int(program.places[t, p]), 1 << program.address_bits)
                    total[lane] += weight[program.inputs[t, p], program.outputs[t, lane]] * buffers[p, bank, word]
                    made += 1
            if mark & END_CARRY:
                carry[lane] = total[lane]
            if mark & END_RESULT:
                results[lane, int(segment[lane])] = int(total[lane])
            segment[lane] += bool(mark & (END_RESULT | END_CARRY))
    assert made == pattern.nonzeros
    first = np.concatenate(([0], np.cumsum(shape.lanes_of_port)))
    found = []
    for outputs, sources in zip(np.arange(M).reshape(-1, shape.ports), program.sources, strict=True):
        for port, source in enumerate(sources):
            lane, piece = divmod(int(source), 1 << program.segment_bits)
            assert lane < shape.lanes_of_port[port]
            found.append(results[int(first[port]) + lane, piece] + bias[outputs[port]])
    assert found == (x @ weight + bias).tolist()


def kernel_accesses(unit: SparseMatmul, parallelism: Parallelism, rows: int) -> list[tuple[int, str]]:
    """(iteration, read|write) of the flattened loop of kernel_lib/sparse_matmul, run literally."""
    shape, program = unit.shape(parallelism), unit.program(parallelism)
    K, M = unit.dense.K, unit.features
    wi, wo = parallelism.stream_lanes[K], parallelism.stream_lanes[M]
    H, G, T = K // shape.slices_in, shape.ports, shape.step
    found: list[tuple[int, str]] = []
    written = in_part = out_part = iteration = 0
    while written < rows * (M // wo):
        s, t = divmod(iteration, T)
        if s < rows and t * shape.slices_in % T < shape.slices_in:
            if in_part == 0:
                found.append((iteration, "read"))
            in_part = (in_part + 1) % (wi // H)
        u = iteration - T - program.lag
        if u >= 0 and u % T * shape.slices_out % T < shape.slices_out:
            out_part = (out_part + 1) % (wo // G)
            if out_part == 0:
                found.append((iteration, "write"))
                written += 1
        iteration += 1
    return found


@settings(max_examples=300, deadline=None)
@given(arrangements(), st.integers(1, 5))
def test_schedule_is_the_kernels_loop(case: tuple[np.ndarray, Lanes, int, int], rows: int) -> None:
    unit, parallelism = unit_of(*case)
    latency = unit.latency(parallelism)
    expected = [
        (iteration + (latency if kind == "write" else 0), kind, "in" if kind == "read" else "out")
        for iteration, kind in kernel_accesses(unit, parallelism, rows)
    ]
    schedule = unit.schedule(parallelism, "in", "out", rows)
    assert unroll(schedule, 0, program=True) == expected
    key = lambda access: (access[0], access[1])  # noqa: E731
    assert sorted(unroll(schedule, 0, program=False), key=key) == sorted(expected, key=key)


@settings(max_examples=200, deadline=None)
@given(arrangements())
def test_a_result_leaves_after_it_was_made_and_before_the_next_but_one(
    case: tuple[np.ndarray, Lanes, int, int],
) -> None:
    unit, parallelism = unit_of(*case)
    shape, program = unit.shape(parallelism), unit.program(parallelism)
    made = {
        int(program.outputs[t, lane]): t
        for t in range(shape.horizon)
        for lane in range(program.marks.shape[1])
        if program.marks[t, lane] & END_RESULT
    }
    turns = [t for t in range(shape.step) if t * shape.slices_out % shape.step < shape.slices_out]
    leaves = {output: program.lag + turns[output // shape.ports] for output in range(unit.features)}
    assert sorted(made) == sorted(leaves)
    assert all(made[output] < leaves[output] <= made[output] + 2 * shape.step for output in made)
    assert program.lag == 0 or any(leaves[output] == made[output] + 1 for output in made)


def random_pattern(K: int, M: int, density: float, seed: int = 0) -> Pattern:
    random = np.random.default_rng(seed)
    return Pattern.of((random.random((K, M)) < density).astype(np.int64))


@pytest.mark.parametrize(("size", "density"), [(64, 0.25), (256, 0.25), (256, 0.1), (200, 0.4)])
def test_arrangements_are_near_the_floor_of_products_per_multiplier(size: int, density: float) -> None:
    pattern = random_pattern(size, size, density)
    for width in (1, 2, 4):
        longest = int(pattern.counts.max())
        found = pattern.frontier(width, width)
        for step, lanes in found:
            shape = pattern.shape(lanes, width, width)
            assert shape.step <= step
            if step >= longest:
                assert lanes.inputs * lanes.outputs <= SPARE * (pattern.nonzeros / step + shape.ports)
            if step >= longest and shape.ports == 1 and lanes.inputs * lanes.outputs > 30:
                assert step * lanes.inputs * lanes.outputs <= 1.05 * pattern.nonzeros
        multipliers = [lanes.inputs * lanes.outputs for _, lanes in found]
        assert multipliers == sorted(multipliers)
        assert [step for step, _ in found] == sorted({step for step, _ in found}, reverse=True)


@settings(max_examples=60, deadline=None)
@given(arrangements(), st.integers(1, 200))
def test_no_arrangement_needs_much_fewer_multipliers(case: tuple[np.ndarray, Lanes, int, int], cycles: int) -> None:
    weight, lanes, before, behind = case
    pattern = Pattern.of(weight)
    chosen = next((each for step, each in pattern.frontier(before, behind) if step <= cycles), None)
    try:
        meets = pattern.shape(lanes, before, behind).step <= cycles
    except ValueError:
        return
    if meets:
        assert chosen is not None
        assert chosen.inputs * chosen.outputs <= SPARE * lanes.inputs * lanes.outputs


def test_rows_and_columns_of_zeros_take_next_to_nothing() -> None:
    weight = np.ones((64, 64), dtype=np.int64)
    weight[8:] = 0
    weight[:, ::2] = 0
    pattern = Pattern.of(weight)
    step, lanes = next((step, lanes) for step, lanes in pattern.frontier(1, 1) if step <= 72)
    assert lanes.inputs * lanes.outputs * step <= 8 * 32 + 32 + 64
    program = build_program(pattern, lanes, pattern.shape(lanes, 1, 1))
    assert not program.kept[8:].any()


def test_zeros_in_every_other_output_do_not_leave_ports_idle() -> None:
    weight = np.ones((64, 64), dtype=np.int64)
    weight[:, ::2] = 0
    shape = Pattern.of(weight).shape(Lanes(4, 35), 4, 4)
    assert shape.ports == 4
    assert sum(shape.lanes_of_port) == 35
    assert shape.step <= 17


def test_regular_schedules_are_short_texts() -> None:
    pattern = random_pattern(256, 256, 0.25)
    weight = np.zeros((256, 256), dtype=np.int64)
    for output, column in enumerate(pattern.columns):
        weight[column, output] = 1
    unit, parallelism = unit_of(weight, Lanes(1, 64), 1, 1)
    schedule = unit.schedule(parallelism, "in", "out", 64)
    assert len(str(schedule)) < 4000
    assert len(unroll(schedule, 0, program=True)) == 64 * 512
