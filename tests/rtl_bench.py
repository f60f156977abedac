"""Modules of kernel_lib in Verilator: words in, words out, and the cycle of every access.

    bench = Bench(tmp_path)
    found = bench.run([Instance("inrarch_fork", Rtl({"ROWS": 4}), reads=[Given(24, words)], writes=[Wanted(24, 64)])])
    found[0].writes[0].words, found[0].writes[0].cycles
    times = predicted(schedule, instance)   # of a unit's `process(...)`, whose streams are in0, in1, ..., out0, ...

All instances of a call stand in one Verilator model, as each model costs seconds. Memories of `Rtl` stand beside the
instance, as in a design. Registers without a reset begin with random bits (`seed`). Cycle 0 is the first after reset.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from inrarch.fifo.load import build, schedule_of
from inrarch.fifo.network import Process, Repeat, last_stage
from inrarch.fifo.simulate import Simulator
from inrarch.hardware.cosim import rhythm
from inrarch.hardware.cosim.compiling import Toolchain, compile_object, find_toolchain, link, model_flags, runtime
from inrarch.hardware.cosim.models import MODEL_OPTIONS
from inrarch.hardware.rtl.module import Memory, Rtl
from inrarch.resources import data_folder
from inrarch.tools import process, verilator

PATIENCE = 5000
"""Cycles without any access after which a run is over, beside the gaps."""


@dataclass(frozen=True, slots=True)
class Given:
    """What comes to a read. words: unsigned, or two's complement. gaps: before each word (`rhythm.giver`)."""

    bits: int
    words: Sequence[int]
    gaps: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken from a write. count: words until the run is over. gaps: see `rhythm.taker`."""

    bits: int
    count: int
    gaps: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Instance:
    """A module with parameters. The ports are those of a library module, or, of a generated `body`, of a wrapper."""

    module: str
    rtl: Rtl
    reads: Sequence[Given]
    writes: Sequence[Wanted]


@dataclass(frozen=True, slots=True)
class Accesses:
    """words: as unsigned integers. cycles: of each access."""

    words: list[int] = field(default_factory=list)
    cycles: list[int] = field(default_factory=list)

    def signed(self, bits: int) -> list[int]:
        """The words as signed integers of so many bits."""
        return [word - (word >> (bits - 1) << bits) for word in self.words]


@dataclass(frozen=True, slots=True)
class Found:
    """What an instance did. reads, writes: by port. complete: every word was read and every one wanted was written."""

    reads: list[Accesses]
    writes: list[Accesses]
    complete: bool


class Bench:
    """Verilates, compiles and runs; all files go to `folder`. options: of Verilator."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.folder = folder
        self.options = options
        self._runs = 0

    def run(
        self, instances: Sequence[Instance], *, sources: Sequence[Path] = (), seed: int = 1, check: bool = True
    ) -> list[Found]:
        """What each instance did. sources: modules that are not in kernel_lib. check: all must be complete."""
        folder = self.folder / f"bench{self._runs}"
        self._runs += 1
        folder.mkdir(parents=True)
        tools = find_toolchain()
        _write_top(instances, folder)
        program = _compile(tools, folder, instances, sources, self.options)
        _write_stimulus(instances, folder / "stimulus.bin")
        process.run((program, "stimulus.bin", "answers.bin", str(seed)), cwd=folder)
        found = _read_answers(instances, folder / "answers.bin")
        if check:
            faults = [_incomplete(number, *pair) for number, pair in enumerate(zip(instances, found, strict=True))]
            assert not any(faults), "; ".join(filter(None, faults))
        return found


def _incomplete(number: int, instance: Instance, found: Found) -> str:
    """What is lacking in a run; empty where nothing is."""
    if found.complete:
        return ""
    reads = [(f"in{k}", len(given.words), found.reads[k]) for k, given in enumerate(instance.reads)]
    writes = [(f"out{k}", wanted.count, found.writes[k]) for k, wanted in enumerate(instance.writes)]
    ends = ", ".join(f"{name} {len(made.cycles)} of {total}" for name, total, made in (*reads, *writes))
    return f"instance {number} ({instance.module} {dict(instance.rtl.parameters)}): {ends}"


def predicted(
    schedule: Sequence[Mapping[str, Any]], instance: Instance, *, invocations: int = 1, end: int = 0
) -> Found:
    """The cycle of every access by the simulator, without words; streams are named in0, in1, ..., out0, out1, ...

    schedule, end: of one invocation, as in network.json; the next one begins in the stage after the last access, or
    after `end`.
    """
    ports = [(f"in{k}", given.bits, len(given.words), given.gaps, True) for k, given in enumerate(instance.reads)]
    ports += [(f"out{k}", wanted.bits, wanted.count, wanted.gaps, False) for k, wanted in enumerate(instance.writes)]
    streams = [rhythm.port(name, bits) for name, bits, *_ in ports]
    once = schedule_of(schedule)
    every = max(last_stage(once), end) + 1
    kernel = Process("kernel", (Repeat(0, invocations, every, once),))
    ends = [(rhythm.giver if gives else rhythm.taker)(name, words, gaps) for name, _, words, gaps, gives in ports]
    network = build(tuple(streams), (kernel, *ends))
    times = Simulator(network).times(dict.fromkeys((name for name, *_ in ports), rhythm.PORT_DEPTH))
    cycles = {name: times[name][1 if gives else 0].tolist() for name, _, _, _, gives in ports}
    reads = [Accesses(cycles=cycles[f"in{k}"]) for k in range(len(instance.reads))]
    writes = [Accesses(cycles=cycles[f"out{k}"]) for k in range(len(instance.writes))]
    return Found(reads, writes, complete=True)


def same_cycles(found: Found, expected: Found) -> bool:
    """Whether every access happened in the predicted cycle."""
    return [each.cycles for each in (*found.reads, *found.writes)] == [
        each.cycles for each in (*expected.reads, *expected.writes)
    ]


def literal(value: int | tuple[int, ...]) -> str:
    """A parameter in SystemVerilog: an integer, or a packed list of 32-bit integers."""
    if isinstance(value, tuple):
        digits = "".join(f"{item & 0xFFFFFFFF:08x}" for item in reversed(value))
        return f"{32 * len(value)}'h{digits}"
    return str(value)


def _write_top(instances: Sequence[Instance], folder: Path) -> None:
    """bench.sv with one set of ports per instance, the generated modules, and the images of all memories."""
    ports: list[str] = []
    body: list[str] = []
    for number, instance in enumerate(instances):
        module = instance.module
        if instance.rtl.body is not None:
            module = f"{instance.module}_{number}"
            (folder / f"{module}.sv").write_text(instance.rtl.body.replace("@MODULE@", module))
        for name, image in instance.rtl.images.items():
            _write_image(folder / name, image.bits, image.words)
        sides = (("in", instance.reads, "input", "output"), ("out", instance.writes, "output", "input"))
        for side, ends, forward, backward in sides:
            for k, end in enumerate(ends):
                name = f"u{number}_{side}{k}"
                ports.append(f"{forward} logic [{end.bits - 1}:0] {name}_data")
                ports += [f"{forward} logic {name}_valid", f"{backward} logic {name}_ready"]
        wires = list(_connections(number, instance))
        for memory in instance.rtl.memories:
            body += _memory(f"u{number}_{memory.name}", memory, folder)
            for signal in ("address", "enable", "data"):
                wires.append(f".{memory.name}_{signal}(u{number}_{memory.name}_{signal})")
        chosen = ", ".join(f".{name}({literal(value)})" for name, value in instance.rtl.parameters.items())
        if instance.rtl.body is not None:
            chosen = ""
        body.append(f"    {module} {f'#({chosen}) ' if chosen else ''}u{number} (")
        body += ["        .clk(clk), .reset(reset),\n        " + ",\n        ".join(wires) + ");"]
    head = ["input logic clk", "input logic reset", *ports]
    text = "module bench (\n    " + ",\n    ".join(head) + "\n);\n" + "\n".join(body) + "\nendmodule\n"
    (folder / "bench.sv").write_text(text)


def _connections(number: int, instance: Instance) -> Iterator[str]:
    for side, ends in (("in", instance.reads), ("out", instance.writes)):
        for signal in ("data", "valid", "ready"):
            names = [f"u{number}_{side}{k}_{signal}" for k in range(len(ends))]
            if instance.rtl.body is not None:
                yield from (f".{side}{k}_{signal}({name})" for k, name in enumerate(names))
            elif names:
                yield f".{side}_{signal}({{{', '.join(reversed(names))}}})"


def _memory(name: str, memory: Memory, folder: Path) -> list[str]:
    _write_image(folder / f"{name}.mem", memory.bits, memory.words)
    words = len(memory.words)
    address_bits = max(1, (words - 1).bit_length())
    widths = {"address": address_bits, "enable": 1, "data": memory.bits}
    signals = "".join(f"    logic [{bits - 1}:0] {name}_{signal};\n" for signal, bits in widths.items())
    chosen = f'.WORDS({words}), .BITS({memory.bits}), .FILE("{name}.mem")'
    wires = f".clk(clk), .enable({name}_enable), .address({name}_address), .data({name}_data)"
    return [f"{signals}    inrarch_rom #({chosen}) {name}_rom ({wires});"]


def _write_image(path: Path, bits: int, words: Sequence[int]) -> None:
    digits = -(-bits // 4)
    path.write_text("".join(f"{word:0{digits}x}\n" for word in words))


def _compile(
    tools: Toolchain,
    folder: Path,
    instances: Sequence[Instance],
    sources: Sequence[Path],
    given: Sequence[str],
) -> Path:
    library = [path for path in sorted(data_folder("kernel_lib").iterdir()) if any(path.glob("*.sv"))]
    options: list[str | Path] = [*MODEL_OPTIONS, *given]
    for place in (*library, folder):
        options += ["-y", place]
    files: list[str | Path] = [*sources, "bench.sv"]
    printed = verilator.verilate(
        tools.verilator, "bench", files, folder / "model", prefix="Vbench", cwd=folder, options=options
    )
    print(printed)
    lines = []
    for number, instance in enumerate(instances):
        for side, ends in (("in", instance.reads), ("out", instance.writes)):
            for k, end in enumerate(ends):
                name = f"top.u{number}_{side}{k}"
                lines.append(f"    {side}put({name}_data, {name}_valid, {name}_ready, {end.bits});")
    main = (Path(__file__).parent / "rtl_bench.cpp").read_text()
    (folder / "main.cpp").write_text(main.replace("    // @PORTS@\n", "".join(f"{line}\n" for line in lines)))
    compile_object(tools, folder / "main.cpp", folder / "main.o", (*model_flags(tools, folder), f"-I{folder}"))
    link(tools, [folder / "main.o", runtime(tools, folder)], folder / "bench")
    return folder / "bench"


def _write_stimulus(instances: Sequence[Instance], path: Path) -> None:
    """int64: patience; per port the number of words and of gaps, and the gaps; then of inputs the words in chunks."""
    longest = max((gap for each in instances for end in (*each.reads, *each.writes) for gap in end.gaps), default=0)
    with path.open("wb") as file:
        file.write(struct.pack("<q", PATIENCE + longest))
        for instance in instances:
            for end in (*instance.reads, *instance.writes):
                words = len(end.words) if isinstance(end, Given) else end.count
                file.write(struct.pack("<qq", words, len(end.gaps)))
                file.write(np.asarray(end.gaps, dtype="<i8").tobytes())
                if isinstance(end, Given):
                    size, mask = 4 * -(-end.bits // 32), (1 << end.bits) - 1
                    file.write(b"".join((int(word) & mask).to_bytes(size, "little") for word in end.words))


def _read_answers(instances: Sequence[Instance], path: Path) -> list[Found]:
    """Per port: int64 number of accesses, their cycles, and the words in chunks."""
    data = path.read_bytes()
    place = 0
    found = []
    for instance in instances:
        ends: list[Accesses] = []
        complete = True
        for end in (*instance.reads, *instance.writes):
            (count,) = struct.unpack_from("<q", data, place)
            cycles = list(struct.unpack_from(f"<{count}q", data, place + 8))
            place += 8 + 8 * count
            size = 4 * -(-end.bits // 32)
            words = [int.from_bytes(data[place + k * size : place + (k + 1) * size], "little") for k in range(count)]
            place += size * count
            ends.append(Accesses(words, cycles))
            complete = complete and count == (len(end.words) if isinstance(end, Given) else end.count)
        found.append(Found(ends[: len(instance.reads)], ends[len(instance.reads) :], complete))
    return found
