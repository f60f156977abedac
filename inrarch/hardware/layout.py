"""What the generators read of `network.json`: units, streams and the jets on them; schedules are for `fifo` alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inrarch.errors import UserError
from inrarch.json_file import check_schema, read_json


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of jet tokens: `lanes` consecutive features of one row, each with all `fields` (tensor names).

    repeat: rows of it per row of the batch; 0: one per invocation.
    """

    name: str
    bits: int
    writer: str
    reader: str
    features: int
    lanes: int
    fields: tuple[str, ...]
    repeat: int = 1

    @property
    def field_bits(self) -> int:
        """Bits of one coefficient of one feature."""
        return self.bits // (self.lanes * len(self.fields))

    def rows(self, batch: int) -> int:
        """Rows per invocation of `batch` rows."""
        return batch * self.repeat if self.repeat else 1

    def place_of(self, tensor: str) -> int:
        """Index of a tensor among the fields."""
        return self.fields.index(tensor)


@dataclass(frozen=True, slots=True)
class Unit:
    """One process: an instance of a kernel of kernel_lib/ with its parameters (kernel.yaml in its folder)."""

    name: str
    kernel: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """The hardware network. rows: batch rows per invocation."""

    rows: int
    streams: tuple[Stream, ...]
    units: tuple[Unit, ...]

    def stream(self, name: str) -> Stream:
        """A stream by name."""
        return next(stream for stream in self.streams if stream.name == name)

    def written_by(self, unit: Unit) -> Stream:
        """The output of a unit that has one."""
        return next(stream for stream in self.streams if stream.writer == unit.name)

    def read_by(self, unit: Unit) -> Stream:
        """The input of a unit that has one."""
        return next(stream for stream in self.streams if stream.reader == unit.name)


def load_layout(path: Path) -> Layout:
    """Read and check a network that `map` has written. UserError when it is no network, or one without annotations."""
    return parse_layout(read_json(path, "a process network"), str(path))


def parse_layout(data: Any, place: str = "network") -> Layout:
    """The decoded JSON as a layout; `place` begins error messages."""
    check_schema(data, "network", place)
    if "rows" not in data:
        raise _not_annotated("the network states no `rows`", place)
    for kind, items, needed in (
        ("stream", data["streams"], ("from", "to", "features", "lanes", "fields")),
        ("process", data["processes"], ("kernel", "parameters")),
    ):
        for item in items:
            for key in needed:
                if key not in item:
                    raise _not_annotated(f"{kind} {item['name']!r} states no `{key}`", place)
    from inrarch.hardware.kernels import kernels

    for process in data["processes"]:
        if process["kernel"] not in kernels():
            raise UserError(
                f"process {process['name']!r} needs kernel {process['kernel']!r}",
                place=place,
                expected=" | ".join(kernels()),
            )
    streams = tuple(
        Stream(
            s["name"], s["bits"], s["from"], s["to"], s["features"], s["lanes"], tuple(s["fields"]), s.get("repeat", 1)
        )
        for s in data["streams"]
    )
    units = tuple(Unit(p["name"], p["kernel"], p["parameters"]) for p in data["processes"])
    return Layout(data["rows"], streams, units)


def _not_annotated(found: str, place: str) -> UserError:
    return UserError(found, place=place, expected="a network that the map stage has written", hint="run the map stage")
