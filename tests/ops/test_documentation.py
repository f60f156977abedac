"""The table of operators in docs/derivatives.md is what the operators say of themselves."""

from __future__ import annotations

from pathlib import Path

from inrarch.ops import operators

DOCUMENT = Path(__file__).parents[2] / "docs" / "derivatives.md"


def test_the_operator_table_is_current() -> None:
    rows = [line for line in DOCUMENT.read_text().split("<!-- operators")[1].splitlines() if line.startswith("| ")]
    assert rows[1:] == [
        f"| {each.name} | {each.smooth} | "
        f"{each.hardware.kind}{': ' + each.hardware.reason if each.hardware.reason else ''} |"
        for each in operators().values()
    ]
