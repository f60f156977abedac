"""Levels of logic: cells on the longest path between registers, through the modules of a hierarchical netlist.

Counted are LUTs, carry blocks and multiplexers. Registers, memories, multiplier blocks and black boxes begin and end
paths. A module is summed up by its ports: a path that goes in and out again through different bits of them counts, too,
so that the figure is an upper bound, and a loop that only the summing up makes is cut.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from inrarch.hardware.synthesis.cells import Netlist

_LOGIC = re.compile(r"LUT[1-6]|INV|CARRY[48]|MUXF[789]|CCU2C|PFUMX|L6MUX21|MUXCY|XORCY")
_REGISTER = ""
"""Where paths begin that do not begin at a port."""

Depths = dict[str, int]
"""Cells up to here, by where the path begins."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Of a module. inside: between its registers. to: from each input to a register. behind: from a register to each
    output. through: from inputs to each output."""

    inside: int = 0
    to: Mapping[str, int] = field(default_factory=dict)
    behind: Mapping[str, int] = field(default_factory=dict)
    through: Mapping[str, Depths] = field(default_factory=dict)


class Levels:
    """Levels of the modules of a netlist."""

    def __init__(self, netlist: Netlist) -> None:
        self._netlist = netlist
        self.summary = cache(self._summary)

    def of_instance(self, module: str, instance: str) -> int:
        """The most levels between registers in an instance, and in what is in it."""
        return self.summary(self._netlist[module]["cells"][instance]["type"]).inside

    def _summary(self, module: str) -> Summary:
        paths = _Paths(self._netlist[module], self._of_cell)
        inside, to = 0, defaultdict[str, int](int)
        for bit, more in paths.ends:
            for begin, depth in paths.arrival(bit).items():
                if begin == _REGISTER:
                    inside = max(inside, depth + more)
                else:
                    to[begin] = max(to[begin], depth + more)
        behind: dict[str, int] = {}
        through: dict[str, Depths] = {}
        for name, port in self._netlist[module]["ports"].items():
            if port["direction"] == "output":
                found: Depths = {}
                for bit in port["bits"]:
                    _raise(found, paths.arrival(bit), 0)
                if _REGISTER in found:
                    behind[name] = found.pop(_REGISTER)
                through[name] = found
        return Summary(max(inside, paths.inner), dict(to), behind, through)

    def _of_cell(self, kind: str) -> Summary | None:
        """None for the cells of the device and for black boxes, which a netlist may list as modules, too."""
        attributes = self._netlist[kind].get("attributes", {}) if kind in self._netlist else {"blackbox": 1}
        return None if attributes.keys() & {"blackbox", "whitebox"} else self.summary(kind)


class _Paths:
    """The paths of one module. ends: bits at registers, with the cells behind them. inner: the most in its modules."""

    def __init__(self, module: Mapping[str, Any], of_cell: Any) -> None:
        self.ends: list[tuple[Any, int]] = []
        self.inner = 0
        self._begins: dict[Any, Depths] = {}
        self._arcs: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
        self._known: dict[Any, Depths] = {}
        for name, port in module["ports"].items():
            if port["direction"] == "input":
                self._begins |= {bit: {name: 0} for bit in port["bits"]}
        for cell in module["cells"].values():
            self._add(cell, of_cell(cell["type"]))

    def _add(self, cell: Mapping[str, Any], inside: Summary | None) -> None:
        outputs = {port for port, direction in cell["port_directions"].items() if direction == "output"}
        joined = cell["connections"]
        logic = _LOGIC.fullmatch(cell["type"]) is not None
        if inside is not None:
            self.inner = max(self.inner, inside.inside)
        for port, bits in joined.items():
            if port not in outputs:
                more = 0 if inside is None else inside.to.get(port)
                if not logic and more is not None:
                    self.ends += [(bit, more) for bit in bits]
                continue
            sources: list[tuple[Any, int]] = []
            if logic:
                sources = [(bit, 1) for other in joined if other not in outputs for bit in joined[other]]
            elif inside is not None:
                through = inside.through.get(port, {})
                sources = [(bit, depth) for other, depth in through.items() for bit in joined.get(other, ())]
            for bit in bits:
                self._arcs[bit] += sources
                if not logic and (inside is None or port in inside.behind):
                    self._begins.setdefault(bit, {})[_REGISTER] = 0 if inside is None else inside.behind[port]

    def arrival(self, bit: Any) -> Depths:
        """Cells up to a bit."""
        todo, open_bits = [bit], set[Any]()
        while todo:
            now = todo[-1]
            if now in self._known:
                todo.pop()
            elif now in open_bits:  # everything before it is known, but for loops
                found = dict(self._begins.get(now, {}))
                for source, cells in self._arcs.get(now, ()):
                    _raise(found, self._known.get(source, {}), cells)
                self._known[now] = found
                open_bits.discard(now)
            else:
                open_bits.add(now)
                todo += [source for source, _ in self._arcs.get(now, ()) if source not in open_bits]
        return self._known[bit]


def _raise(depths: Depths, others: Depths, cells: int) -> None:
    for begin, depth in others.items():
        depths[begin] = max(depths.get(begin, 0), depth + cells)
