"""`rtl.json`: what the stages after `rtl` need to know of the generated files, without reading SystemVerilog."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inrarch.json_file import check_schema, read_json

FILE = "rtl.json"


@dataclass(frozen=True, slots=True)
class MemoryPort:
    """A read-only memory outside of a module: ports `<name>_address`, `<name>_enable`, `<name>_data`."""

    name: str
    words: int
    bits: int


@dataclass(frozen=True, slots=True)
class ModuleText:
    """A distinct module, with the ports of a wrapper. reads, writes: bits of its streams and ports, in order.

    sources: the files that it needs, its own last, relative to the folder of rtl.json. images: files that its own
    read-only memories are filled from.
    """

    name: str
    kernel: str
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    memories: tuple[MemoryPort, ...]
    sources: tuple[str, ...]
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessText:
    """A process: an instance of a module. reads, writes: identifiers of streams and names of ports, in order.

    memories: the file of each read-only memory by the memory's name.
    """

    name: str
    identifier: str
    module: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    memories: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StreamText:
    """A stream. depth: words. latency: cycles from a write to the earliest read. kind: registers, LUTs or block RAM."""

    name: str
    identifier: str
    bits: int
    depth: int
    latency: int
    kind: str


@dataclass(frozen=True, slots=True)
class PortText:
    """An AXI4-Stream port of the top. words: per row of the batch, or per invocation where it gives sums (`once`)."""

    name: str
    process: str
    is_input: bool
    words: int
    once: bool


@dataclass(frozen=True, slots=True)
class Description:
    """The generated design. rows: of the batch per invocation. sources: all files, packages of nothing, top last."""

    top: str
    rows: int
    modules: tuple[ModuleText, ...]
    processes: tuple[ProcessText, ...]
    streams: tuple[StreamText, ...]
    ports: tuple[PortText, ...]
    sources: tuple[str, ...]

    def module(self, name: str) -> ModuleText:
        """A module by name."""
        return next(module for module in self.modules if module.name == name)


def save_description(description: Description, folder: Path) -> None:
    """Write rtl.json."""
    (folder / FILE).write_text(json.dumps(asdict(description), indent=2) + "\n", encoding="utf-8")


def load_description(folder: Path) -> Description:
    """Read and check rtl.json. UserError with the place when it is not one."""
    path = folder / FILE
    content = read_json(path, "the rtl.json of the rtl stage")
    check_schema(content, "rtl", str(path))
    return from_json(content)


def from_json(content: Mapping[str, Any]) -> Description:
    """The content of rtl.json as a description; it must satisfy the schema."""
    return Description(
        top=content["top"],
        rows=content["rows"],
        modules=tuple(_module(each) for each in content["modules"]),
        processes=tuple(
            ProcessText(**each | {key: tuple(each[key]) for key in ("reads", "writes")})
            for each in content["processes"]
        ),
        streams=tuple(StreamText(**each) for each in content["streams"]),
        ports=tuple(PortText(**each) for each in content["ports"]),
        sources=tuple(content["sources"]),
    )


def _module(content: Mapping[str, Any]) -> ModuleText:
    lists = {key: tuple(content[key]) for key in ("reads", "writes", "sources", "images")}
    memories = tuple(MemoryPort(**each) for each in content["memories"])
    return ModuleText(name=content["name"], kernel=content["kernel"], memories=memories, **lists)
