"""Counts and estimates of a build, with a clock of our own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from inrarch.engine.durations import in_words
from inrarch.engine.plan import Job, make_plan
from inrarch.engine.progress import Progress
from inrarch.engine.stage import Stage


def make_jobs(*variants: str) -> list[Job]:
    """Of each variant: a, and b after it."""
    stages = [
        Stage(name, name, lambda work: None, lambda variant: {}, after) for name, after in (("a", ()), ("b", ("a",)))
    ]
    plan = make_plan([SimpleNamespace(project="p", name=name) for name in variants], stages, {})  # type: ignore[misc]
    return list(plan.jobs.values())


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_jobs_wait_run_and_are_done() -> None:
    clock = Clock()
    jobs = make_jobs("v", "w")
    progress = Progress(jobs, {}, 2, clock)
    progress.start(jobs[0])
    clock.now += 3
    progress.start(jobs[2])
    state = progress.state()
    assert [(each.name, each.elapsed_s) for each in state.running] == [("p@v:a", 3.0), ("p@w:a", 0.0)]
    assert (state.counts, state.waiting, state.total, state.elapsed_s) == ({}, 2, 4, 3.0)
    progress.end(jobs[0], "ran", 3.0)
    progress.end(jobs[1], "failed")
    state = progress.state()
    assert (state.counts, state.waiting) == ({"ran": 1, "failed": 1}, 1)


def test_what_is_left_is_the_work_over_the_workers_or_the_longest_chain() -> None:
    clock = Clock()
    jobs = make_jobs("v", "w", "x")
    expected = {job.name: 10.0 for job in jobs}
    assert Progress(jobs, expected, 1, clock).state().left_s == 60.0
    assert Progress(jobs, expected, 2, clock).state().left_s == 30.0
    assert Progress(jobs, expected, 9, clock).state().left_s == 20.0
    progress = Progress(jobs, expected, 1, clock)
    progress.start(jobs[0])
    clock.now += 4
    assert progress.state().left_s == 56.0
    clock.now += 96  # much longer than expected: it may end any moment
    assert progress.state().left_s == 50.0
    for job in jobs:
        progress.end(job, "ran", 1.0)
    assert (progress.state().left_s, progress.state().at_least) == (0.0, False)


def test_what_never_ran_is_expected_to_take_as_long_as_in_other_variants() -> None:
    clock = Clock()
    jobs = make_jobs("v", "w")
    progress = Progress(jobs, {}, 1, clock)
    assert progress.state().left_s is None
    progress.end(jobs[0], "ran", 6.0)
    state = progress.state()
    assert (state.left_s, state.at_least) == (6.0, True)  # p@w:a; of b nothing is known
    progress.end(jobs[1], "ran", 2.0)
    state = progress.state()
    assert (state.left_s, state.at_least) == (8.0, False)


def test_the_estimate_of_a_large_build_is_made_once_a_second_and_counts_down_meanwhile() -> None:
    clock = Clock()
    jobs = make_jobs(*(f"v{index}" for index in range(100)))
    progress = Progress(jobs, {job.name: 1.0 for job in jobs}, 1, clock)
    assert progress.state().left_s == 200.0
    progress.end(jobs[0], "ran", 1.0)
    clock.now += 0.75
    assert progress.state().left_s == 199.25
    progress.end(jobs[1], "ran", 1.0)
    clock.now += 0.25
    assert progress.state().left_s == 198.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (9e4, "25 h 00 min"),
    ],
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert in_words(seconds) == text
