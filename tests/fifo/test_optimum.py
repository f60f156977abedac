"""Solved depths are the cheapest of all: exhaustive search with the naive simulator of the tests agrees."""

from __future__ import annotations

import pytest

from inrarch.errors import UserError
from inrarch.fifo import pareto, solve
from inrarch.fifo.load import parse
from inrarch.fifo.objective import PRICES
from inrarch.fifo.sizing import Solver
from tests.fifo.exhaustive import cheapest, unbounded_cycles
from tests.fifo.random_networks import random_network
from tests.fifo.test_simulate import reconvergent, repeat


def agrees(seed: int, objective: str, slack: float, sequential: bool) -> bool:
    """Whether the network has depths at all; asserts that those found are the cheapest."""
    data = random_network(seed) | {"sequential": sequential}
    cycles = unbounded_cycles(data)
    if cycles is None:
        with pytest.raises(UserError, match="deadlocks"):
            solve(data, objective, slack)
        return False
    found = solve(data, objective, slack, time_limit_s=None)
    assert found.unbounded_cycles == cycles
    assert found.cycles <= int(cycles * (1 + slack)) == found.limit
    best = cheapest(data, found.limit, PRICES[objective])
    assert best == getattr(found, objective) == getattr(found.lower_bound, objective), (seed, found)
    assert found.optimal
    assert found.gap == 0
    return True


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize(("objective", "slack"), [("words", 0.0), ("bits", 0.0), ("words", 0.1)])
def test_random_networks_get_the_least(objective: str, slack: float, sequential: bool) -> None:
    assert sum(agrees(seed, objective, slack, sequential) for seed in range(20, 80)) > 50


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_ten_thousand_random_networks_get_the_least_words(block: int) -> None:
    solved = sum(agrees(seed, "words", 0.0, seed % 2 == 1) for seed in range(1150 * block, 1150 * (block + 1)))
    print(f"{solved} networks solved to the least words")
    assert solved >= 1000


def test_a_single_iteration_is_no_frame() -> None:
    """One iteration of a loop of 1 stage, in which a stream has four words: nothing repeats."""
    assert agrees(2938, "words", 0.0, sequential=False)


def test_block_ram_is_saved_where_words_are_not() -> None:
    network = reconvergent(delay=40)
    network["streams"].append({"name": "passed", "bits": 24})
    pass_on = repeat(64, 1, {"at": 0, "read": "short"}, {"at": 1, "write": "passed"})
    network["processes"].append({"name": "pass", "schedule": [pass_on]})
    network["processes"][2]["schedule"][0]["body"][0]["read"] = "passed"
    # 40 words in two FIFOs: none of them needs block RAM, if both hold at most 32.
    found = solve(network, "bram18")
    assert (found.bram18, found.lower_bound.bram18, found.optimal) == (0, 0, True)
    assert min(found.depths["short"], found.depths["passed"]) > 2
    assert max(found.depths.values()) <= 32
    assert found.words >= solve(network).words > 40


def test_a_price_of_the_caller_is_minimised() -> None:
    found = solve(reconvergent(delay=20), "luts", costs=lambda depth, bits: bits * -(-depth // 16))
    assert found.objective == "luts"
    assert found.optimal
    assert sorted(found.depths.values())[-1] >= 16


def test_more_cycles_cost_fewer_words_along_the_front() -> None:
    front = pareto(reconvergent(delay=20))
    assert len(front) > 3
    assert [each.cycles for each in front] == sorted(each.cycles for each in front)
    words = [each.words for each in front]
    assert words == sorted(set(words), reverse=True)
    assert (words[0], words[-1]) == (27, 24)  # with less, `work` never gets the words that push its first result out
    assert [each.slack for each in front] == sorted(each.slack for each in front)
    assert all(each.optimal for each in front)


def test_a_number_of_cycles_is_kept_to_or_refused() -> None:
    network = reconvergent(delay=20)
    assert solve(network, cycles=150).cycles <= 150
    with pytest.raises(UserError) as error:
        solve(network, cycles=60)
    assert error.value.text() == (
        "fifo: no depths found with which the network runs in 60 cycles; expected at least about the 88 cycles of "
        "unbounded FIFOs\nhint: allow more cycles"
    )


def test_out_of_time_the_depths_are_good_and_the_gap_is_honest() -> None:
    network = parse(reconvergent(delay=50))
    found = solve(network, time_limit_s=1e-9)
    assert found.cycles <= found.unbounded_cycles
    assert found.lower_bound.words <= solve(network).words <= found.words
    assert found.optimal == (found.gap == 0)


def test_faults_of_the_call_are_clear() -> None:
    with pytest.raises(UserError) as error:
        solve(reconvergent(delay=3), "bram")
    assert error.value.text() == (
        "fifo: unknown objective 'bram'; expected one of words, bits, bram18\nhint: did you mean 'bram18'?"
    )
    with pytest.raises(UserError) as error:
        Solver(parse(reconvergent(delay=3))).limit(-0.5, None)
    assert error.value.text() == "fifo: slack is -0.5; expected a number of at least 0"


def test_a_missing_solver_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "highspy", None)
    with pytest.raises(UserError) as error:
        solve(reconvergent(delay=20))
    assert error.value.text() == (
        "fifo: sizing FIFOs needs HiGHS, which is not installed; expected the package highspy\n"
        "hint: pip install highspy"
    )
