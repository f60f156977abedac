from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.tools import tools
from inrarch.tools.tool import CONFIGURED, Tool

HAMMER = Tool(
    name="hammer",
    executables=("hammer-2", "hammer"),
    version_pattern=r"Hammer v(\S+)",
    minimum="1.9",
    package="install the package `hammer`",
    purpose="nails",
)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a fake tool on PATH that prints some text."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv(CONFIGURED, raising=False)

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho '{text}'\n")
        path.chmod(0o755)
        return path

    return write


def test_the_first_candidate_on_the_path_is_taken(make) -> None:
    one = make("hammer", "Hammer v2.0")
    assert HAMMER.find() == one
    two = make("hammer-2", "Hammer v2.1")
    assert HAMMER.find() == two
    assert HAMMER.version(two) == "2.1"


def test_what_is_installed_beside_python_is_found_without_its_environment(
    make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = make("hammer", "Hammer v2.0")
    beside = tmp_path / "venv" / "hammer"
    beside.parent.mkdir()
    shutil.copy(on_path, beside)
    monkeypatch.setattr(sys, "executable", str(beside.parent / "python"))
    assert HAMMER.find() == on_path
    on_path.unlink()
    assert HAMMER.find() == beside


def test_a_configured_path_comes_first(make, monkeypatch: pytest.MonkeyPatch) -> None:
    make("hammer", "Hammer v2.0")
    other = make("other", "Hammer v3.0")
    assert HAMMER.find({"hammer": str(other)}) == other
    monkeypatch.setenv(CONFIGURED, f'{{"hammer": "{other}"}}')
    assert HAMMER.find() == other


def test_a_configured_path_that_leads_nowhere_is_an_error(make) -> None:
    make("hammer", "Hammer v2.0")
    with pytest.raises(UserError) as caught:
        HAMMER.find({"hammer": "/nowhere"})
    assert str(caught.value) == (
        "hammer is not an executable file at '/nowhere'; expected a path to the tool\n"
        "hint: mend `tools: {hammer: ...}` in inrarch.yaml"
    )


def test_a_missing_tool_is_an_error_that_names_the_package(make) -> None:
    with pytest.raises(UserError) as caught:
        HAMMER.find()
    assert str(caught.value) == (
        "hammer is not installed (hammer-2 or hammer not found on PATH)\n"
        "hint: install the package `hammer`, or give its path as `tools: {hammer: ...}` in inrarch.yaml"
    )


def test_a_tool_that_is_too_old_is_an_error(make) -> None:
    path = make("hammer", "Hammer v1.8.9")
    with pytest.raises(UserError) as caught:
        HAMMER.version(path)
    assert str(caught.value) == (
        f"hammer is version 1.8.9 ({path}); expected 1.9 or newer\nhint: install the package `hammer`"
    )
    assert HAMMER.version(make("hammer", "Hammer v1.10")) == "1.10"


def test_a_version_that_cannot_be_read_is_an_error(make) -> None:
    path = make("hammer", "I am a hammer")
    with pytest.raises(UserError) as caught:
        HAMMER.version(path)
    assert str(caught.value) == (
        f"hammer: no version in what `{path} --version` prints\nI am a hammer\n"
        f"hint: mend it: {HAMMER.package}, or give the path of another as `tools: {{hammer: ...}}`"
    )


def test_every_tool_of_the_package_is_complete() -> None:
    found = tools()
    assert "g++" in found
    for name, tool in found.items():
        assert tool.name == name
        assert all((tool.executables, tool.version_pattern, tool.package, tool.purpose))


def test_the_version_of_gxx_is_read() -> None:
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    gxx = tools()["g++"]
    assert int(gxx.version(gxx.find()).split(".")[0]) >= 9


def test_a_missing_gxx_is_told_with_its_debian_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="install the Debian package `g\\+\\+`"):
        tools()["g++"].find({})
