from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.cli.main import main


def test_a_missing_tool_is_told_with_what_it_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["doctor"]) == 1
    output = capsys.readouterr().out
    assert "g++            MISSING, needed for: C simulation of the generated hardware (stage csim)\n" in output
    assert "install the Debian package `g++`" in output
    assert "cores" in output
    assert "GiB free" in output


def test_a_tool_is_shown_with_version_and_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gxx = tmp_path / "g++"
    gxx.write_text("#!/bin/sh\necho 'g++ (Debian 12.2.0-14) 12.2.0'\n")
    gxx.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    main(["doctor"])
    assert f"g++            12.2.0 ({gxx})\n" in capsys.readouterr().out
