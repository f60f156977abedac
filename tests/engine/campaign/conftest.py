"""What the campaigns have counted, printed at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.campaign.field import TALLY, Field, make_field

_LOSSES = ("repeated stages", "partial artefacts", "dangling links", "surviving processes", "unequal results")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Field:
    made = make_field(tmp_path_factory.mktemp("campaign") / "workspace")
    made.close()
    return made


@pytest.fixture
def field(pristine: Field, tmp_path: Path) -> Iterator[Field]:
    """A workspace that was not built yet, and what its build gives."""
    made = pristine.copy(tmp_path / "workspace")
    yield made
    made.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if TALLY:
        done = [f"{count} {name}" for name, count in sorted(TALLY.items()) if name not in _LOSSES]
        lost = [f"{TALLY[name]} {name}" for name in _LOSSES]
        terminalreporter.write_line(f"fault campaigns: {', '.join(done)}")
        terminalreporter.write_line(f"losses: {', '.join(lost)}")
