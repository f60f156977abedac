"""`inrarch list --matrix`: the table of variants, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.cli.main import main
from tests.config.folder import Folder

PROJECT = """
derivatives: {wrt: x}
matrix:
  axes:
    board: [u50, u280]
    derivatives.order: [1, 2]
    numeric:
      fine: {data_bits: 27}
  exclude:
    - {board: u280, derivatives.order: 2}
  add:
    - {board: zcu102, derivatives.order: 1, numeric: fine, clock_mhz: 200}
  when:
    - match: {derivatives.order: 2}
      set: {verification.tolerance: 0.02}
"""

TABLE = """\
p: 4 variants (1 excluded, 1 added)
  variant                          board   derivatives.order  numeric  verification.tolerance  clock_mhz
  p@u50-order1-fine                u50     1                  fine     0.05                    -
  p@u50-order2-fine                u50     2                  fine     0.02                    -
  p@u280-order1-fine               u280    1                  fine     0.05                    -
  u280-order2-fine                 u280    2                  fine     0.05                    -          excluded
  p@zcu102-order1-fine-clock_mhz200  zcu102  1                  fine     0.05                    200        added
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    workspace = Folder(tmp_path)
    workspace.write("inrarch.yaml", "defaults: {verification: {tolerance: 0.05}}\n")
    workspace.project(PROJECT)
    return workspace


def cells(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_the_table_shows_what_makes_the_variants_different(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--matrix"]) == 0
    output = capsys.readouterr().out
    assert cells(output) == cells(TABLE)
    lines = output.splitlines()[1:]
    assert (
        len({line.index(word) for line in lines for word in ("board", "u50 ", "u280 ", "zcu102 ") if word in line}) == 1
    )
    assert not (folder.root / "build").exists()


def test_names_choose_variants_and_leave_out_what_is_excluded(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.project("board: u50\n", "q")
    assert main(["list", "--matrix", "p@*order1*"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == [
        "p@u50-order1-fine",
        "p@u280-order1-fine",
        "p@zcu102-order1-fine-clock_mhz200",
    ]
    assert main(["list", "--matrix", "q"]) == 0
    assert capsys.readouterr().out == "q: 1 variant\n  variant\n  q@default\n"


def test_a_broken_project_does_not_hinder_the_table(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.project("bord: u50\n", "bad")
    assert main(["list", "--matrix"]) == 0
    captured = capsys.readouterr()
    assert "p@u50-order1-fine" in captured.out
    assert captured.err == "project 'bad' is left out: `inrarch check bad` tells what is wrong\n"
    assert main(["list", "--matrix", "bad"]) == 3


def test_options_that_do_not_go_together_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--matrix", "-s"]) == 3
    assert capsys.readouterr().err == ("--matrix goes without --all and --status: it shows the configuration only\n")
