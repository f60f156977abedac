from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from inrarch.cli import doctor
from inrarch.cli.main import main

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the current one, with a g++ of its own in `bin/`; no licences."""
    gxx = tmp_path / "bin" / "g++"
    gxx.parent.mkdir()
    gxx.write_text("#!/bin/sh\necho 'g++ (Debian 12.2.0-14) 12.2.0'\n")
    gxx.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    for name in doctor.LICENCES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_missing_tool_is_told_with_what_it_is_for(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(here))
    assert main(["doctor"]) == 1
    output = capsys.readouterr().out
    assert (
        "  g++                    MISSING, needed for: C simulation of the generated hardware (stage csim)\n" in output
    )
    assert "install the Debian package `g++`" in output
    assert output.endswith("\n1 required part is missing\n")


def test_a_tool_is_shown_with_version_and_place(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    output = capsys.readouterr().out
    assert f"  g++                    12.2.0 ({here}/bin/g++)\n" in output
    assert output.endswith("\nnothing required is missing\n")


def test_the_machine_is_shown_with_the_disk_of_the_build_folder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "inrarch.yaml").write_text("build: far/away\njobs: 7\n")
    assert main(["doctor"]) == 0
    output = capsys.readouterr().out
    assert "; builds run 7 stages at a time\n" in output
    assert f" GiB at {here}/far/away\n" in output
    assert " GiB available\n" in output


def test_a_wrong_workspace_is_told_and_the_rest_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "inrarch.yaml").write_text("jobs: none\n")
    assert main(["doctor"]) == 1
    output = capsys.readouterr().out
    assert "  WRONG                  inrarch.yaml:1:7: jobs is 'none'; expected" in output
    assert "g++ " in output


def test_a_tool_that_no_stage_needs_is_not_required(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(here))
    monkeypatch.setattr("inrarch.stages.stages", lambda: ())
    assert main(["doctor"]) == 0


def test_licences_are_shown_as_the_variables_say(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "there.lic").write_text("")
    monkeypatch.setenv("XILINXD_LICENSE_FILE", f"2100@server:{here}/there.lic:{here}/gone.lic")
    main(["doctor"])
    output = capsys.readouterr().out
    assert f"  XILINXD_LICENSE_FILE   server 2100@server, {here}/there.lic, {here}/gone.lic (no such file)\n" in output
    assert (
        "  LM_LICENSE_FILE        not set; it would say where to find licences of synthesis tools (FlexNet)\n" in output
    )


def test_libraries_that_are_missing_or_too_old_are_told(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = [
        "numpy>=1.26",
        "doit>=99.1",
        "nowhere-to-be-found",
        "pytest>=1; extra == 'dev'",
        "gone>=1; extra == 'live'",
    ]
    monkeypatch.setattr(doctor, "requires", lambda name: needed)
    monkeypatch.setattr(doctor, "metadata", lambda name: Extras())
    assert main(["doctor"]) == 1
    output = capsys.readouterr().out
    assert "  numpy                  1" in output or "  numpy                  2" in output
    assert "is older than 99.1; `pip install 'doit>=99.1'`\n" in output
    assert "  nowhere-to-be-found    MISSING: not installed; `pip install 'nowhere-to-be-found'`\n" in output
    assert "  dev                    pytest " in output
    assert (
        "  live                   missing: gone (not installed); `pip install 'inrarch[live]'` gives a live view of "
        "builds in a terminal\n"
    ) in output
    assert output.endswith("\n2 required parts are missing\n")


class Extras:
    def get_all(self, name: str) -> list[str]:
        return ["dev", "live"]


def test_every_extra_says_what_it_is_for() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["optional-dependencies"].keys() <= doctor.EXTRAS.keys()
