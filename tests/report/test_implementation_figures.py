"""Synthesis, place and route in the report: what they say replaces estimates, and what they miss fails the variant."""

from __future__ import annotations

from typing import Any

import pytest

from inrarch.json_file import check_schema
from inrarch.report.gallery import Gallery
from inrarch.report.implementation_figures import SYNTHESIS_SOURCE, implementation_faults
from inrarch.report.judge import judge
from inrarch.report.page import render
from inrarch.report.summary import summarise
from tests.report import sample

PATH = {"ns": 2.75, "logic_ns": 1.5, "levels": 5, "begin": "stage[3]", "end": "row <b>"}
NOTHING = {"dsp": 0, "bram18": 0, "lut": 0, "ff": 0, "uram": 0}


def heard(severity: str, text: str, why: str | None = None, count: int = 1) -> dict[str, Any]:
    return {"tool": "yosys", "severity": severity, "count": count, "text": text, "why": why}


def synth(warnings: list[dict[str, Any]] | None = None, **total: int) -> dict[str, Any]:
    """As the synth stage writes it."""
    names = [process["name"] for process in sample.full_evidence().network["processes"]]
    each = {
        "module": "matmul_0123456789",
        "synthesised": NOTHING | {"lut": 100, "ff": 40, "dsp": 4},
        "memories": NOTHING | {"bram18": 3},
        "model": NOTHING,
        "path": PATH,
    }
    return {
        "tool": "yosys",
        "command": "synth_xilinx -family xcup",
        "tools": {"yosys": "0.70"},
        "model": {"lut": 90, "ff": 50, "dsp": 4, "bram18": 0},
        "period_ns": 3.125,
        "longest_path": PATH | {"unit": "stream s"},
        "total": NOTHING | {"lut": 100, "ff": 40, "dsp": 4} | total,
        "inner_registers": NOTHING | {"lut": 2, "ff": 500},
        "processes": dict.fromkeys(names, each),
        "streams": {},
        "warnings": warnings or [],
    }


def pnr(achieved: float = 61.25) -> dict[str, Any]:
    """As the pnr stage writes it."""
    return {
        "clocks": {"$clk": {"achieved_mhz": achieved, "constraint_mhz": 50.0}},
        "clock_mhz": 50.0,
        "met": achieved >= 50,
        "critical_path": {"logic_ns": 5.5, "routing_ns": 9.25, "through": ["stream s", "process <b>"]},
        "utilisation": {"MULT18X18D": {"used": 32, "available": 156}},
        "warnings": [],
        "tools": {},
    }


def test_the_samples_are_what_the_stages_write() -> None:
    check_schema(synth() | {"device": {"lut": 1, "ff": 1, "dsp": 1, "bram18": 1}}, "synth", "synth")
    check_schema(pnr(), "pnr", "pnr")


def test_synthesised_resources_stand_in_the_place_of_the_estimates() -> None:
    summary = summarise(sample.full_evidence(synth=synth(), pnr=pnr()))
    assert summary["resources"]["lut"] == 100
    assert summary["resources"]["source"] == SYNTHESIS_SOURCE
    assert summary["synthesis"]["error"] == {
        "lut": pytest.approx(-0.1),
        "ff": pytest.approx(0.25),
        "dsp": 0,
        "bram18": None,
    }
    assert all(each["bram18"] == 3 for each in summary["synthesis"]["processes"].values())
    assert summary["fmax_mhz"] == 61.25


def test_nothing_is_said_of_tools_that_did_not_run() -> None:
    summary = summarise(sample.full_evidence())
    assert summary["synthesis"] is summary["place_and_route"] is summary["fmax_mhz"] is None


def test_a_design_that_does_not_fit_or_is_too_slow_fails() -> None:
    verdict = judge(sample.full_evidence(synth=synth(dsp=2000), pnr=pnr(achieved=47.5)))
    assert verdict.failures == (
        "synthesis needs 2,000 DSP, the board has 1,248",
        "the routed design reaches 47.5 MHz of 50 MHz (critical path: stream s -> process <b>)",
    )
    assert implementation_faults(sample.full_evidence(synth=synth(), pnr=pnr())) == []


def test_the_page_shows_both_and_escapes_names() -> None:
    evidence = sample.full_evidence(synth=synth(), pnr=pnr())
    page = render(evidence, summarise(evidence), Gallery(reason="No pictures."))
    assert "synth_xilinx -family xcup" in page
    assert "By process, beside the model" in page
    assert "Placed and routed by nextpnr" in page
    assert "process &lt;b&gt;" in page
    assert '<code>MULT18X18D</code></td><td class="n">32</td><td class="n">156</td>' in page
    assert "pnr/design.bit" in page
    assert "500 FF and 2 LUT that the blocks have are not counted" in page
    assert "<strong>2.75 ns</strong> of the 3.12 ns of a cycle" in page
    assert "<code>row &lt;b&gt;</code>: 5 levels of logic" in page


def test_without_delays_the_page_has_levels_alone() -> None:
    untimed = PATH | {"ns": None, "logic_ns": None}
    made = synth() | {"longest_path": untimed | {"unit": "stream s"}}
    made["processes"] = {name: each | {"path": untimed} for name, each in made["processes"].items()}
    evidence = sample.full_evidence(synth=made, pnr=pnr())
    page = render(evidence, summarise(evidence), Gallery(reason="No pictures."))
    assert "5 levels of logic." in page
    assert "path, ns" not in page


def test_the_page_says_why_they_did_not_run() -> None:
    evidence = sample.full_evidence(not_run={"pnr": "no open tool places and routes for board kv260"})
    page = render(evidence, summarise(evidence), Gallery(reason="No pictures."))
    assert "Not placed and routed: no open tool places and routes for board kv260" in page


def test_warnings_are_counted_shown_or_fatal_by_what_they_mean() -> None:
    warnings = [
        heard("harmless", "nothing <a>", "it is nothing", 3),
        heard("note", "Replacing memory", "a memory takes flip-flops", 2),
        heard("unknown", "never seen <b>"),
    ]
    evidence = sample.full_evidence(synth=synth(warnings), pnr=pnr())
    verdict = judge(evidence)
    assert verdict.passed
    assert verdict.warnings == ("yosys has a warning that is not known: never seen <b>",)
    page = render(evidence, summarise(evidence), Gallery(reason="No pictures."))
    assert "3 that are known to be harmless" in page
    assert "nothing &lt;a&gt;" not in page
    assert "<code>Replacing memory</code> (a memory takes flip-flops)" in page
    assert "<code>never seen &lt;b&gt;</code>" in page
    loop = heard("serious", "found logic loop in module a", "a path goes round without a register")
    verdict = judge(sample.full_evidence(synth=synth([loop])))
    assert verdict.failures == ("yosys warns that a path goes round without a register: found logic loop in module a",)
