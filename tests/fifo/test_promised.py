"""Depths that keep to cycles that were promised, where there are such."""

from __future__ import annotations

import pytest

from inrarch.errors import UserError
from inrarch.fifo.load import parse
from inrarch.fifo.promised import solve_promised
from inrarch.fifo.sizing import solve
from tests.fifo.random_networks import random_network

NETWORK = parse(random_network(33))
FREE = solve(NETWORK)


def test_a_promise_is_kept_for_more_words() -> None:
    kept = solve_promised(NETWORK, FREE.cycles - 1)
    assert FREE.cycles < FREE.unbounded_cycles
    assert kept.cycles == kept.limit == FREE.cycles - 1
    assert kept.optimal
    assert kept.words > FREE.words


def test_where_the_promise_cannot_be_kept_little_more_is_tried() -> None:
    kept = solve_promised(NETWORK, FREE.cycles - 2)
    assert kept.cycles == FREE.cycles - 1
    assert kept.words > FREE.words


def test_an_impossible_promise_leaves_the_cycles_of_unbounded_fifos() -> None:
    assert solve_promised(NETWORK, 0) == FREE
    assert solve_promised(NETWORK, None) == FREE


def test_cycles_may_be_more_by_the_slack() -> None:
    kept = solve_promised(NETWORK, FREE.cycles - 1, slack=0.5)
    assert kept.limit == int((FREE.cycles - 1) * 1.5)
    assert kept.slack == 0.5
    assert kept.depths == FREE.depths


def test_a_slack_below_0_is_refused() -> None:
    with pytest.raises(UserError, match=r"slack is -0\.1"):
        solve_promised(NETWORK, FREE.cycles, slack=-0.1)
