"""Published structures: depths lose no cycle and none can be one less, by the naive simulator."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.networks.structures import STRUCTURES, attention, autoencoder, residual, tree
from inrarch.fifo import solve
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from tests.fifo.naive import simulate


@pytest.mark.parametrize("name", STRUCTURES)
def test_depths_are_enough_and_none_can_be_one_word_less(name: str) -> None:
    network = STRUCTURES[name]()
    unbounded = simulate(network, None)
    assert unbounded is not None
    result = solve(network)
    run = simulate(network, dict(result.depths))
    assert run is not None
    assert run["cycles"] == result.cycles <= unbounded["cycles"] == result.unbounded_cycles
    for stream, depth in result.depths.items():
        if depth > 2:
            fewer = simulate(network, {**result.depths, stream: depth - 1})
            assert fewer is None or fewer["cycles"] > unbounded["cycles"], stream
    occupancy = sum(max(2, held) for held in unbounded["high_water"].values())
    assert result.lower_bound.words <= result.words <= occupancy


@pytest.mark.parametrize("network", [residual(2), attention(), autoencoder()])
def test_reconvergent_structures_deadlock_with_two_words(network: dict[str, Any]) -> None:
    two = dict.fromkeys((each["name"] for each in network["streams"]), 2)
    assert simulate(network, two) is None
    assert Simulator(parse(network)).run(two).deadlock is not None


def test_products_without_a_fork_never_deadlock() -> None:
    network = tree(7)
    two = dict.fromkeys((each["name"] for each in network["streams"]), 2)
    assert simulate(network, two) is not None


def test_attention_keeps_the_queries_until_the_last_key() -> None:
    tokens, width = 8, 4
    depths = solve(attention(tokens, width)).depths
    # All queries but the row in work at the last key; they may wait before their projection or behind it.
    assert depths["x_copies_0"] + depths["q"] >= (tokens - 2) * width
    assert depths["k"] == 2


def test_a_skip_of_the_outer_level_is_the_deepest() -> None:
    depths = solve(autoencoder(levels=3, words=64)).depths
    outer, middle, inner = (depths[f"fork{level}_1"] for level in range(3))
    assert outer > middle > inner > 2
    assert outer > 48  # the code is complete after nearly all of the input
