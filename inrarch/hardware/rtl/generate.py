"""All SystemVerilog of a design: top, modules of the processes, library modules, memory images, `rtl.json`.

Images lie in the folder itself and are named without a path: simulators and Yosys look where they run, Vivado takes the
name for that of a file of its project (with `.mem` it knows what it is), and others copy files to one place.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx_ir as ir

from inrarch.dataflow.memories import rom, style
from inrarch.dataflow.target import Target
from inrarch.fifo.memory import REGISTER_WORDS, memory_kind
from inrarch.hardware.kernels import Source, code_of
from inrarch.hardware.layout import Layout, Unit
from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.description import (
    Description,
    MemoryPort,
    ModuleText,
    PortText,
    ProcessText,
    StreamText,
    save_description,
)
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.rtl.wrapper import Wrapped, address_bits, wrapped
from inrarch.hardware.top import TOP, Top, build_top
from inrarch.numeric.formats import Formats
from inrarch.resources import data_folder

PORT_BITS = 32
"""Of a word of a port; a port of an output has TLAST above it."""


@dataclass(frozen=True, slots=True)
class _Built:
    """A process with its module."""

    unit: Unit
    identifier: str
    rtl: Rtl
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    module: Wrapped


def generate_rtl(
    model: ir.Model,
    formats: Formats,
    layout: Layout,
    depths: Mapping[str, int],
    folder: Path,
    target: Target,
) -> Description:
    """Write src/, kernels/, *.mem, files.f and rtl.json into `folder`; equal input, equal bytes.

    model: the optimized graph. depths: words per stream name. target: what the device is made of: products are
    cut into its multiplier blocks, and every memory says what it is to be made of.
    UserError for a network that does not fit the graph, and for streams without a depth.
    """
    top = build_top(layout, depths, formats)
    streams = _streams(layout, depths, top)
    nodes = {str(node.name): node for node in model.graph}
    built = [
        _build(unit, Source(top.unit_names[unit.name], layout, model, nodes, formats, target), top, streams)
        for unit in layout.units
    ]
    library = _copy_library({unit.kernel for unit in layout.units}, folder)
    modules = _write_modules(built, library, streams, folder)
    processes = [_write_memories(each, folder) for each in built]
    ports = tuple(_ports(layout, top))
    own = [module.sources[-1] for module in modules]
    path = f"src/{TOP}.sv"
    design = Description(TOP, layout.rows, tuple(modules), tuple(processes), streams, ports, (*library, *own, path))
    write_top(design, folder / path, target)
    (folder / "files.f").write_text("\n".join(design.sources) + "\n", encoding="utf-8")
    save_description(design, folder)
    return design


def _streams(layout: Layout, depths: Mapping[str, int], top: Top) -> tuple[StreamText, ...]:
    names = {stream.name: stream.identifier for stream in top.design.streams}
    return tuple(
        StreamText(
            stream.name,
            names[stream.name],
            stream.bits,
            depths[stream.name],
            1 if depths[stream.name] <= REGISTER_WORDS else 2,
            memory_kind(depths[stream.name], stream.bits),
        )
        for stream in layout.streams
    )


def _ports(layout: Layout, top: Top) -> list[PortText]:
    of = {port.name: port for port in top.ports}
    return [
        PortText(name, unit, of[name].is_input, of[name].words, of[name].once)
        for unit, name in sorted(_port_names(layout, top).items(), key=lambda each: not of[each[1]].is_input)
    ]


def _port_names(layout: Layout, top: Top) -> dict[str, str]:
    """The port of every source and sink, in the order of the network."""
    ports = iter([each.port for each in top.design.inputs])
    outputs = iter(dict.fromkeys(each.port for each in top.design.outputs))
    each = {"source": ports, "sink": outputs}
    return {unit.name: next(each[unit.kernel]) for unit in layout.units if unit.kernel in each}


def _build(unit: Unit, source: Source, top: Top, streams: Sequence[StreamText]) -> _Built:
    rtl = code_of(unit.kernel).rtl(unit, source)
    names = {stream.name: stream.identifier for stream in streams}
    bits = {stream.identifier: stream.bits for stream in streams}
    layout = source.layout
    reads = rtl.reads or tuple(stream.name for stream in layout.streams if stream.reader == unit.name)
    writes = rtl.writes or tuple(stream.name for stream in layout.streams if stream.writer == unit.name)
    read, written = tuple(names[each] for each in reads), tuple(names[each] for each in writes)
    port = _port_names(layout, top).get(unit.name)
    if unit.kernel == "source":
        assert port is not None
        read, bits = (port,), bits | {port: PORT_BITS}
    if unit.kernel == "sink":
        assert port is not None
        written, bits = (port,), bits | {port: PORT_BITS + 1}
    module = wrapped(unit.kernel, rtl, [bits[each] for each in read], [bits[each] for each in written])
    return _Built(unit, source.name, rtl, read, written, module)


def _copy_library(kernels: set[str], folder: Path) -> list[str]:
    """The SystemVerilog of the kernels in use and of what they share; paths relative to `folder`."""
    library = data_folder("kernel_lib")
    copied = []
    (folder / "kernels").mkdir(parents=True)
    for kernel in ("common", *sorted(kernels)):
        for path in sorted((library / kernel).glob("*.sv")):
            shutil.copyfile(path, folder / "kernels" / path.name)
            copied.append(f"kernels/{path.name}")
    return copied


def _write_modules(
    built: Sequence[_Built], library: Sequence[str], streams: Sequence[StreamText], folder: Path
) -> list[ModuleText]:
    """One file per distinct module, and the images that it reads."""
    bits = {stream.identifier: stream.bits for stream in streams}
    (folder / "src" / "modules").mkdir(parents=True)
    modules: dict[str, ModuleText] = {}
    for each in built:
        if each.module.name in modules:
            continue
        path = f"src/modules/{each.module.name}.sv"
        (folder / path).write_text(each.module.text, encoding="utf-8")
        for name, image in each.rtl.images.items():
            _write_image(folder / name, image.bits, image.words)
        modules[each.module.name] = ModuleText(
            each.module.name,
            each.unit.kernel,
            tuple(bits.get(read, PORT_BITS) for read in each.reads),
            tuple(bits.get(written, PORT_BITS + 1) for written in each.writes),
            tuple(MemoryPort(memory.name, len(memory.words), memory.bits) for memory in each.rtl.memories),
            (*library, path),
            tuple(each.rtl.images),
        )
    return list(modules.values())


def _write_memories(built: _Built, folder: Path) -> ProcessText:
    """The images of a process's memories."""
    files = {}
    for memory in built.rtl.memories:
        files[memory.name] = f"{built.identifier}_{memory.name}.mem"
        _write_image(folder / files[memory.name], memory.bits, memory.words)
    return ProcessText(built.unit.name, built.identifier, built.module.name, built.reads, built.writes, files)


def _write_image(path: Path, bits: int, words: Sequence[int]) -> None:
    """Words in hexadecimal, one per line, as `$readmemh` takes them."""
    digits = -(-bits // 4)
    path.write_text("".join(f"{word:0{digits}x}\n" for word in words), encoding="ascii")


def write_top(design: Description, path: Path, target: Target) -> None:
    """The top: instances, FIFOs and memories with the wires between them."""
    made = environment()
    made.filters["comment"] = lambda text: re.sub(r"[^ -~]|\\", "?", text)
    processes = [_process(design, process, target) for process in design.processes]
    title = f"Dataflow design: {len(processes)} processes, {len(design.streams)} streams."
    path.write_text(render(made, "top.sv.j2", title=title, design=design, processes=processes), encoding="utf-8")


def _process(design: Description, process: ProcessText, target: Target) -> dict[str, Any]:
    """What the template needs of a process: its memories, and what is joined to every port of its module."""
    ports = {port.name for port in design.ports}
    connections = []
    for side, inner, names in (("in", "out", process.reads), ("out", "in", process.writes)):
        for number, name in enumerate(names):
            for signal in ("data", "valid", "ready"):
                joined = f"{name}_t{signal}" if name in ports else f"{name}_{inner}_{signal}"
                if name in ports and side == "out" and signal == "data":
                    joined = f"{{{name}_tlast, {name}_tdata}}"
                connections.append((f"{side}{number}_{signal}", joined))
    memories = []
    for memory in design.module(process.module).memories:
        shape = {"words": memory.words, "bits": memory.bits, "address_bits": address_bits(memory.words)}
        shape["style"] = style(rom(memory.words, memory.bits, target))
        memories.append({"name": memory.name, "file": process.memories[memory.name], **shape})
        for signal in ("address", "enable", "data"):
            connections.append((f"{memory.name}_{signal}", f"{process.identifier}_{memory.name}_{signal}"))
    return {
        "name": process.name,
        "identifier": process.identifier,
        "module": process.module,
        "connections": connections,
        "memories": memories,
    }
