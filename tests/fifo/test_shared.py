"""Sizing with shared lines: fewer words within the same cycles, by the naive simulator, or the network as it was."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.networks.inr_arch import inr_arch_network
from benchmarks.networks.structures import autoencoder, chain
from inrarch.fifo.shared import solve_shared
from tests.fifo.naive import deadlocks_in_program_order, simulate
from tests.fifo.test_share import late_readers


@pytest.mark.parametrize(
    ("network", "share"),
    [
        (late_readers(30, 1), 0.7),
        (late_readers(20, 30, 40, words=128), 0.8),
        (late_readers(30, 1) | {"sequential": True}, 0.9),
        (inr_arch_network(6, (2, 8, 8, 3), parallel=4, fill=4), 0.97),
    ],
)
def test_late_readers_share_and_no_cycle_is_lost(network: dict[str, Any], share: float) -> None:
    found = solve_shared(network, time_limit_s=5.0)
    assert found.lines
    depths = dict(found.depths.depths)
    run, unbounded = simulate(found.network, depths), simulate(network, None)
    assert run is not None
    assert unbounded is not None
    assert run["cycles"] == found.depths.cycles <= unbounded["cycles"]
    assert sum(depths.values()) == found.depths.words < share * found.before.words
    assert found.depths.lower_bound.words <= found.depths.words
    if network.get("sequential"):
        assert not deadlocks_in_program_order(found.network, depths)


@pytest.mark.parametrize("network", [chain(3), autoencoder()])
def test_networks_without_late_copies_stay_as_they_are(network: dict[str, Any]) -> None:
    found = solve_shared(network, time_limit_s=5.0)
    assert found.lines == ()
    assert found.network == network
    assert found.depths == found.before
