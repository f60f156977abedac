"""Yosys' own netlist text (`write_rtlil`), cut into modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPARE = ("/cells_xtra", "/cells_bb")
"""Files of Yosys, of Xilinx and of Lattice."""
_WIRE = re.compile(r"^  wire (?:width (\d+) )?", re.MULTILINE)
_CELL = re.compile(r"^  cell (\S+) ", re.MULTILINE)
_PORT = re.compile(r"^  wire .*\b(?:input|output|inout) \d+ .*\n", re.MULTILINE)
_NAME = re.compile(r"^module (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Module:
    """name: as in netlists of `write_json`. text: attributes and all. device: a cell of the device, or a black box.
    spare: from a library of black boxes alone, which has nothing that technology mapping makes.
    """

    name: str
    text: str
    device: bool
    spare: bool

    def bits(self) -> int:
        """Width of all its wires together."""
        return sum(int(width or 1) for width in _WIRE.findall(self.text))

    def kinds(self) -> set[str]:
        """The modules and cells of the device in it."""
        return {kind.removeprefix("\\") for kind in _CELL.findall(self.text)}

    def box(self) -> str:
        """The module with its ports alone, as a black box."""
        identifier = _NAME.search(self.text)[1]  # type: ignore[index]
        return f"attribute \\blackbox 1\nmodule {identifier}\n{''.join(_PORT.findall(self.text))}end\n"


def modules(text: str) -> Iterator[Module]:
    """The modules of a text, in order."""
    for part in text.split("\nend\n")[:-1]:
        head, _, body = part.partition("module ")
        name = body[: body.index("\n")]
        attributes = head[head.find("attribute ") :] if "attribute " in head else ""
        device = "\\blackbox" in attributes or "\\whitebox" in attributes
        spare = device and any(library in attributes for library in _SPARE)
        yield Module(name.removeprefix("\\"), f"{attributes}module {body}\nend\n", device, spare)
