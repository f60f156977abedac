"""Modules of kernel_lib cycle by cycle: inputs of every cycle in, outputs of every cycle out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inrarch.hardware.cosim.compiling import compile_object, find_toolchain, link, model_flags, runtime
from inrarch.hardware.cosim.models import MODEL_OPTIONS
from inrarch.resources import data_folder
from inrarch.tools import process, verilator

Signals = dict[str, int]


@dataclass(frozen=True)
class Traced:
    """A module. inputs, outputs: bits by name. stimulus: per cycle, all inputs but the clock (0 where it is not given).

    expected: per cycle, the outputs before the edge of the clock; those that may be anything are left out.
    """

    module: str
    parameters: Mapping[str, int | str]
    inputs: Mapping[str, int]
    outputs: Mapping[str, int]
    stimulus: Sequence[Signals]
    expected: Sequence[Signals]
    clocked: bool = True


def check(traced: Sequence[Traced], folder: Path) -> None:
    """Every module gives in each cycle what is expected; all stand in one Verilator model."""
    cycles = max(len(each.stimulus) for each in traced)
    width = sum(sum(each.inputs.values()) for each in traced)
    answer_width = sum(sum(each.outputs.values()) for each in traced)
    (folder / "bench.sv").write_text(_top(traced, width, answer_width), encoding="utf-8")
    lines = []
    for cycle in range(cycles):
        word, place = 0, 0
        for each in traced:
            given = each.stimulus[cycle] if cycle < len(each.stimulus) else {}
            for name, bits in each.inputs.items():
                word |= (given.get(name, 0) & ((1 << bits) - 1)) << place
                place += bits
        lines.append(_chunks(word, width))
    (folder / "stimulus.txt").write_text("\n".join(lines), encoding="utf-8")
    answers = _run(folder, width, answer_width, cycles)
    place = 0
    for number, each in enumerate(traced):
        for name, bits in each.outputs.items():
            for cycle, expected in enumerate(each.expected):
                found = answers[cycle] >> place & ((1 << bits) - 1)
                if name in expected:
                    what = f"{number}: {each.module} {dict(each.parameters)}, {name} in cycle {cycle}"
                    assert found == expected[name] & ((1 << bits) - 1), what
            place += bits


def _padded(width: int) -> int:
    """Ports of more than 64 bits are arrays of 32-bit words in C++."""
    return max(width, 65)


def _chunks(word: int, width: int) -> str:
    count = -(-_padded(width) // 32)
    return " ".join(f"{word >> (32 * chunk) & 0xFFFFFFFF:x}" for chunk in range(count))


def _top(traced: Sequence[Traced], width: int, answer_width: int) -> str:
    text = [
        "module bench (input logic clk,",
        f"    input logic [{_padded(width) - 1}:0] in, output logic [{_padded(answer_width) - 1}:0] out);",
    ]
    place = {"in": 0, "out": 0}
    for number, each in enumerate(traced):
        wires = [".clk"] if each.clocked else []
        for side, ports in (("in", each.inputs), ("out", each.outputs)):
            for name, bits in ports.items():
                wires.append(f".{name}({side}[{place[side]} +: {bits}])")
                place[side] += bits
        parameters = ", ".join(f".{name}({value})" for name, value in each.parameters.items())
        text.append(f"    {each.module} #({parameters}) u{number} ({', '.join(wires)});")
    if answer_width < _padded(answer_width):
        text.append(f"    assign out[{_padded(answer_width) - 1}:{answer_width}] = '0;")
    return "\n".join([*text, "endmodule\n"])


def _run(folder: Path, width: int, answer_width: int, cycles: int) -> list[int]:
    tools = find_toolchain()
    options = [*MODEL_OPTIONS, "-y", data_folder("kernel_lib") / "common"]
    verilator.verilate(
        tools.verilator, "bench", ["bench.sv"], folder / "model", prefix="Vbench", cwd=folder, options=options
    )
    chunks = [-(-_padded(each) // 32) for each in (width, answer_width)]
    (folder / "main.cpp").write_text(_MAIN.replace("@IN@", str(chunks[0])).replace("@OUT@", str(chunks[1])))
    compile_object(tools, folder / "main.cpp", folder / "main.o", (*model_flags(tools, folder), f"-I{folder}"))
    link(tools, [folder / "main.o", runtime(tools, folder)], folder / "bench")
    printed = process.run((folder / "bench", str(cycles)), cwd=folder).output
    return [_joined(line) for line in printed.splitlines()]


def _joined(line: str) -> int:
    return sum(int(chunk, 16) << (32 * place) for place, chunk in enumerate(line.split()))


_MAIN = r"""
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include "model/Vbench_all.cpp"

int main(int, char** argv) {
    VerilatedContext context;
    context.randReset(2);
    context.randSeed(7);
    Vbench top{&context};
    std::ifstream file("stimulus.txt");
    file >> std::hex;
    for (int cycle = std::atoi(argv[1]); cycle > 0; --cycle) {
        for (int chunk = 0; chunk < @IN@; ++chunk) file >> top.in[chunk];
        top.clk = 0;
        top.eval();
        for (int chunk = 0; chunk < @OUT@; ++chunk) std::printf("%x ", top.out[chunk]);
        std::printf("\n");
        top.clk = 1;
        top.eval();
    }
}
"""
