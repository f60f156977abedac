"""Warnings of tools: known ones by what they mean, others in full; the texts are those of real runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inrarch.tools import process, yosys
from inrarch.tools.messages import HARMLESS, KNOWN, NOTE, SERIOUS, UNKNOWN, Heard, classify, shown

SEVERITIES = {HARMLESS, NOTE, SERIOUS}
FAULTY = """
module loop(input a, output b);
  wire c;
  assign c = !(c & a);
  assign b = c;
endmodule
module narrow(input [3:0] a, output [3:0] b);
  assign b = a;
endmodule
module top(input clk, input [7:0] a, output b, output [3:0] d, output reg [1:0] e);
  wire nothing;
  assign b = missing & a[0] & nothing;
  narrow n(.a(a[2:0]), .b(d));
  reg [1:0] words [3:0];
  integer k;
  always @(posedge clk) begin
    for (k = 0; k < 4; k = k + 1) words[k] <= a[1:0] + k;
    e <= words[a[3:2]];
  end
endmodule
"""


def test_the_table_is_sound() -> None:
    for known in KNOWN:
        re.compile(known.pattern)
        assert known.severity in SEVERITIES
        assert known.why
        assert known.why[0].islower() or known.why.startswith("Yosys")
        assert not known.why.endswith(".")


def test_equal_warnings_are_one_and_known_ones_of_a_kind_are_one() -> None:
    log = (
        "Info: nothing\n"
        "kernels/a.sv:12: Warning: Replacing memory \\x with list of registers.\n"
        "kernels/a.sv:14: Warning: Replacing memory \\y with list of registers.\n"
        "Warning: Literal is wider, see kernels/b.sv:3.4-3.9\nWarning: Literal is wider, see kernels/b.sv:7.4-7.9\n"
        "Warnings: 3 unique messages, 4 total\n"
    )
    assert classify("yosys", log) == [
        Heard("yosys", NOTE, 2, "Replacing memory \\x with list of registers.", "a memory takes flip-flops, not RAM"),
        Heard("yosys", UNKNOWN, 2, "Literal is wider, see kernels/b.sv", None),
    ]


def test_a_special_case_of_a_serious_warning_is_harmless() -> None:
    place = "$paramod$118a\\inrarch_rom.block.words.0.0"
    own = "".join(
        f"Warning: Resizing cell port {place}.{port} bits.\n"
        for port in ("ADDRARDADDR from 16 bits to 14", "DOUTADOUT from 64 bits to 16", "DOUTPBDOUTP from 8 bits to 2")
    )
    ours = "Warning: Resizing cell port top.n.a from 3 bits to 4 bits."
    heard = classify("yosys", f"{own}{ours}\n")
    assert [(each.severity, each.count) for each in heard] == [(HARMLESS, 3), (SERIOUS, 1)]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Warning: Max frequency for clock '$glbnet$clk': 75.08 MHz (FAIL at 80.00 MHz)", NOTE),
        ("Warning: IO 'led' is unconstrained in LPF and will be automatically placed", SERIOUS),
        ("Warning: unmatched constraint 'uart_rx' (on line 19)", SERIOUS),
        ("Warning:     ignoring unsupported LPF command 'SYSCONFIG X=1' (on line 12)", SERIOUS),
        ("Warning: No clocks found in design", SERIOUS),
        ("Warning: something else", UNKNOWN),
    ],
)
def test_nextpnr(text: str, severity: str) -> None:
    (heard,) = classify("nextpnr", f"Info: constraining clock net 'clk'\n{text}\n1 warning, 0 errors\n")
    assert heard.severity == severity
    assert heard.text == text.removeprefix("Warning:").strip()


def test_a_tool_without_known_warnings_shows_all() -> None:
    (heard,) = classify("ecppack", "Warning: no idcode\n")
    assert (heard.severity, heard.text) == (UNKNOWN, "no idcode")
    assert classify("ecppll", "Pll parameters:\nRefclk divisor: 5\n") == []


def test_a_log_shows_all_but_harmless_ones() -> None:
    heard = [
        Heard("yosys", HARMLESS, 3, "a", "it is nothing"),
        Heard("yosys", NOTE, 2, "b", "less speed"),
        Heard("yosys", UNKNOWN, 1, "c", None),
    ]
    assert shown(heard) == [
        "note warning of yosys, 2 times: b (less speed)",
        "unknown warning of yosys: c",
        "3 warnings that are known to be harmless",
    ]
    assert shown([]) == []


def test_yosys_says_of_faulty_sources_what_the_table_expects(tmp_path: Path) -> None:
    (tmp_path / "faulty.v").write_text(FAULTY)
    script = "read_verilog faulty.v; hierarchy -check; proc; check; memory_map"
    done = process.run((yosys.TOOL.find(), "-q", "-p", script), name="yosys", cwd=tmp_path)
    found = classify("yosys", done.output)
    kinds = {each.why: each.severity for each in found}
    assert kinds["a path goes round without a register"] == SERIOUS
    assert kinds["a port and its wire have different widths"] == SERIOUS
    assert kinds["a name of the RTL is misspelt"] == SERIOUS
    assert kinds["a wire of the RTL is joined to nothing"] == SERIOUS
