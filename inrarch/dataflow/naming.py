"""Names of units and streams: short, unique, the same every time, and recognisable as nodes of the model."""

from __future__ import annotations

import re


class Names:
    """Gives out names that differ even where case is ignored (files are named after units)."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, wanted: str) -> str:
        """`wanted`, or `wanted_2`, `wanted_3`, … where it is taken."""
        name, number = wanted, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name.lower())
        return name


def unit_name(node: str, operator: str) -> str:
    """A name of letters, digits and `_` after a node: `/net/0/Gemm` -> `net_0`, `node_sin_1` -> `sin_1`.

    What exporters put around every name is dropped: a leading `node_` and a last part that only repeats the operator.
    """
    parts = [part for part in re.split(r"[/:]+", node) if part]
    if len(parts) > 1 and parts[-1].lower() == operator.lower():
        parts.pop()
    return clean("_".join(parts).removeprefix("node_")) or operator.lower()


def clean(text: str) -> str:
    """Letters, digits and single `_`, beginning with a letter; empty where nothing is left."""
    name = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", text)).strip("_")
    return f"n{name}" if name[:1].isdigit() else name


def counted(number: int, noun: str) -> str:
    """`1 feature`, `2 features`."""
    return f"{number} {noun}" + "s" * (number != 1)
