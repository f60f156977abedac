"""The top: ports, streams and processes under their C++ names, and the call of each process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inrarch.errors import UserError
from inrarch.hardware.design import Design, InputPort, NamedProcess, NamedStream, OutputTensor
from inrarch.hardware.kernels import Wires, code_of
from inrarch.hardware.layout import Layout, Stream
from inrarch.hardware.names import Namer
from inrarch.numeric.formats import Formats

TOP = "inrarch_top"
INCLUDE = ("simulation", "kernels", "src")
SOURCES = ("src/top.cpp", "testbench/tb.cpp")


@dataclass(frozen=True, slots=True)
class Port:
    """An AXI4-Stream port of the top. words: per row. offset: of its first word in a row of the data files.

    once: the port gives one row per invocation; its words are in the files of sums.
    """

    name: str
    words: int
    offset: int
    is_input: bool
    once: bool = False


@dataclass(frozen=True, slots=True)
class StreamText:
    """A stream as the top declares it."""

    name: str
    token: str
    depth: int


@dataclass(frozen=True, slots=True)
class ProcessText:
    """A process as the top calls it."""

    name: str
    call: str


@dataclass(frozen=True, slots=True)
class Top:
    """Everything that the templates of the top and the testbench print, and the design's description."""

    ports: tuple[Port, ...]
    streams: tuple[StreamText, ...]
    processes: tuple[ProcessText, ...]
    kernels: tuple[str, ...]
    unit_names: Mapping[str, str]
    design: Design


def token_type(stream: Stream) -> str:
    """C++ type of a stream's token."""
    return f"inrarch::jet_token<{stream.field_bits}, {stream.lanes}, {len(stream.fields)}>"


def _elements(stream: Stream) -> int:
    """Features of a port: those of all rows of the stream that belong to one row of the batch."""
    return max(stream.repeat, 1) * stream.features


def build_top(layout: Layout, depths: Mapping[str, int], formats: Formats) -> Top:
    """Names and calls. depths: words of every stream; UserError where one has none."""
    missing = [stream.name for stream in layout.streams if stream.name not in depths]
    if missing:
        raise UserError(
            f"there is no depth for stream {missing[0]!r}", place="depths.json", hint="run the fifo stage again"
        )
    local, process_names = Namer(), Namer()
    ports: list[Port] = []
    inputs: list[InputPort] = []
    outputs: list[OutputTensor] = []
    port_of: dict[str, str] = {}
    input_words = output_words = sum_words = 0
    for unit in layout.units:
        if unit.kernel == "source":
            name = local(f"in {unit.parameters['port']}")
            tensor, features = unit.parameters["fields"][0], _elements(layout.written_by(unit))
            fmt = formats.of(tensor)
            ports.append(Port(name, features, input_words, is_input=True))
            inputs.append(InputPort(tensor, name, features, fmt.bits, fmt.frac, input_words))
            input_words += features
        elif unit.kernel == "sink":
            name = local(f"out {unit.parameters['port']}")
            sent, features = unit.parameters["outputs"], _elements(layout.read_by(unit))
            words, once = features * len(sent), layout.read_by(unit).repeat == 0
            start = sum_words if once else output_words
            ports.append(Port(name, words, start, is_input=False, once=once))
            for place, tensor in enumerate(sent):
                fmt = formats.of(tensor)
                first = start + place
                outputs.append(OutputTensor(tensor, name, features, fmt.bits, fmt.frac, first, len(sent), once))
            output_words += 0 if once else words
            sum_words += words if once else 0
        else:
            continue
        port_of[unit.name] = name
    streams = tuple(StreamText(local(s.name), token_type(s), depths[s.name]) for s in layout.streams)
    wires = {stream.name: local(stream.name) for stream in layout.streams}
    unit_names = {unit.name: process_names(unit.name) for unit in layout.units}
    processes = tuple(
        ProcessText(
            unit_names[unit.name], code_of(unit.kernel).call(unit, Wires(layout, unit_names[unit.name], wires, port_of))
        )
        for unit in layout.units
    )
    design = Design(
        top=TOP,
        rows=layout.rows,
        input_words=input_words,
        output_words=output_words,
        sources=SOURCES,
        include=INCLUDE,
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        streams=tuple(NamedStream(s.name, local(s.name), depths[s.name]) for s in layout.streams),
        processes=tuple(NamedProcess(unit.name, unit_names[unit.name], unit.kernel) for unit in layout.units),
        sum_words=sum_words,
    )
    return Top(
        ports=tuple(sorted(ports, key=lambda port: not port.is_input)),
        streams=streams,
        processes=processes,
        kernels=tuple(sorted({unit.kernel for unit in layout.units})),
        unit_names=unit_names,
        design=design,
    )
