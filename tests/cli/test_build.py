"""The commands that stand for doit's: that their options arrive."""

from __future__ import annotations

import pytest

from inrarch.cli.main import main
from inrarch.engine import program


@pytest.mark.parametrize(
    ("typed", "passed"),
    [
        ("build", "build -n 0 --"),
        ("build a b@c -n 4", "build -n 4 -- a b@c"),
        ("build --until map --dry-run --no-continue a", "build -n 0 --until map --dry-run --no-continue -- a"),
        ("list", "list --"),
        ("list --all -s a", "list --all --status -- a"),
        ("clean -n a", "clean --dry-run -- a"),
        ("forget a@b:map", "forget -- a@b:map"),
        ("info a@b", "info -- a@b"),
        ("why a@b", "why -- a@b"),
    ],
)
def test_options_arrive_at_doit(typed: str, passed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr(program, "run_doit", lambda arguments: given.append(list(arguments)) or 0)
    assert main(typed.split()) == 0
    assert given == [passed.split()]


def test_an_empty_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", ""]) == 3
    assert capsys.readouterr().err == "a name is empty; expected project, project@variant or a glob\n"
