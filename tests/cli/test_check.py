"""`inrarch check`: what it prints, its exit codes, and that it is fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from inrarch.cli.main import main

REPOSITORY = Path(__file__).parents[2]
BOARDS_LINE = "ok     boards: kv260, pynq_z2, u280, u50, ulx3s_85f, zcu102\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("a", "board: pynq_z2\n"), ("b", "matrix: {axes: {derivatives.order: [1, 20]}}\n")):
        folder = tmp_path / "projects" / name
        folder.mkdir(parents=True)
        (folder / "model.onnx").touch()
        (folder / "project.yaml").write_text(text)
    return tmp_path


def test_a_line_for_every_file_and_variant(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "inrarch.yaml").write_text("jobs: 1\n")
    assert main(["check"]) == 0
    assert capsys.readouterr().out == (
        "ok     inrarch.yaml\n"
        + BOARDS_LINE
        + "ok     projects/a/project.yaml\n"
        + "         a@default  order 1 on pynq_z2 at 100 MHz\n"
        + "ok     projects/b/project.yaml\n"
        + "         b@order1   order 1 on u50 at 300 MHz\n"
        + "         b@order20  order 20 on u50 at 300 MHz\n"
        + "2 projects, 3 variants: nothing wrong\n"
    )


def test_only_what_is_named_is_shown(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "b@order1"]) == 0
    printed = capsys.readouterr().out
    assert printed == "ok     projects/b/project.yaml\n         b@order1  order 1 on u50 at 300 MHz\n"


def test_errors_are_told_after_what_is_right_with_exit_code_3(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "projects/b/project.yaml").write_text("bord: u50\n")
    (workspace / "boards").mkdir()
    (workspace / "boards/lab.yaml").write_text("- 1\n")
    (workspace / "inrarch.yaml").write_text("boards: [boards]\n")
    assert main(["check"]) == 3
    printed = capsys.readouterr()
    assert printed.out == (
        "ok     inrarch.yaml\n"
        "WRONG  boards/lab.yaml\n"
        + BOARDS_LINE
        + "ok     projects/a/project.yaml\n"
        + "         a@default  order 1 on pynq_z2 at 100 MHz\n"
        + "WRONG  projects/b/project.yaml\n"
    )
    assert "boards/lab.yaml:1:1: the file is a list of 1; expected a mapping with the keys title" in printed.err
    assert "projects/b/project.yaml:1:1: unknown key 'bord'; expected one of" in printed.err
    assert "hint: did you mean 'board'?" in printed.err


def test_a_broken_workspace_file_is_an_error(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "inrarch.yaml").write_text("jobs: many\n")
    assert main(["check"]) == 3
    assert capsys.readouterr().err == (
        "inrarch.yaml:1:7: jobs is 'many'; expected 'auto' or an integer from 1 to 1024\n"
        "    1 | jobs: many\n      |       ^\n"
    )


@pytest.mark.parametrize("command", ["check", "build", "list", "doctor"])
def test_every_command_refuses_a_tool_that_nobody_knows(
    command: str, workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (workspace / "inrarch.yaml").write_text("tools: {gxx: /nope}\n")
    assert main([command]) == 3
    names = "ecppack, ecppll, g++, nextpnr-ecp5, verilator, yosys"
    assert f"inrarch.yaml:1:9: unknown tool 'gxx'; expected one of {names}" in capfd.readouterr().err


def test_checking_imports_nothing_slow() -> None:
    """It stays under a second with the interpreter's start: no ONNX, no numpy, no doit."""
    code = (
        "import sys; from inrarch.cli.main import main; main(['check']);"
        "print([m for m in ('numpy', 'onnx', 'onnx_ir', 'onnxruntime', 'doit', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
