"""A table in plain text."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Columns two spaces apart, as wide as their widest cell; those numbered in `right` are aligned to the right."""
    lines = [[_plain(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]

    def aligned(column: int, cell: str) -> str:
        return cell.rjust(widths[column]) if column in right else cell.ljust(widths[column])

    return "\n".join("  ".join(aligned(*each) for each in enumerate(line)).rstrip() for line in lines)


def _plain(cell: str) -> str:
    """Without characters that would move the cursor of a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in cell)
