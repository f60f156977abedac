"""Energy in the report: the mapping's estimate at the simulated cycles."""

from __future__ import annotations

import pytest

from inrarch.report.summary import summarise
from tests.report import sample


def test_clock_and_static_power_go_by_the_simulated_cycles() -> None:
    found = summarise(sample.full_evidence())["energy"]
    given = sample.network()["model"]["energy"]["parts"]
    for name, joules in given.items():
        longer = 6312 / 6300 if name in ("registers", "static") else 1
        assert found["parts"][name] == pytest.approx(joules * longer)
    assert found["joules"] == pytest.approx(sum(found["parts"].values()))
    assert found["model"] == "a model"


def test_what_follows_from_the_joules() -> None:
    summary = summarise(sample.full_evidence())
    found, joules = summary["energy"], summary["energy"]["joules"]
    assert found["joules_per_row"] == pytest.approx(joules / 64)
    assert found["watts"] == pytest.approx(joules / (6312 / 300e6))
    assert found["picojoules_per_mac"] == pytest.approx(joules * 1e12 / (288 * 64))
    assert found["band"] == pytest.approx([joules / 2, joules * 2])
    assert summary["energy_delay"] == pytest.approx(joules * 6312 / 300e6)


@pytest.mark.parametrize("absent", ["network", "depths"])
def test_without_a_network_or_its_cycles_nothing_is_said(absent: str) -> None:
    summary = summarise(sample.full_evidence(**{absent: None}))
    assert set(summary["energy"].values()) == {None}
    assert summary["energy_delay"] is None
