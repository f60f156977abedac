"""The bound of single cycles is below what exhaustive search finds, and often equal; INR-Arch's network is proven."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from benchmarks.networks.inr_arch import inr_arch_network
from inrarch.fifo import solve
from inrarch.fifo.bounds import windows
from inrarch.fifo.chains import chains
from inrarch.fifo.load import parse
from inrarch.fifo.memory import bram18
from inrarch.fifo.objective import PRICES, Objective, Price
from inrarch.fifo.snapshots import Snapshots, spread_bound
from tests.fifo.exhaustive import cheapest, unbounded_cycles
from tests.fifo.random_networks import random_network


def blocks(depth: int, bits: int) -> int:
    """A price with few steps."""
    return bits * -(-depth // 4)


def compare(data: dict[str, Any], price: Price, linear: bool, extra: int, cycles: int) -> tuple[int, int, int] | None:
    """Price of all depths 2, the bound of so many cycles, and the optimum; None where nothing runs."""
    limit = unbounded_cycles(data)
    if limit is None:
        return None
    network = parse(data)
    bounds = windows(network, limit + extra, 2)
    assert bounds is not None
    goal = Objective(network, price, bounds.most, linear)
    snapshots = Snapshots(chains(network), bounds)
    snapshots.spread(cycles)
    bound, _ = snapshots.bound(goal)
    best = cheapest(data, limit + extra, price)
    assert best is not None
    return goal.total(dict.fromkeys(network.words, 2)), bound, best


def agree(seeds: range) -> tuple[int, int, int]:
    """Networks compared; of those that need more than two words somewhere, how many, and how many bounds are tight."""
    compared = deep = tight = 0
    for seed in seeds:
        rng = Random(seed)
        data = random_network(seed)
        price, linear = rng.choice([(PRICES["words"], True), (PRICES["bits"], True), (blocks, False)])
        data["sequential"] = rng.random() < 0.3
        found = compare(data, price, linear, rng.choice([0, 0, 0, 4, 20]), rng.choice([1, 4, 64]))
        if found is None:
            continue
        compared += 1
        trivial, bound, best = found
        assert bound <= best, seed
        deep += best > trivial
        tight += bound == best > trivial
    return compared, deep, tight


def test_no_depths_cost_less_than_the_bound() -> None:
    compared, deep, tight = agree(range(60))
    assert compared > 50
    assert deep > 10
    assert tight > 5


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_no_depths_cost_less_than_the_bound_on_ten_thousand_networks(block: int) -> None:
    compared, deep, tight = agree(range(1000 + 1150 * block, 1000 + 1150 * (block + 1)))
    print(f"{compared} networks, {deep} need more than two words somewhere, the bound is equal in {tight} of these")
    assert compared >= 1000
    assert deep > 300
    assert tight > 150


def test_a_network_without_a_common_frame_is_proven() -> None:
    """238 streams: three backward passes hold the activations, which the bound finds to the word."""
    found = solve(inr_arch_network(4))
    assert found.optimal
    assert found.words == found.lower_bound.words > 1000
    assert found.method.startswith("snapshots")


def test_the_bound_of_block_ram_is_below_and_near() -> None:
    network = parse(inr_arch_network(4))
    limit = solve(network, time_limit_s=0.01).unbounded_cycles
    bounds = windows(network, limit, 2)
    assert bounds is not None
    goal = Objective(network, bram18, bounds.most, linear=False)
    found = solve(network, "bram18", time_limit_s=3)
    bound, _ = spread_bound(Snapshots(chains(network), bounds), goal, lambda: None)
    assert 0 < bound <= found.bram18
