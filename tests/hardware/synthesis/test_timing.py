"""What is read of nextpnr's report. The sample has the format of nextpnr-ecp5 0.11 (--report)."""

from __future__ import annotations

from typing import Any

from inrarch.hardware.synthesis.timing import clocks, critical_path, utilisation


def step(kind: str, delay: float, cell: str) -> dict[str, Any]:
    ends = {"from": {"cell": cell, "loc": [1, 2], "port": "Q"}, "to": {"cell": cell, "loc": [1, 2], "port": "D"}}
    return {"type": kind, "delay": delay, **ends, **({"net": "n"} if kind == "routing" else {})}


REPORT = {
    "fmax": {"$glbnet$clk": {"achieved": 61.25, "constraint": 50.0}},
    "utilization": {"MULT18X18D": {"used": 32, "available": 156}, "DCUA": {"used": 0, "available": 2}},
    "critical_paths": [
        {"from": "<async>", "to": "posedge $glbnet$clk", "path": [step("logic", 9, "x")]},
        {
            "from": "posedge $glbnet$clk",
            "to": "posedge $glbnet$clk",
            "path": [
                step("clk-to-q", 0.5, "serial.core.fifo_s_a_out.occupied_TRELLIS_FF_Q"),
                step("routing", 1.25, "serial.core.u_linear_1.process.control.done_LUT4_A"),
                step("logic", 0.25, "serial.core.u_linear_1.process.control.done_LUT4_A"),
                step("routing", 2, "serial.link.word_out_TRELLIS_FF_Q"),
                step("setup", 0, "serial.link.word_out_TRELLIS_FF_Q"),
            ],
        },
    ],
}


def test_clocks_and_cells() -> None:
    assert clocks(REPORT) == {"$glbnet$clk": {"achieved_mhz": 61.25, "constraint_mhz": 50.0}}
    assert utilisation(REPORT) == {"MULT18X18D": {"used": 32, "available": 156}}


def test_the_critical_path_is_named_by_units() -> None:
    assert critical_path(REPORT, "$glbnet$clk") == {
        "logic_ns": 0.75,
        "routing_ns": 3.25,
        "through": ["stream s_a_out", "process linear_1", "board"],
    }


def test_a_clock_without_a_path_has_none() -> None:
    assert critical_path(REPORT, "$glbnet$other") == {}
