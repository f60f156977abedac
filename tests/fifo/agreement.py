"""What all simulations of a network must agree on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inrarch.fifo.simulate import Simulation


def figures(run: Simulation) -> tuple[Any, ...]:
    """All numbers of a run but how it was computed."""
    deadlock = run.deadlock
    return (
        run.cycles,
        deadlock and (deadlock.text(), deadlock.waiting),
        dict(run.high_water),
        dict(run.finish),
        {name: dict(mine) for name, mine in run.waits.items()},
        run.accesses,
    )


def assert_equals_naive(run: Simulation, expected: Mapping[str, Any] | None, label: object) -> None:
    """`expected`: what `tests.fifo.naive.simulate` returned."""
    assert (run.cycles is None) == (expected is None) == (run.deadlock is not None), label
    if expected is None:
        return
    assert run.cycles == expected["cycles"], label
    assert dict(run.finish) == expected["finish"], label
    assert dict(run.high_water) == expected["high_water"], label
    waits = {(name, stream): n for name, mine in run.waits.items() for stream, n in mine.items()}
    assert waits == expected["waits"], label
