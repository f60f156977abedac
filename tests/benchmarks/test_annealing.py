"""The annealing baseline: depths that lose no cycle, cheaper than occupancy, reproducible for a number of runs."""

from __future__ import annotations

from benchmarks.annealing import anneal
from benchmarks.networks.structures import autoencoder
from inrarch.fifo.load import parse
from tests.fifo.naive import simulate


def test_annealed_depths_keep_the_cycles_and_cost_less_than_occupancy() -> None:
    data = autoencoder()
    unbounded = simulate(data, None)
    assert unbounded is not None
    found = anneal(parse(data), unbounded["cycles"], lambda depths: sum(depths.values()), 60.0, most=400)
    again = anneal(parse(data), unbounded["cycles"], lambda depths: sum(depths.values()), 60.0, most=400)
    assert found == again
    assert found.simulations == 400
    run = simulate(data, found.depths)
    assert run is not None
    assert run["cycles"] <= unbounded["cycles"]
    assert sum(found.depths.values()) < sum(max(2, held) for held in unbounded["high_water"].values())


def test_no_time_gives_the_occupancy() -> None:
    data = autoencoder()
    unbounded = simulate(data, None)
    assert unbounded is not None
    found = anneal(parse(data), unbounded["cycles"], lambda depths: sum(depths.values()), 0.0)
    assert found.depths == {name: max(2, held) for name, held in unbounded["high_water"].items()}
