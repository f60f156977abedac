from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from inrarch.cli import main as cli
from inrarch.cli.command import Command
from inrarch.errors import UserError


def test_every_command_is_found_and_can_show_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    names = cli.command_names()
    assert {"build", "check", "clean", "doctor", "forget", "info", "list", "step", "why"} <= set(names)
    for name in names:
        with pytest.raises(SystemExit) as caught:
            cli.main([name, "--help"])
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: inrarch {name} ")


def test_the_help_lists_every_command_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, command in cli.commands(cli.command_names()).items():
        assert f"{name} {command.summary}" in text


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["bild"])
    assert caught.value.code == 2
    assert "invalid choice: 'bild'" in capsys.readouterr().err


def fail(options: argparse.Namespace) -> int:
    raise UserError("no such thing: \udcff☃", hint="look again", exit_code=1)


def test_a_mistake_of_the_user_is_told_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "commands", lambda names: {"fail": Command("fail", "", lambda parser: None, fail)})
    assert cli.main(["fail"]) == 1
    assert capsys.readouterr().err == "no such thing: \\udcff☃\nhint: look again\n"


def test_text_that_the_terminal_cannot_show_is_no_crash(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "inrarch", "step", "/nowhere/☃"],
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 3
    assert ended.stderr == b"/nowhere/\\u2603: cannot be read: No such file or directory\n"


def test_closed_output_is_no_crash() -> None:
    command = f"{shlex.quote(sys.executable)} -m inrarch check >&-"
    ended = subprocess.run(command, shell=True, cwd=Path(__file__).parents[2], capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("command", ["check", "doctor", "list"])
def test_a_full_disk_is_told(command: str) -> None:
    root = Path(__file__).parents[2]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "inrarch", command], cwd=root, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (ended.returncode, ended.stderr) == (2, b"the output cannot be written: no space left on device\n")


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    script = (
        "import sys; sys.argv = ['inrarch', 'build', '--help']\n"
        "from inrarch.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'onnx', 'onnx_ir', 'onnxruntime', 'jinja2', 'jsonschema', 'doit'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=True, stdout=subprocess.DEVNULL)
