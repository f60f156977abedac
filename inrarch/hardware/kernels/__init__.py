"""How each kernel of `kernel_lib/` gets into C++ and RTL: one file per kernel, found by scanning this folder.

Each module has

- ``call(unit, wires) -> str``: the C++ call of a process;
- ``header(unit, source) -> Header | None``: the generated header that the call needs, where it needs one;
- ``rtl(unit, source) -> Rtl``: the parameters, memories or generated text of its SystemVerilog module.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, cast

import onnx_ir as ir

from inrarch.dataflow.target import Target
from inrarch.hardware.layout import Layout, Stream, Unit
from inrarch.hardware.rtl.module import Rtl
from inrarch.numeric.formats import Formats
from inrarch.numeric.reductions import Table


@dataclass(frozen=True, slots=True)
class Wires:
    """The C++ names around a process.

    name: of the process. streams, ports: legal name by stream and by unit (of sources and sinks).
    """

    layout: Layout
    name: str
    streams: Mapping[str, str]
    ports: Mapping[str, str]

    def incoming(self, unit: Unit) -> list[Stream]:
        """The streams that a unit reads, in the order of the network."""
        return [stream for stream in self.layout.streams if stream.reader == unit.name]

    def rows(self, stream: Stream) -> int:
        """Rows of a stream per invocation."""
        return stream.rows(self.layout.rows)


@dataclass(frozen=True, slots=True)
class Source:
    """What headers and modules are made from. name: legal name of the unit. nodes: the graph's nodes by name.

    target: what the device is made of; for modules alone.
    """

    name: str
    layout: Layout
    model: ir.Model
    nodes: Mapping[str, ir.Node]
    formats: Formats
    target: Target | None = None

    @property
    def device(self) -> Target:
        """The target, of a source for modules."""
        assert self.target is not None
        return self.target


@dataclass(frozen=True, slots=True)
class Header:
    """A generated header. path: in src/. tables: function tables that it includes."""

    path: str
    text: str
    tables: tuple[Table, ...] = ()


class Code(Protocol):
    """The module of a kernel."""

    def call(self, unit: Unit, wires: Wires) -> str:
        """The C++ call of a process, without the semicolon."""

    def header(self, unit: Unit, source: Source) -> Header | None:
        """The generated header that the call needs. UserError for a network that does not fit the graph."""

    def rtl(self, unit: Unit, source: Source) -> Rtl:
        """What its SystemVerilog module is made from. UserError for a network that does not fit the graph."""


@cache
def code_of(kernel: str) -> Code:
    """The module of a kernel; only names that `kernels` gives."""
    return cast("Code", import_module(f"{__name__}.{kernel}"))


@cache
def kernels() -> tuple[str, ...]:
    """The kernels that have code, by the names of their folders in kernel_lib/."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
