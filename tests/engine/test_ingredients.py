from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import pytest

from inrarch.engine import ingredients
from inrarch.engine.digest import DigestCache
from inrarch.engine.ingredients import IngredientReader
from inrarch.engine.plan import Job
from inrarch.errors import UserError
from inrarch.stages import verdict
from inrarch.tools import gxx


class Compiler:
    """A g++ that counts how often it is asked for its version, and a stage that uses it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "g++"
        self._asked = folder / "asked"
        self._digests = DigestCache(folder / "digests.db", writable=True)

    def install(self, version: str) -> None:
        self.path.write_text(f"#!/bin/sh\necho asked >> {self._asked}\necho 'g++ (ours) {version}'\n")
        self.path.chmod(0o755)

    def version(self) -> str:
        """The version in the ingredients of a stage, as a new build reads them."""
        job = Job(SimpleNamespace(), dataclasses.replace(verdict.STAGE, tools=("g++",)), ())
        reader = IngredientReader("inrarch.stages", {"g++": str(self.path)}, self._digests)
        return str(reader.read(job, {})["tools"]["g++"])

    def times_asked(self) -> int:
        return len(self._asked.read_text().splitlines())


@pytest.fixture
def compiler(tmp_path: Path) -> Compiler:
    made = Compiler(tmp_path)
    made.install("12.1.0")
    return made


def test_a_tool_is_asked_for_its_version_once_until_its_file_changes(compiler: Compiler) -> None:
    assert [compiler.version(), compiler.version()] == ["12.1.0", "12.1.0"]
    assert compiler.times_asked() == 1
    compiler.install("13.10.2")
    assert compiler.version() == "13.10.2"
    assert compiler.times_asked() == 2


def test_a_known_version_is_judged_again_when_a_newer_one_is_demanded(
    compiler: Compiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compiler.version() == "12.1.0"
    demanding = dataclasses.replace(gxx.TOOL, minimum="13")
    monkeypatch.setattr(ingredients, "tools", lambda: {"g++": demanding})
    with pytest.raises(UserError, match=r"g\+\+ is version 12\.1\.0"):
        compiler.version()
