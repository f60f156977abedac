"""The roofline's figures from a small network, and its plot."""

from __future__ import annotations

from typing import Any

import pytest

from inrarch.report.plot import Plot
from inrarch.report.roofline import draw
from inrarch.report.summary import summarise
from tests.report import sample

CLOCK = 0.3  # GHz


def figures(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = summarise(sample.full_evidence(**changes))["roofline"]
    return found


def test_multiplier_roofs_go_by_the_slices_of_a_product() -> None:
    found = figures()
    assert found["dsp_per_product"] == 0.5
    assert found["board_gmacs"] == pytest.approx(1248 / 0.5 * CLOCK)
    assert found["budget_gmacs"] == pytest.approx(int(0.8 * 1248) / 0.5 * CLOCK)
    assert found["lanes_gmacs"] == pytest.approx(2 * 24 * CLOCK)


def test_a_count_of_slices_lowers_the_budget() -> None:
    constraints = {**sample.SETTINGS["constraints"], "dsp_count": 100}
    found = figures(settings={**sample.SETTINGS, "constraints": constraints})
    assert found["budget_gmacs"] == pytest.approx(100 / 0.5 * CLOCK)


def test_the_port_roof_is_that_of_the_busiest_port() -> None:
    found = figures()
    assert found["port_gmacs"] == pytest.approx(288 / 32 * CLOCK)  # sink0 gives 32 words per row
    assert found["port_gbytes"] == pytest.approx(144 / 32 * CLOCK)
    assert found["port_gmacs"] == pytest.approx(found["macs_per_byte"] * found["port_gbytes"])


def test_weights_are_read_with_the_zeros_that_pad_their_blocks() -> None:
    found = figures()
    words = 2 * 32 + 32 * 4  # layer1 has one output in lanes of four
    assert found["weight_bytes_per_row"] == words * 18 / 8
    assert found["memory_gbytes"] == pytest.approx(288 * 36 / 8 * CLOCK)
    assert found["weight_gbytes"] == pytest.approx(words * 18 / 8 * 64 / 6312 * CLOCK)
    assert found["memory_gmacs"] == pytest.approx(found["macs_per_weight_byte"] * found["memory_gbytes"])


def test_sums_over_the_batch_leave_once_per_invocation() -> None:
    network = sample.network()
    network["streams"][-1]["repeat"] = 0
    assert figures(network=network)["bytes_per_row"] == pytest.approx(4 * (2 + 32 + 2 / 64))


@pytest.mark.parametrize(
    ("unit", "limit"), [("sink0", "port"), ("layer0", "multipliers"), ("sine", "pointwise"), ("fork", "fork")]
)
def test_what_the_slowest_process_is_short_of(unit: str, limit: str) -> None:
    network = sample.network()
    network["model"]["bottleneck"] = unit
    assert figures(network=network)["limited_by"] == limit


def plot() -> Plot:
    found = draw(figures())
    assert found is not None
    return found


def test_the_design_has_a_point_at_each_level_of_memory() -> None:
    series = plot().series
    assert [each.label for each in series] == ["ports", "weights in block RAM"]
    assert all(len(each.marks) == 1 and each.line for each in series)
    assert "GMAC/s" in series[0].marks[0].tip


def test_roofs_are_flat_at_the_multipliers() -> None:
    drawn = plot()
    level = next(each.at for each in drawn.levels if each.text == "all DSP slices")
    for series in drawn.series:
        assert series.line.endswith(f"{level:g}")
    assert {each.text for each in drawn.levels} == {"all DSP slices", "allowed by constraints"}


def test_nothing_is_drawn_of_what_did_not_run() -> None:
    assert draw(figures(depths=None)) is None
    assert draw(summarise(sample.empty_evidence())["roofline"]) is None


def test_words_of_two_roofs_close_to_each_other_are_on_both_sides() -> None:
    plot = draw(figures())
    assert plot is not None
    above, below = plot.levels
    assert (above.text, below.text) == ("all DSP slices", "allowed by constraints")
    assert above.text_at < above.at < below.at < below.text_at
    assert below.text_at - above.text_at > 18


def test_words_of_roofs_far_apart_are_above_them() -> None:
    constraints = {**sample.SETTINGS["constraints"], "dsp": 0.25}
    plot = draw(figures(settings={**sample.SETTINGS, "constraints": constraints}))
    assert plot is not None
    assert all(level.text_at < level.at for level in plot.levels)
