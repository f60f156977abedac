"""The synthesis scripts: golden text, and a run under a stand-in for Vitis HLS, which the tests do not have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hardware.small_design import write_design

GOLDEN = Path(__file__).parent / "golden"

_FAKE_VITIS = """#!{python}
import json, sys, tkinter
tcl, calls = tkinter.Tcl(), []
commands = ["open_project", "set_top", "add_files", "open_solution", "set_part", "create_clock",
            "csim_design", "csynth_design", "cosim_design", "export_design"]
for name in commands:
    tcl.createcommand(name, lambda *words, name=name: calls.append([name, *map(str, words)]))
tcl.createcommand("exit", lambda *words: None)
options = sys.argv[1:]
script = options[options.index("-f" if "-f" in options else "--tcl") + 1]
tcl.eval("source {{" + script + "}}")
json.dump(calls, open("calls.json", "w"))
"""


@pytest.mark.parametrize("name", ["run_hls.tcl", "hls_config.cfg"])
def test_scripts_are_as_in_the_golden_files(tmp_path: Path, name: str) -> None:
    """`INRARCH_UPDATE_GOLDEN=1` in the environment updates them."""
    write_design(tmp_path)
    text = (tmp_path / "scripts" / name).read_text(encoding="utf-8")
    if os.environ.get("INRARCH_UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "steps", "expected"),
    [
        (["vitis_hls", "-f"], None, ["csim_design", "csynth_design", "cosim_design", "export_design"]),
        (["vitis-run", "--mode", "hls", "--tcl"], "csim csynth", ["csim_design", "csynth_design"]),
    ],
)
def test_script_runs_in_both_generations_of_the_tool(
    tmp_path: Path, command: list[str], steps: str | None, expected: list[str]
) -> None:
    pytest.importorskip("tkinter", reason="the stand-in for Vitis HLS reads Tcl with tkinter (Debian: python3-tk)")
    design = tmp_path / "design"
    write_design(design)
    tools, work = tmp_path / "bin", tmp_path / "work"
    tools.mkdir()
    work.mkdir()
    tool = tools / command[0]
    tool.write_text(_FAKE_VITIS.format(python=sys.executable), encoding="utf-8")
    tool.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"INRARCH_STEPS": steps} if steps else {}
    subprocess.run([*command, design / "scripts" / "run_hls.tcl"], cwd=work, env=environment, check=True)
    calls = json.loads((work / "calls.json").read_text(encoding="utf-8"))
    assert [call[0] for call in calls if call[0].endswith("_design")] == expected
    assert ["set_top", "inrarch_top"] in calls
    assert ["set_part", "xcu50-fsvh2104-2-e"] in calls
    files = [call[1] if call[1] != "-tb" else call[2] for call in calls if call[0] == "add_files"]
    assert files == [str(design / "src" / "top.cpp"), str(design / "testbench" / "tb.cpp")]
    flags = [word for call in calls if call[0] == "add_files" for word in call[-1].split() if word.startswith("-I")]
    assert {Path(flag[2:]) for flag in flags} == {design / "kernels", design / "src"}
