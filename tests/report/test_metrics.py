from __future__ import annotations

import pytest

from inrarch.report.metrics import TITLES, headline, title
from inrarch.report.summary import summarise
from tests.report import sample


def test_the_headline_figures_are_those_of_the_report() -> None:
    csim = sample.csim()
    csim["outputs"]["y"]["max_rel"] = 1e-6
    report = summarise(sample.full_evidence(csim=csim))
    found = headline(report)
    assert found["max_rel"] == found["max_rel.order1"] == 2.5e-5
    assert found["max_rel.order0"] == 1e-6
    assert found["cycles"] == 6312
    assert found["cycles_per_row"] == 96
    assert found["latency_us"] == pytest.approx(6312 / 300)
    assert (found["dsp"], found["bram18"], found["lut"], found["ff"]) == (84, 14, 6300, 9800)
    assert found["uram"] == 3
    assert found["joules"] == pytest.approx(6.3e-6, rel=0.01)
    assert found["energy_delay"] == pytest.approx(found["joules"] * 6312 / 300e6)
    assert found["over_floor"] == pytest.approx(6312 / 220)  # 64 rows x 288 MACs / 84 DSP = 219.4
    assert (found["fifo_words"], found["fifo_bram18"]) == (12, 0)
    assert (found["macs_per_row"], found["matmuls"]) == (288, 5)


def test_a_figure_that_was_not_measured_is_left_out() -> None:
    found = headline(summarise(sample.full_evidence()))
    assert "fmax_mhz" not in found
    assert found["cycles_cosim"] == 6312
    assert headline(summarise(sample.empty_evidence())) == {}


def test_every_figure_has_a_title() -> None:
    found = headline(summarise(sample.full_evidence()))
    assert {key.partition(".")[0] for key in found} <= TITLES.keys()
    assert title("max_rel.order2") == "largest relative error, order 2"
    assert title("dsp") == "DSP"
