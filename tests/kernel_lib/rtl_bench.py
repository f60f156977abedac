"""Runs kernels as SystemVerilog between FIFOs; when they make which access is what the simulator says."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.dataflow.units import Process
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from inrarch.hardware.kernels import Source, code_of
from inrarch.hardware.layout import Layout, Unit
from inrarch.hardware.rtl.module import Rtl
from inrarch.numeric.formats import Formats
from tests.kernel_lib.verilating import run_verilated

INVOCATIONS = 2


@dataclass(frozen=True)
class Port:
    """A stream beside a kernel. words: of an invocation, as unsigned integers; those that it must write, of an output.

    stages: of the accesses at the other end, by a process that does nothing else. latency: None = by depth.
    """

    name: str
    bits: int
    words: Sequence[int]
    depth: int
    stages: Sequence[int]
    latency: int | None = None

    @property
    def visible_after(self) -> int:
        return self.latency or (1 if self.depth <= 2 else 2)


@dataclass(frozen=True)
class Case:
    """A kernel with its parameters and streams. schedule: of one invocation; period: its stages; seed: for messages."""

    kernel: str
    rtl: Rtl
    reads: Sequence[Port]
    writes: Sequence[Port]
    schedule: list[dict[str, Any]]
    period: int
    seed: object = field(default=0)

    @property
    def ports(self) -> list[Port]:
        return [*self.reads, *self.writes]

    def network(self) -> dict[str, Any]:
        """The process between others that write and read its streams in their stages."""
        kernel = {
            "name": "kernel",
            "schedule": [{"at": 0, "repeat": INVOCATIONS, "every": self.period, "body": self.schedule}],
        }
        ends = [
            {"name": f"end_{port.name}", "schedule": [{"at": stage, kind: port.name} for stage in port.stages]}
            for kind, ports in (("write", self.reads), ("read", self.writes))
            for port in ports
        ]
        streams = [
            {"name": port.name, "bits": port.bits} | ({"latency": port.latency} if port.latency else {})
            for port in self.ports
        ]
        return {"streams": streams, "processes": [kernel, *ends]}


def make_port(draw: random.Random, name: str, bits: int, words: Sequence[int], *, stalls: float | None = None) -> Port:
    """A stream of a depth and latency, whose other end does an access per cycle, or waits in between.

    stalls: probability of a wait before an access; None: drawn.
    """
    if stalls is None:
        stalls = draw.choice([0.0, 0.0, 0.1, 0.5, 0.9])
    stages, stage = [], 0
    for _ in range(INVOCATIONS * len(words)):
        while draw.random() < stalls:
            stage += draw.randint(1, 6)
        stages.append(stage)
        stage += 1
    return Port(name, bits, words, draw.choice([1, 2, 2, 2, 3, 16, 64]), stages, draw.choice([None, None, 1, 2, 3]))


def as_bits(values: Sequence[int], bits: int) -> int:
    """Numbers as a word, the first lowest, `bits` bits of two's complement each."""
    mask = (1 << bits) - 1
    return sum((value & mask) << (place * bits) for place, value in enumerate(values))


def rtl_of(
    kernel: str,
    process: Process,
    layout: Layout,
    initializers: Mapping[str, ir.Value] | None = None,
    formats: Formats | None = None,
) -> Rtl:
    """What the facet says of unit `u` of a layout."""
    model = ir.Model(ir.Graph((), (), nodes=(), initializers=[*(initializers or {}).values()]), ir_version=10)
    source = Source("u", layout, model, {}, formats)  # type: ignore[arg-type]
    return code_of(kernel).rtl(Unit("u", kernel, process.parameters), source)  # type: ignore[attr-defined]


def check(cases: Sequence[Case], folder: Path) -> None:
    """Every case writes its words, and makes every access in the cycle that the simulator says."""
    expected = [_times(case) for case in cases]
    texts = [_instance(number, case, folder) for number, case in enumerate(cases)]
    declared = ",\n".join(line for ports, _ in texts for line in ports)
    body = "\n".join(text for _, text in texts)
    # Ports are padded to more than 64 bits, so that the program sees all as arrays of 32-bit words.
    top = f"""module bench (
    input logic clk,
    input logic reset,
    /* verilator lint_off UNUSEDSIGNAL */
{declared}
);
{body}
endmodule
"""
    limit = 1000 + max(int(times.max(initial=0)) for each in expected for pair in each.values() for times in pair)
    (folder / "streams.txt").write_text("\n".join([str(limit), *map(_listed, cases)]), encoding="utf-8")
    printed = iter(run_verilated(folder, top, _program(cases)).splitlines())
    for case, times in zip(cases, expected, strict=True):
        for port in case.ports:
            written, read = ([int(time) for time in next(printed).split()] for _ in range(2))
            words = [int(word, 16) for word in next(printed).split()]
            if not case.reads:  # it goes on
                written = written[: len(read)]
            what = f"{case.kernel}, {case.seed}, {port.name}: {dict(case.rtl.parameters)}"
            assert words == [*port.words] * INVOCATIONS, what
            assert written == times[port.name][0].tolist(), what
            assert read == times[port.name][1].tolist(), what


def _times(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By stream the cycles of all writes and of all reads."""
    return Simulator(parse(case.network())).times({port.name: port.depth for port in case.ports})


def _width(bits: int) -> int:
    return max(bits, 65)


def _instance(number: int, case: Case, folder: Path) -> tuple[list[str], str]:
    """Ports of the bench, and the kernel between them."""
    ports, lines = [], []
    sides = (("in", "input", "output", case.reads), ("out", "output", "input", case.writes))
    wires = []
    for side, data, back, streams in sides:
        if not streams:
            continue
        names = [f"c{number}_{side}{n}" for n in range(len(streams))]
        for name, port in zip(names, streams, strict=True):
            ports += [f"    {data} logic [{_width(port.bits) - 1}:0] {name}_data"]
            ports += [f"    {data} logic {name}_valid", f"    {back} logic {name}_ready"]
        parts = [f"{name}_data[{port.bits - 1}:0]" for name, port in zip(names, streams, strict=True)]
        wires.append(f".{side}_data({{{', '.join(reversed(parts))}}})")
        for signal in ("valid", "ready"):
            wires.append(f".{side}_{signal}({{{', '.join(f'{name}_{signal}' for name in reversed(names))}}})")
        if side == "out":
            for name, port in zip(names, streams, strict=True):
                lines.append(f"    assign {name}_data[{_width(port.bits) - 1}:{port.bits}] = '0;" * (port.bits < 65))
    for memory in case.rtl.memories:
        name, address = f"c{number}_{memory.name}", max((len(memory.words) - 1).bit_length(), 1)
        image = f"{name}.hex"
        (folder / image).parent.mkdir(parents=True, exist_ok=True)
        (folder / image).write_text("".join(f"{word:x}\n" for word in memory.words), encoding="utf-8")
        lines.append(f"""    logic [{address - 1}:0] {name}_address;
    logic {name}_enable;
    logic [{memory.bits - 1}:0] {name}_data;
    inrarch_rom #(.WORDS({len(memory.words)}), .BITS({memory.bits}), .FILE("{image}")) {name} (
        .clk, .enable({name}_enable), .address({name}_address), .data({name}_data)
    );""")
        wires += [f".{memory.name}_{signal}({name}_{signal})" for signal in ("address", "enable", "data")]
    parameters = ", ".join(f".{name}({_literal(value)})" for name, value in case.rtl.parameters.items())
    connected = ",\n        ".join([".clk", ".reset", *wires])
    lines.append(f"    inrarch_{case.kernel} #({parameters}) c{number} (\n        {connected}\n    );")
    return ports, "\n".join(line for line in lines if line)


def _literal(value: int | tuple[int, ...]) -> str:
    """A parameter; a list is packed with its first entry lowest."""
    if isinstance(value, int):
        return str(value)
    return "{" + ", ".join(f"32'h{entry & 0xFFFFFFFF:x}" for entry in reversed(value)) + "}"


def _listed(case: Case) -> str:
    """What the program reads of each stream: figures, stages of the other end, words that this gives."""
    lines = []
    for port in case.ports:
        given = [f"{word:x}" for word in port.words] * INVOCATIONS if port in case.reads else []
        figures = (port.bits, port.depth, port.visible_after, len(port.stages))
        lines += [" ".join(map(str, figures)), " ".join(map(str, port.stages)), " ".join(given)]
    return "\n".join(lines)


def _program(cases: Sequence[Case]) -> str:
    """Fills the table of streams in the order of `streams.txt`."""
    lines = []
    for number, case in enumerate(cases):
        for side, ports in (("in", case.reads), ("out", case.writes)):
            for n in range(len(ports)):
                name = f"top.c{number}_{side}{n}"
                lines.append(
                    f"    streams.emplace_back({int(side == 'in')}, &{name}_data[0], {name}_valid, {name}_ready);"
                )
    return _MAIN.replace("// streams", "\n".join(lines))


_MAIN = r"""
#include <deque>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

// A FIFO as DESIGN.md 7 has it, and the process at its other end.
struct stream {
    bool is_input;
    EData* data;
    CData &valid, &ready;
    int bits = 0, depth = 0, latency = 0, accesses = 0;
    std::vector<long> stages, written, read;
    std::vector<std::string> words;
    std::deque<std::string> held;
    long waited = 0;  // cycles, by the other end

    stream(bool is_input, EData* data, CData& valid, CData& ready)
        : is_input(is_input), data(data), valid(valid), ready(ready) {}
    void load(std::istream& from) {
        from >> bits >> depth >> latency >> accesses;
        stages.resize(accesses);
        for (auto& stage : stages) from >> stage;
        if (is_input) {
            words.resize(accesses);
            for (auto& word : words) from >> word;
        }
    }
    bool room() const { return held.size() < std::size_t(depth); }
    bool readable(long now) const { return !held.empty() && written[read.size()] + latency <= now; }
    void show(const std::string& word) {
        const int count = (std::max(bits, 65) + 31) / 32;
        for (int i = 0; i < count; ++i) {
            const int end = int(word.size()) - 8 * i, begin = std::max(end - 8, 0);
            data[i] = end > 0 ? EData(std::stoul(word.substr(begin, end - begin), nullptr, 16)) : 0;
        }
    }
    std::string shown() const {
        std::string text;
        char digits[9];
        for (int i = (std::max(bits, 65) + 31) / 32 - 1; i >= 0; --i) {
            std::snprintf(digits, sizeof digits, "%08x", data[i]);
            text += digits;
        }
        return text;
    }
    // Before the clock: what the kernel sees.
    void offer(long now) {
        if (is_input) {
            valid = readable(now);
            show(valid ? held.front() : std::string("badbadbad"));
        } else {
            ready = room();
        }
    }
    void take(std::string word, long now, bool pushes, bool pops) {
        if (pops) {
            read.push_back(now);
            if (!is_input) words.push_back(held.front());
            held.pop_front();
        }
        if (pushes) {
            written.push_back(now);
            held.push_back(word);
        }
    }
    // At the clock: the kernel's access and that of the other end, both by the state before it.
    void move(long now) {
        const std::size_t done = is_input ? written.size() : read.size();
        const bool due = done < stages.size() && now >= stages[done] + waited;
        const bool able = is_input ? room() : readable(now);
        if (due && !able) ++waited;
        const bool other = due && able, kernel = valid && ready;
        if (is_input) take(other ? words[done] : "", now, other, kernel);
        else take(kernel ? shown() : "", now, kernel, other);
    }
    bool done() const { return read.size() == stages.size(); }
};

int main() {
    VerilatedContext context;
    context.randReset(2);
    context.randSeed(12345);
    Vbench top(&context);
    std::vector<stream> streams;
// streams
    std::ifstream file("streams.txt");
    long limit;
    file >> limit;
    for (auto& each : streams) each.load(file);
    auto clock = [&](int level) { top.clk = level; top.eval(); };
    for (auto& each : streams) (each.is_input ? each.valid : each.ready) = 0;
    top.reset = 1;
    for (int cycle = 0; cycle < 3; ++cycle) { clock(0); clock(1); }
    top.reset = 0;
    // A word too many would come out within the cycles behind the last one.
    for (long now = 0, after = 0; now < limit && after < 50; ++now) {
        for (auto& each : streams) each.offer(now);
        clock(0);
        for (auto& each : streams) each.move(now);
        clock(1);
        bool done = true;
        for (auto& each : streams) done = done && each.done();
        after += done;
    }
    for (auto& each : streams) {
        for (long time : each.written) std::cout << time << ' ';
        std::cout << '\n';
        for (long time : each.read) std::cout << time << ' ';
        std::cout << '\n';
        for (auto& word : each.words) std::cout << word << ' ';
        std::cout << '\n';
    }
}
"""
