"""Gaps at ports: the schedule of the process that makes them, and how many there are."""

from __future__ import annotations

import numpy as np
import pytest

from inrarch.fifo.network import Access, Process, Repeat, last_stage
from inrarch.hardware.cosim.rhythm import giver, random_gaps, taker


def stages(process: Process) -> list[int]:
    found = []
    for item in process.schedule:
        assert isinstance(item, Repeat)
        assert [type(each) for each in item.body] == [Access]
        found += [item.at + k * item.every for k in range(item.count)]
    return found


@pytest.mark.parametrize("gaps", [[], [0, 0, 0, 0], [3, 0, 0, 0], [0, 0, 0, 2], [1, 2, 0, 5], [0, 4, 4, 0], [7]])
def test_a_word_comes_its_gap_and_one_cycle_after_the_one_before(gaps: list[int]) -> None:
    expected, at = [], -1
    for place in range(4):
        at += 1 + (gaps[place] if place < len(gaps) else 0)
        expected.append(at)
    assert stages(giver("s", 4, gaps)) == stages(taker("s", 4, gaps)) == expected
    assert last_stage(giver("s", 4, gaps).schedule) == expected[-1]


def test_runs_without_gaps_are_loops() -> None:
    assert len(giver("s", 10**9).schedule) == 1
    assert len(taker("s", 1000, [0] * 500 + [1] + [0] * 499).schedule) == 2


@pytest.mark.parametrize("share", [0.05, 0.25, 0.7, 0.95])
def test_gaps_make_up_the_share_of_the_cycles(share: float) -> None:
    gaps = random_gaps(200_000, share, np.random.default_rng(1))
    assert sum(gaps) / (sum(gaps) + len(gaps)) == pytest.approx(share, rel=0.05)
    assert max(gaps) > 12
    assert gaps == random_gaps(200_000, share, np.random.default_rng(1))


def test_no_share_is_no_gap() -> None:
    assert random_gaps(5, 0, np.random.default_rng(1)) == [0] * 5
