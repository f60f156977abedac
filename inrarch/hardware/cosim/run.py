"""A run of the harness (cpp/harness.cpp): its description of the design, the words of the ports, what it found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inrarch.hardware.cosim.monolith import MONOLITH
from inrarch.hardware.cosim.prediction import Pace, port_words
from inrarch.hardware.rtl.description import Description, PortText
from inrarch.tools import process

Words = npt.NDArray[np.int32]
Cycles = npt.NDArray[np.int64]
LAST_BIT = 32
"""Of a word of an output port: TLAST."""
_OUTPUT_BITS = LAST_BIT + 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A process that waits for ever. stream: of the network, or port. fill, depth: words; depth None: a port."""

    process: str
    stream: str
    reading: bool
    fill: int
    depth: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """What the RTL did.

    ending: `complete`, `deadlock`, or `late` (it was stopped). last, last_of_first: by process, the cycle of its last
    access, of all and of the first invocation; -1: none. words, marks: by output port, int32 and whether TLAST was set.
    cycles: by port, of every word. seconds: the program took.
    """

    ending: str
    last: Mapping[str, int]
    last_of_first: Mapping[str, int]
    high_water: Mapping[str, int]
    words: Mapping[str, Words]
    marks: Mapping[str, npt.NDArray[np.bool_]]
    cycles: Mapping[str, Cycles]
    waiting: tuple[Waiting, ...]
    simulated: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Inputs:
    """What goes into a run.

    words: by input port, int32, of all invocations. stream_words: by stream of the network, of one invocation.
    limit: cycles after which the run is stopped. seed: of the registers that have no reset.
    """

    words: Mapping[str, Words]
    stream_words: Mapping[str, int]
    pace: Pace
    limit: int
    seed: int


def simulate(
    program: Path, design: Description, folder: Path, scratch: Path, inputs: Inputs, *, waveform: Path | None = None
) -> Run:
    """Run a program of `models.build_program`. folder: of rtl.json. scratch: an existing folder for its files.

    UserError (exit code 2) where the program breaks.
    """
    (scratch / "design.txt").write_text(_description(design, scratch, inputs, waveform), encoding="utf-8")
    done = process.run((program, scratch / "design.txt", scratch), name="harness", cwd=folder)
    print(done.output, end="")
    found = json.loads((scratch / "result.json").read_text(encoding="utf-8"))
    return _found(design, scratch, found, done.seconds)


def _ports(design: Description) -> list[PortText]:
    """Inputs first, as the harness numbers them."""
    return [port for wanted in (True, False) for port in design.ports if port.is_input == wanted]


def _description(design: Description, scratch: Path, inputs: Inputs, waveform: Path | None) -> str:
    """What harness.cpp reads."""
    pace, ports = inputs.pace, _ports(design)
    words_of = {port.name: port_words(port, design.rows) * pace.invocations for port in ports}
    lines = [f"{inputs.limit} {pace.invocations} {inputs.seed} {_quoted(waveform or '-')}"]
    lines.append(f"{len(design.streams)}")
    lines += [
        f"{s.bits} {inputs.stream_words[s.name] * pace.invocations} {s.depth} {s.latency}" for s in design.streams
    ]
    for is_input in (True, False):
        chosen = [port for port in ports if port.is_input == is_input]
        lines.append(f"{len(chosen)}")
        for port in chosen:
            gaps = _save(scratch, f"{port.name}.gaps", pace.gaps.get(port.name), "<i8")
            if is_input:
                words = inputs.words[port.name]
                assert len(words) == words_of[port.name], f"{port.name}: {len(words)} words"
                lines.append(f"32 {_save(scratch, f'{port.name}.in', words, '<i4')} {gaps}")
            else:
                lines.append(f"{_OUTPUT_BITS} {words_of[port.name]} {gaps}")
    numbers = {
        name: str(k) for k, name in enumerate((*(s.identifier for s in design.streams), *(p.name for p in ports)))
    }
    lines.append(f"{len(design.processes)}")
    for each in design.processes:
        module = design.module(each.module)
        lines.append(f"{module.name} {int(module.kernel != MONOLITH)}")
        lines += [" ".join((str(len(side)), *(numbers[name] for name in side))) for side in (each.reads, each.writes)]
        lines.append(f"{len(module.memories)}")
        lines += [f"{_quoted(each.memories[memory.name])} {memory.bits} {memory.words}" for memory in module.memories]
    return "\n".join(lines) + "\n"


def _found(design: Description, scratch: Path, found: Mapping[str, Any], seconds: float) -> Run:
    ports = _ports(design)
    names = [each.name for each in design.processes]
    words: dict[str, Words] = {}
    marks: dict[str, npt.NDArray[np.bool_]] = {}
    for number, port in enumerate(ports):
        if not port.is_input:
            chunks = np.fromfile(scratch / f"port{number}.words", dtype="<u4").reshape(-1, 2)
            words[port.name], marks[port.name] = chunks[:, 0].astype(np.int32), chunks[:, 1].astype(bool)
    return Run(
        ending=found["ending"],
        last={name: each["last"] for name, each in zip(names, found["processes"], strict=True)},
        last_of_first={name: each["last_of_first"] for name, each in zip(names, found["processes"], strict=True)},
        high_water={s.name: high for s, high in zip(design.streams, found["high_water"], strict=True)},
        words=words,
        marks=marks,
        cycles={p.name: np.fromfile(scratch / f"port{k}.cycles", dtype="<i8") for k, p in enumerate(ports)},
        waiting=tuple(_waiting(design, ports, each) for each in found["blocked"]),
        simulated=found["simulated"],
        seconds=seconds,
    )


def _waiting(design: Description, ports: Sequence[PortText], found: Mapping[str, Any]) -> Waiting:
    channel = found["channel"]
    stream = design.streams[channel] if channel < len(design.streams) else None
    return Waiting(
        process=design.processes[found["process"]].name,
        stream=ports[channel - len(design.streams)].name if stream is None else stream.name,
        reading=found["reading"],
        fill=found["fill"],
        depth=None if stream is None else stream.depth,
    )


def _save(scratch: Path, name: str, numbers: Any, kind: str) -> str:
    """The path of a file with these numbers, quoted; `-` where there are none."""
    if numbers is None:
        return _quoted("-")
    np.asarray(numbers, dtype=kind).tofile(scratch / name)
    return _quoted(scratch / name)


def _quoted(path: Path | str) -> str:
    """As C++'s `std::quoted` reads it."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
