"""The longest paths of kernels between deep FIFOs, as Yosys synthesises them for UltraScale+."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.hardware.rtl.wrapper import address_bits, wrapped
from inrarch.hardware.synthesis import paths
from inrarch.hardware.synthesis.yosys import MEMORY
from tests.kernel_lib.rtl_bench import Case
from tests.kernel_lib.synthesising import run_yosys

FABRIC = read_fabric(fabric_files()["ultrascale_plus"])
DEPTH = 300
"""Words: in block RAM, with counters of 9 bits."""
PERIOD_PS = 1_000_000 // 300


def longest_paths(cases: Sequence[Case], folder: Path) -> list[paths.Path]:
    """Of each kernel, up to the FIFOs behind it; its memories are black boxes."""
    ports, lines, modules = ["input logic clk", "input logic reset"], list[str](), dict[str, str]()
    for number, case in enumerate(cases):
        module = wrapped(case.kernel, case.rtl, [p.bits for p in case.reads], [p.bits for p in case.writes])
        modules[module.name] = module.text
        joined = [".clk", ".reset"]
        for side, streams in (("in", case.reads), ("out", case.writes)):
            for k, stream in enumerate(streams):
                ports += _outside(f"f{number}_{side}{k}", stream.bits, side)
                lines += _fifo(f"k{number}_{side}{k}", f"f{number}_{side}{k}", stream.bits, side)
                joined += [f".{side}{k}_{end}(k{number}_{side}{k}_{end})" for end in ("data", "valid", "ready")]
        for memory in case.rtl.memories:
            name, words = f"k{number}_{memory.name}", len(memory.words)
            lines += [
                f"logic [{address_bits(words) - 1}:0] {name}_address;",
                f"logic {name}_enable;",
                f"logic [{memory.bits - 1}:0] {name}_data;",
                f"inrarch_memory #(.WORDS({words}), .BITS({memory.bits})) {name} (.clk, .enable({name}_enable), "
                f".address({name}_address), .data({name}_data));",
            ]
            joined += [f".{memory.name}_{end}({name}_{end})" for end in ("address", "enable", "data")]
        lines.append(f"{module.name} u{number} ({', '.join(joined)});")
    top = f"module top ({', '.join(ports)});\n" + "\n".join(lines) + "\nendmodule\n"
    (folder / "top.sv").write_text("\n".join([*modules.values(), top]), encoding="utf-8")
    commands = f"delete inrarch_memory; read_verilog -sv -lib {Path(MEMORY).name}; {FABRIC.yosys} -top top"
    run_yosys({case.kernel for case in cases}, f"{commands}; write_json netlist.json", folder)
    netlist = json.loads((folder / "netlist.json").read_text(encoding="utf-8"))["modules"]
    found = paths.Paths(netlist, FABRIC.timing).into_instances("top")
    return [
        max(path for name, path in found.items() if name == f"u{number}" or name.startswith(f"k{number}_"))
        for number in range(len(cases))
    ]


def _outside(name: str, bits: int, side: str) -> list[str]:
    """Ports of the top at the other end of a FIFO."""
    given, taken = ("input", "output") if side == "in" else ("output", "input")
    return [f"{given} logic [{bits - 1}:0] {name}_data", f"{given} logic {name}_valid", f"{taken} logic {name}_ready"]


def _fifo(kernel: str, outside: str, bits: int, side: str) -> list[str]:
    """A FIFO between a kernel's port and one of the top."""
    ends = {"in": outside, "out": kernel} if side == "in" else {"in": kernel, "out": outside}
    joined = [f".{end}_{part}({name}_{part})" for end, name in ends.items() for part in ("data", "valid", "ready")]
    parameters = f".BITS({bits}), .DEPTH({DEPTH}), .LATENCY(2), .STYLE(2)"
    return [
        f"logic [{bits - 1}:0] {kernel}_data;",
        f"logic {kernel}_valid, {kernel}_ready;",
        f"inrarch_fifo #({parameters}) {kernel}_fifo (.clk, .reset, {', '.join(joined)});",
    ]
