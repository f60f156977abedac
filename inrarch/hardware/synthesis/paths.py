"""The longest paths between registers, through the modules of a hierarchical netlist.

A module is summed up by its ports: a path that goes in and out again through different bits of them counts, too, so
that the figure is an upper bound, and a loop that only the summing up makes is cut. Yosys' `sta`, on one flat module
with the same delays and without wires, gives the same figure (a test).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from inrarch.config.fabric import Timing
from inrarch.hardware.synthesis.cells import Netlist
from inrarch.hardware.synthesis.delays import Delays, kind_of

_CLOCKED = ""
"""Where paths begin that do not begin at a port."""


class Reach(NamedTuple):
    """Part of a path. ps: with wires. levels: cells. logic: ps without wires. name: of the register at its end."""

    ps: int = 0
    levels: int = 0
    logic: int = 0
    name: str = ""

    def more(self, other: Reach) -> Reach:
        """This one, and another part of the path."""
        return Reach(self.ps + other.ps, self.levels + other.levels, self.logic + other.logic, self.name)

    def below(self, instance: str) -> Reach:
        """With the name that its register has outside of `instance`."""
        return self._replace(name=f"{instance}.{self.name}")


class Path(NamedTuple):
    """Between two registers. ps, logic_ps: with wires and without. levels: cells. begin, end: names."""

    ps: int = 0
    levels: int = 0
    logic_ps: int = 0
    begin: str = ""
    end: str = ""

    def below(self, instance: str) -> Path:
        """With the names that its registers have outside of `instance`."""
        return self._replace(begin=f"{instance}.{self.begin}", end=f"{instance}.{self.end}") if self.end else self


NO_PATH = Path()
Reaches = dict[str, Reach]
"""The longest to a place, by where it begins."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Of a module. inside: between its registers. to: from each input to a register. behind: from a register to each
    output. through: from inputs to each output. loads: inputs of cells at a bit of a port, the most of its bits."""

    inside: Path = NO_PATH
    to: Mapping[str, Reach] = field(default_factory=dict)
    behind: Mapping[str, Reach] = field(default_factory=dict)
    through: Mapping[str, Reaches] = field(default_factory=dict)
    loads: Mapping[str, int] = field(default_factory=dict)


class Paths:
    """The longest paths of the modules of a netlist. timing: of the fabric's cells; None: only levels are counted."""

    def __init__(self, netlist: Netlist, timing: Timing | None) -> None:
        self._netlist = netlist
        self._delays = Delays(timing)
        self.summary = cache(self._summary)

    def into_instances(self, module: str) -> dict[str, Path]:
        """Of each instance in a module: the longest path that ends in it."""
        here = self._module(module)
        found = dict(here.inner)
        for bit, tail, cell in here.ends:
            head = here.arrival(bit).get(_CLOCKED)
            if head is not None and cell in found:
                found[cell] = max(found[cell], _joined(head, tail))
        return found

    def _module(self, module: str) -> _Module:
        return _Module(self._netlist[module], self._of_cell, self._delays)

    def _summary(self, module: str) -> Summary:
        here = self._module(module)
        inside = max(here.inner.values(), default=NO_PATH)
        to: Reaches = {}
        for bit, tail, _ in here.ends:
            for begin, head in here.arrival(bit).items():
                if begin == _CLOCKED:
                    inside = max(inside, _joined(head, tail))
                else:
                    _raise(to, begin, tail.more(head))
        behind: Reaches = {}
        through: dict[str, Reaches] = {}
        ports = self._netlist[module]["ports"]
        for name, port in ports.items():
            if port["direction"] == "output":
                found: Reaches = {}
                for bit in port["bits"]:
                    for begin, head in here.arrival(bit).items():
                        _raise(found, begin, head)
                if _CLOCKED in found:
                    behind[name] = found.pop(_CLOCKED)
                through[name] = found
        loads = {name: max((here.loads[bit] for bit in port["bits"]), default=0) for name, port in ports.items()}
        return Summary(inside, to, behind, through, loads)

    def _of_cell(self, kind: str) -> Summary | None:
        """None for the cells of the device and for black boxes, which a netlist may list as modules, too."""
        attributes = self._netlist[kind].get("attributes", {}) if kind in self._netlist else {"blackbox": 1}
        return None if attributes.keys() & {"blackbox", "whitebox"} else self.summary(kind)


class _Module:
    """The paths of one module.

    ends: bits at registers, what comes behind them, and the cell. inner: the longest path in each instance of a module.
    loads: inputs of cells at a bit, in here and in its modules.
    """

    def __init__(self, module: Mapping[str, Any], of_cell: Callable[[str], Summary | None], delays: Delays) -> None:
        self.ends: list[tuple[Any, Reach, str]] = []
        self.inner: dict[str, Path] = {}
        self.loads: Counter[Any] = Counter()
        self._delays = delays
        self._begins: dict[Any, Reaches] = {}
        self._arcs: dict[Any, list[tuple[Any, Reach]]] = {}
        self._known: dict[Any, Reaches] = {}
        self._names = _names(module)
        self._drivers: dict[Any, str] = {}
        self._ports = {bit for port in module["ports"].values() for bit in port["bits"]}
        for name, port in module["ports"].items():
            if port["direction"] == "input":
                self._begins |= {bit: {name: Reach()} for bit in port["bits"]}
        cells = [(name, cell, of_cell(cell["type"])) for name, cell in module["cells"].items()]
        for _, cell, inside in cells:
            for port, bits in cell["connections"].items():
                if inside is not None:
                    self.loads.update(dict.fromkeys(bits, inside.loads[port]))
                elif cell["port_directions"][port] == "output":
                    self._drivers.update(dict.fromkeys(bits, kind_of(cell["type"])))
                else:
                    self.loads.update(bits)
        for name, cell, inside in cells:
            if inside is None:
                self._add_cell(name, cell)
            else:
                self._add_module(name, cell, inside)

    def _add_module(self, name: str, cell: Mapping[str, Any], inside: Summary) -> None:
        joined = cell["connections"]
        self.inner[name] = inside.inside.below(name)
        for port, bits in joined.items():
            if port in inside.to:
                tail = inside.to[port].below(name)
                self.ends += [(bit, tail, name) for bit in bits]
            ways = inside.through.get(port, {})
            arcs = [(source, reach) for entry, reach in ways.items() for source in joined.get(entry, ())]
            for bit in bits:
                if arcs:
                    self._arcs.setdefault(bit, []).extend(arcs)
                if port in inside.behind:
                    self._begin(bit, inside.behind[port].below(name))

    def _add_cell(self, name: str, cell: Mapping[str, Any]) -> None:
        delays, directions = self._delays, cell["port_directions"]
        inputs = {port: bits for port, bits in cell["connections"].items() if directions[port] != "output"}
        outputs = {port: bits for port, bits in cell["connections"].items() if directions[port] == "output"}
        setup, begin = delays.ends(cell), delays.begins(cell)
        if setup is not None:
            register = self._names.get(outputs["Q"][0]) if outputs.keys() == {"Q"} else None
            for port, source, wire in self._wires(cell, inputs):
                end = (register if port in ("D", "DI") else f"{register}.{port}") if register else f"{name}.{port}"
                self.ends.append((source, Reach(wire + setup, 0, setup, end), name))
        for port, bits in outputs.items():
            for index, bit in enumerate(bits):
                if begin is not None:
                    self._begin(bit, Reach(begin, 0, begin, self._names.get(bit, f"{name}.{port}")))
                ways = {entry: delays.through(cell, entry, port, index) for entry in inputs}
                self._arcs.setdefault(bit, []).extend(
                    (source, Reach(wire + ps, 1, ps))
                    for entry, source, wire in self._wires(cell, inputs)
                    if (ps := ways[entry]) is not None
                )

    def _wires(self, cell: Mapping[str, Any], inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any, int]]:
        """The inputs of a cell that are no constants: port, bit, delay of the wire."""
        for port, bits in inputs.items():
            for bit in bits:
                if isinstance(bit, int):
                    yield port, bit, self._delays.enters(cell, port, self._drivers.get(bit, ""))

    def _begin(self, bit: Any, head: Reach) -> None:
        _raise(self._begins.setdefault(bit, {}), _CLOCKED, head)

    def arrival(self, bit: Any) -> Reaches:
        """The longest paths up to a bit, and along its wire, but for wires that go on in other modules."""
        todo, open_bits = [bit], set[Any]()
        while todo:
            now = todo[-1]
            if now in self._known:
                todo.pop()
            elif now in open_bits:  # everything before it is known, but for loops
                found = dict(self._begins.get(now, {}))
                for source, reach in self._arcs.get(now, ()):
                    for begin, head in self._known.get(source, {}).items():
                        _raise(found, begin, head.more(reach))
                wire = 0 if now in self._ports else self._delays.fans(self.loads[now])
                if wire:
                    found = {begin: head._replace(ps=head.ps + wire) for begin, head in found.items()}
                self._known[now] = found
                open_bits.discard(now)
            else:
                open_bits.add(now)
                todo += [source for source, _ in self._arcs.get(now, ()) if source not in open_bits]
        return self._known[bit]


def _raise(reaches: Reaches, begin: str, reach: Reach) -> None:
    if begin not in reaches or reach > reaches[begin]:
        reaches[begin] = reach


def _joined(head: Reach, tail: Reach) -> Path:
    return Path(head.ps + tail.ps, head.levels + tail.levels, head.logic + tail.logic, head.name, tail.name)


def _names(module: Mapping[str, Any]) -> dict[Any, str]:
    """Bits by their net, those that a person has named where there are any."""
    names: dict[Any, str] = {}
    nets = module.get("netnames", {}).items()
    for name, net in sorted(nets, key=lambda each: (-each[1].get("hide_name", 0), -len(each[0]))):
        several = len(net["bits"]) > 1
        names |= {bit: f"{name}[{index}]" if several else name for index, bit in enumerate(net["bits"])}
    return names
