"""Sizes of files as people read them."""

from __future__ import annotations


def readable_bytes(count: int) -> str:
    """`812 B`, `9.1 kB`, `12.3 MB`: powers of 1000, one decimal above bytes."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 999.95:
            return f"{count} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
