"""Pieces of generated SystemVerilog: instances of modules, literals, names of memory images."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Mapping, Sequence

from inrarch.dataflow.target import Target
from inrarch.hardware.render import LINE_LENGTH
from inrarch.hardware.rtl.module import Image

Parameters = dict[str, int | str]
"""By name; a string is an expression."""
CLOCKED = {"clk": "clk", "enable": "advance"}
"""Wires of a module whose registers move with the process."""


def instance(module: str, name: str, parameters: Mapping[str, int | str], ports: Mapping[str, str]) -> list[str]:
    """The lines of an instance. ports: expressions by name."""
    chosen = [f".{key}({value})" for key, value in parameters.items()]
    given = f"#({', '.join(chosen)}) " if chosen else ""
    head = f"    {module} {given}{name} ("
    lines = [head] if len(head) <= LINE_LENGTH else [f"    {module} #(", *_wrapped(chosen), f"    ) {name} ("]
    return [*lines, *_wrapped([f".{key}({value})" for key, value in ports.items()]), "    );"]


def _wrapped(items: Sequence[str]) -> list[str]:
    indent = 8 * " "
    return textwrap.wrap(
        ", ".join(items), LINE_LENGTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False
    )


def declared(name: str, bits: int) -> str:
    """The declaration of a wire."""
    return f"    logic [{bits - 1}:0] {name};"


def hexadecimal(value: int, bits: int) -> str:
    """A number in two's complement.

    >>> hexadecimal(-2, 6)
    "6'h3e"
    """
    return f"{bits}'h{value & ((1 << bits) - 1):x}"


def multiplier(target: Target) -> Parameters:
    """The parameters of a module with a product: signed bits of the device's multiplier blocks."""
    return {"WIDE": target.shape[0], "NARROW": target.shape[1]}


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
    return f"{re.sub('[^a-z0-9]+', '_', title).strip('_')}_{digest}.mem"
