"""Durations as a person reads them."""

from __future__ import annotations


def in_words(seconds: float) -> str:
    """`12.3 s`, `2 min 05 s`, `3 h 07 min`."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min"
