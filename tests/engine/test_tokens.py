from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping

import pytest

from inrarch.engine.tokens import PATIENCE, Tokens, TokensClosedError


def holding(tokens: Tokens, needs: Mapping[str, int], during: Callable[[], object]) -> threading.Thread:
    """A thread that takes tokens, does something, and gives them back."""

    def run() -> None:
        with tokens.hold(needs):
            during()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_never_more_is_given_out_than_there_is_and_everybody_gets_what_it_needs() -> None:
    totals = {"cores": 4, "memory": 10, "licence": 1}
    tokens = Tokens(totals)
    used = dict.fromkeys(totals, 0)
    most = dict.fromkeys(totals, 0)
    guard = threading.Lock()
    source = random.Random(3)
    threads = []

    def work(needs: dict[str, int], seconds: float) -> None:
        with guard:
            for name, count in needs.items():
                used[name] += count
                most[name] = max(most[name], used[name])
        time.sleep(seconds)
        with guard:
            for name, count in needs.items():
                used[name] -= count

    for _ in range(300):
        needs = {name: source.randint(0, total) for name, total in totals.items()}
        seconds = source.random() / 1000
        threads.append(holding(tokens, needs, lambda needs=needs, seconds=seconds: work(needs, seconds)))
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    assert used == dict.fromkeys(totals, 0)
    assert most["licence"] == 1
    assert all(0 < most[name] <= total for name, total in totals.items())


def test_a_small_one_passes_a_big_one_that_does_not_fit_yet() -> None:
    tokens = Tokens({"memory": 10})
    release, big = threading.Event(), threading.Event()
    holding(tokens, {"memory": 6}, release.wait)
    waiting = holding(tokens, {"memory": 6}, big.set)
    with tokens.hold({"memory": 4}):
        assert not big.is_set()
    release.set()
    waiting.join(timeout=10)
    assert big.is_set()


def test_a_big_one_is_passed_so_many_times_and_no_more() -> None:
    tokens = Tokens({"cores": 2})
    order: list[str] = []
    ends = [threading.Event() for _ in range(3 * PATIENCE)]
    holding(tokens, {"cores": 1}, ends[0].wait)
    wait_for(lambda: tokens.lacking({"cores": 3}) == "cores")
    big = holding(tokens, {"cores": 2}, lambda: order.append("big"))
    wait_for(lambda: len(tokens._queue) == 1)

    def small(index: int) -> None:
        order.append("small")
        ends[index].wait(10)

    # One of them always runs, so both cores are never free by chance.
    threads = [holding(tokens, {"cores": 1}, lambda index=index: small(index)) for index in range(1, len(ends))]
    for end in ends:
        end.set()
        time.sleep(0.002)
    for thread in [big, *threads]:
        thread.join(timeout=10)
    assert order.index("big") <= PATIENCE
    assert order.count("small") == len(ends) - 1


def test_what_nobody_counts_is_not_limited() -> None:
    with Tokens({}).hold({"cores": 99}), Tokens({"cores": 1}).hold({"slots": 7}):
        pass


def test_more_than_there_is_at_all_is_refused_at_once() -> None:
    tokens = Tokens({"cores": 2, "memory": 5})
    assert tokens.lacking({"cores": 2, "memory": 6}) == "memory"
    assert tokens.lacking({"cores": 2, "memory": 5}) is None
    with pytest.raises(ValueError, match="6 memory of 5"), tokens.hold({"memory": 6}):
        pass


def test_closing_wakes_who_waits_and_refuses_who_comes() -> None:
    tokens = Tokens({"cores": 1})
    told: list[str] = []

    def wait() -> None:
        try:
            with tokens.hold({"cores": 1}):
                told.append("got it")
        except TokensClosedError:
            told.append("closed")

    with tokens.hold({"cores": 1}):
        thread = threading.Thread(target=wait)
        thread.start()
        wait_for(lambda: len(tokens._queue) == 1)
        tokens.close()
        thread.join(timeout=10)
    wait()
    assert told == ["closed", "closed"]


def test_tokens_come_back_when_the_work_fails() -> None:
    tokens = Tokens({"cores": 1})
    for _ in range(3):
        with pytest.raises(RuntimeError), tokens.hold({"cores": 1}):
            raise RuntimeError
