"""Pieces of generated SystemVerilog: instances of modules, literals, names of memory images."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from inrarch.hardware.rtl.module import Image

Parameters = dict[str, int | str]
"""By name; a string is an expression."""
CLOCKED = {"clk": "clk", "enable": "advance"}
"""Wires of a module whose registers move with the process."""


def instance(module: str, name: str, parameters: Mapping[str, int | str], ports: Mapping[str, str]) -> list[str]:
    """The lines of an instance. ports: expressions by name."""
    chosen = ", ".join(f".{key}({value})" for key, value in parameters.items())
    wires = ", ".join(f".{key}({value})" for key, value in ports.items())
    return [f"    {module} {f'#({chosen}) ' if chosen else ''}{name} (", f"        {wires}", "    );"]


def declared(name: str, bits: int) -> str:
    """The declaration of a wire."""
    return f"    logic [{bits - 1}:0] {name};"


def hexadecimal(value: int, bits: int) -> str:
    """A number in two's complement.

    >>> hexadecimal(-2, 6)
    "6'h3e"
    """
    return f"{bits}'h{value & ((1 << bits) - 1):x}"


def concatenation(words: Sequence[str]) -> str:
    """Words side by side, the first in the lowest bits.

    >>> concatenation(["a", "b"])
    '{b, a}'
    """
    return "{" + ", ".join(reversed(words)) + "}" if len(words) > 1 else words[0]


def widened(wire: str, bits: int, wanted: int) -> str:
    """A signed number of `bits` bits at `wanted` bits.

    >>> widened("a", 4, 4), widened("a", 4, 6)
    ('a', "6'($signed(a))")
    """
    return wire if bits == wanted else f"{wanted}'($signed({wire}))"


def text(value: str) -> str:
    """A string."""
    return f'"{value}"'


def image_name(title: str, image: Image) -> str:
    """The name of a memory's file: equal for equal content. title: what it holds."""
    content = f"{image.bits}:{','.join(map(str, image.words))}"
    digest = hashlib.sha256(content.encode()).hexdigest()[:10]
    return f"{re.sub('[^a-z0-9]+', '_', title).strip('_')}_{digest}.hex"
