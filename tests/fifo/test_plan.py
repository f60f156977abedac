"""A compressed chain, written out, is the schedule unrolled and sorted; long loops take little memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inrarch.errors import UserError
from inrarch.fifo import pieces, plan, windows
from inrarch.fifo.load import parse
from inrarch.fifo.network import Network, leaves
from inrarch.fifo.plan import PORT_BITS, PORT_MASK, Plan, in_program_order, in_stage_order
from inrarch.fifo.simulate import Simulator
from tests.fifo.naive import unroll
from tests.fifo.random_networks import random_network
from tests.fifo.repetitive_networks import repetitive_network


def one_process(*schedule: dict[str, Any]) -> Network:
    """A process p with this schedule, and one that reads or writes at the other ends."""
    counts: dict[tuple[str, str], int] = {}
    for _, kind, stream in unroll_small(list(schedule)):
        counts[kind, stream] = counts.get((kind, stream), 0) + 1
    other = [
        {"at": 0, "repeat": count, "every": 1, "body": [{"at": 0, "write" if kind == "read" else "read": stream}]}
        for (kind, stream), count in counts.items()
    ]
    streams = [{"name": stream, "bits": 8} for _, stream in counts]
    processes = [{"name": "p", "schedule": list(schedule)}, {"name": "q", "schedule": other}]
    return parse({"streams": streams, "processes": processes})


def unroll_small(items: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return unroll(items, 0, program=False)


def written_out(found: Plan) -> tuple[list[int], list[int], list[int]]:
    """Stage, port, leaf of every access."""
    codes, numbers = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for begin, length, count, base in found.segments.tolist():
        pattern = found.code[begin : begin + length]
        assert (pattern.reshape(-1, base) == pattern[:base]).all()
        codes.append(np.tile(pattern, count))
        numbers.append(np.tile(found.leaves[begin : begin + length], count))
    code = np.concatenate(codes)
    stages = np.cumsum(code >> PORT_BITS) - 1
    return stages.tolist(), (code & PORT_MASK).tolist(), np.concatenate(numbers).tolist()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops are kept however short they are."""
    monkeypatch.setattr(windows, "_WORTH", 3)
    monkeypatch.setattr(plan, "_SHORTEST", 4)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("kind", ["random", "repetitive"])
def test_written_out_it_is_the_schedule_in_either_order(kind: str) -> None:
    loops = 0
    for seed in range(150):
        data = random_network(seed) if kind == "random" else repetitive_network(seed, rows=7)
        network = parse(data)
        index = {stream.name: number for number, stream in enumerate(network.streams)}
        for process, text in zip(network.processes, data["processes"], strict=True):
            places = list(leaves(process.schedule))
            for program, found in (
                (False, in_stage_order(process, index)),
                (True, in_program_order(process, index)),
            ):
                expected = unroll(text["schedule"], 0, program)
                if not program:
                    expected.sort(key=lambda access: (access[0], access[1] == "write"))
                stages, ports, numbers = written_out(found)
                assert ports == [2 * index[stream] + (way == "write") for _, way, stream in expected], seed
                assert stages == ([stage for stage, *_ in expected] if not program else list(range(len(expected))))
                assert all(
                    (places[leaf][1].stream, places[leaf][1].is_write) == (stream, way == "write")
                    for leaf, (_, way, stream) in zip(numbers, expected, strict=True)
                )
                loops += int((found.segments[:, 2] > 1).any())
    assert loops > 100


def rows(count: int, every: int = 64) -> dict[str, Any]:
    """Reads in bursts of 16, and writes that come up to three rows later."""
    burst = {"at": 0, "repeat": 16, "every": 1, "body": [{"at": 0, "read": "a"}]}
    late = {"at": 3 * every, "repeat": 4, "every": 5, "body": [{"at": 1, "write": "b"}]}
    return {"at": 7, "repeat": count, "every": every, "body": [burst, late]}


def test_the_memory_of_a_loop_does_not_depend_on_its_length() -> None:
    sizes = []
    for count in (20, 40):
        network = one_process(rows(count))
        sizes.append(len(in_stage_order(network.processes[0], {"a": 0, "b": 1}).code))
    assert sizes[0] == sizes[1] < 300


def test_a_loop_in_a_short_loop_is_kept_as_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "_LARGE", 1000)
    inner = {"at": 0, "repeat": 5000, "every": 2, "body": [{"at": 0, "write": "a"}]}
    network = one_process({"at": 0, "repeat": 3, "every": 10_100, "body": [inner]})
    found = in_stage_order(network.processes[0], {"a": 0})
    assert len(found.code) < 500
    stages, _, _ = written_out(found)
    assert stages == [10_100 * a + 2 * b for a in range(3) for b in range(5000)]


def test_what_cannot_be_kept_as_a_loop_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_UNROLLED", 1000)
    monkeypatch.setattr(plan, "MAX_UNROLLED", 1000)
    network = one_process({"at": 0, "repeat": 2000, "every": 0, "body": [{"at": 0, "write": "a"}]})
    with pytest.raises(UserError) as error:
        Simulator(network)
    assert str(error.value) == (
        "process 'p' makes 2,000 accesses without repeating itself; "
        "expected at most 1,000, or loops with the same `every`, of fewer accesses per iteration\n"
        "hint: describe fewer rows"
    )


def test_accesses_too_far_apart_are_refused() -> None:
    network = one_process({"at": 0, "write": "a"}, {"at": 1 << 39, "write": "a"})
    with pytest.raises(UserError) as error:
        Simulator(network)
    assert str(error.value) == (
        "process 'p' has accesses 549,755,813,888 stages apart; expected at most 549,755,813,887"
    )
