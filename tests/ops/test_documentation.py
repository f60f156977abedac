"""The table of operators in docs/derivatives.md is what the operators say of themselves.

`python -m tests.ops.test_documentation` writes it anew.
"""

from __future__ import annotations

from pathlib import Path

from inrarch.ops import operators

DOCUMENT = Path(__file__).parents[2] / "docs" / "derivatives.md"
START = "<!-- operators: this table is written by python -m tests.ops.test_documentation -->"


def table() -> str:
    """The generated part of the document."""
    rows = [
        f"| {each.name} | {each.smooth} | "
        f"{each.hardware.kind}{': ' + each.hardware.reason if each.hardware.reason else ''}"
        f"{', written with ' + each.hardware.written if each.hardware.written else ''} |"
        for each in operators().values()
    ]
    return "\n".join(["| operator | smooth | hardware |", "|---|---|---|", *rows])


def around() -> tuple[str, str, str]:
    """The document: before the table, the table, after it."""
    before, _, rest = DOCUMENT.read_text().partition(f"{START}\n\n")
    present, _, after = rest.partition("\n\n")
    return before, present.rstrip("\n"), after


def test_the_operator_table_is_current() -> None:
    assert around()[1] == table(), "python -m tests.ops.test_documentation writes it"


if __name__ == "__main__":
    before, _, after = around()
    DOCUMENT.write_text(f"{before}{START}\n\n{table()}\n" + (f"\n{after}" if after else ""))
