"""What joins the units of a network: the way of model outputs to their ports, sinks, forks and streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inrarch.dataflow.kernels.fork import Fork
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.kernels.sink import Sink
from inrarch.dataflow.naming import Names
from inrarch.dataflow.units import Input, Link, Unit, Units


class Outputs:
    """The model outputs (names), and the unit that gives each: at first, as in `unit_of`, the unit that makes it."""

    def __init__(self, names: Sequence[str], unit_of: dict[str, str]) -> None:
        self.names = names
        self.unit_of = {name: unit_of[name] for name in names}

    def routed(self, units: Sequence[Unit]) -> list[Unit]:
        """Let regions that nobody but a sink reads pass on the model outputs of the units that they read."""
        routed = list(units)
        for index, region in enumerate(routed):
            read = {each.unit for unit in routed for each in unit.reads}
            if not isinstance(region, Region) or region.name in read:
                continue
            of = dict(self.unit_of)
            passed = [name for name in self.names if of[name] in {each.unit for each in region.inputs}]
            inputs = tuple(
                Input(each.unit, tuple(dict.fromkeys([*each.fields, *(n for n in passed if of[n] == each.unit)])))
                for each in region.inputs
            )
            fields = tuple(name for name in self.names if name in {*region.fields, *passed})
            routed[index] = replace(region, inputs=inputs, makes=fields)
            self.unit_of |= dict.fromkeys(passed, region.name)
        return routed

    def with_sinks(self, units: Sequence[Unit], names: Names) -> list[Unit]:
        """The units, and a sink for each unit that gives model outputs."""
        sinks: list[Unit] = []
        for unit in units:
            mine = tuple(name for name in self.names if self.unit_of[name] == unit.name)
            if mine:
                name = names.unique(f"sink_{unit.name}")
                read = Input(unit.name, mine)
                sinks.append(Sink(name=name, input=read, outputs=mine, features=unit.features, repeat=unit.repeat))
        return [*units, *sinks]


def linked(units: Sequence[Unit], names: Names) -> Units:
    """The network: a stream for each unit that is read, and a fork behind those that are read more than once."""
    links: list[Link] = []
    found: list[Unit] = []
    for unit in units:
        found.append(unit)
        reads = [(other.name, read) for other in units for read in other.reads if read.unit == unit.name]
        writer = unit.name

        def link(name: str, reader: str, writer: str, fields: tuple[str, ...], made: Unit = unit) -> Link:
            return Link(name, writer, reader, made.features, fields, made.repeat)

        if len(reads) > 1:
            fork = names.unique(f"fork_{unit.name}")
            links.append(link(f"{unit.name}__{fork}", fork, writer, unit.fields))
            everything = Input(unit.name, unit.fields)
            found.append(Fork(name=fork, input=everything, features=unit.features, repeat=unit.repeat))
            writer = fork
        taken: list[str] = []
        for reader, read in reads:
            # A fork gives its readers the fields that they use; a unit that takes two operands of one stream
            # reads it twice.
            fields = tuple(name for name in unit.fields if name in read.fields or len(reads) == 1)
            suffix = f"_{len(taken)}" if reader in taken else ""
            links.append(link(f"{writer}__{reader}{suffix}", reader, writer, fields))
            taken.append(reader)
    return Units(tuple(found), tuple(links))
