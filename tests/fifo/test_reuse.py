"""A run that other depths would not have changed is not repeated, and its figures are those of a run of its own."""

from __future__ import annotations

from random import Random

import pytest

from inrarch.fifo import simulate
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from tests.fifo.agreement import figures
from tests.fifo.random_networks import random_network
from tests.fifo.test_simulate import reconvergent


def test_remembered_runs_equal_runs_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    reused = 0
    find = simulate._Prepared._same

    def counted(self, vector, lags):  # type: ignore[no-untyped-def]
        nonlocal reused
        found = find(self, vector, lags)
        reused += found is not None
        return found

    monkeypatch.setattr(simulate._Prepared, "_same", counted)
    for seed in range(80):
        rng = Random(seed)
        network = parse(random_network(seed))
        simulator = Simulator(network)
        depths = dict.fromkeys(network.words, 6)
        for _ in range(12):
            found, expected = simulator.run(depths), Simulator(network).run(depths)
            assert figures(found) == figures(expected), seed
            assert simulator.cycles(depths) == expected.cycles
            depths = depths | {rng.choice(list(depths)): rng.choice([1, 2, 3, 4, 5, 8])}
    assert reused > 500


def test_what_a_change_does_not_touch_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = Simulator(parse(reconvergent(20)))
    run = simulator.run({"short": 30, "long": 5, "late": 5})
    monkeypatch.setattr(simulate._Prepared, "_advance", None)
    # A word of `long` takes 2 cycles, `work` 20, a word of `late` 2: `short` holds those of cycles 0 to 24.
    assert run.high_water == {"short": 25, "long": 3, "late": 3}
    assert simulator.run({"short": 25, "long": 3, "late": 90}) is run
    assert simulator.cycles({"short": 40, "long": 5, "late": 5}) == run.cycles
    assert simulator.cycles({"short": 40, "long": 5, "late": 5}, at_most=(run.cycles or 0) - 1) is None
    for other in ({"short": 24}, {"long": 2}):  # too shallow; a register, whose words are visible sooner
        with pytest.raises(TypeError):
            simulator.run({"short": 30, "long": 5, "late": 5} | other)
