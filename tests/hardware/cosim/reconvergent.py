"""A design with a short and a long way: a fork, a process that takes a whole block before it gives any of it, a sum.

The FIFO of the short way must hold a block, or the network deadlocks. Source, fork and sink are SystemVerilog of the
library, the rest is written here.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inrarch.fifo.load import parse
from inrarch.fifo.network import Network
from inrarch.hardware.rtl.description import Description, ModuleText, PortText, ProcessText, StreamText
from inrarch.hardware.rtl.generate import write_top
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.rtl.wrapper import wrapped
from inrarch.resources import data_folder
from tests.targets import U50

BITS = 24
LATENCY = 3

BLOCK = """
// Reads SIZE words, then writes them in turn.
module @MODULE@ (
    input  logic clk, input logic reset,
    input  logic [23:0] in0_data, input logic in0_valid, output logic in0_ready,
    output logic [23:0] out0_data, output logic out0_valid, input logic out0_ready
);
    localparam int SIZE = %d;
    logic [31:0] stage;
    logic taken, advance;
    logic [23:0] word, words[SIZE];
    inrarch_control control (
        .clk, .reset, .read_due(stage < SIZE), .write_due(stage >= SIZE), .in_valid(in0_valid), .in_ready(in0_ready),
        .out_valid(out0_valid), .out_ready(out0_ready), .taken, .advance);
    inrarch_taken #(.BITS(24)) read (.clk, .taken, .in_data(in0_data), .data(word));
    assign out0_data = words[stage - SIZE];
    always_ff @(posedge clk) begin
        if (reset) stage <= 0;
        else if (advance) stage <= stage == 2 * SIZE - 1 ? 0 : stage + 1;
        if (advance && stage < SIZE) words[stage] <= word;
    end
endmodule
"""
SUM = """
// Adds two streams; the sum leaves LATENCY stages later. COUNT words per invocation.
module @MODULE@ (
    input  logic clk, input logic reset,
    input  logic [23:0] in0_data, input logic in0_valid, output logic in0_ready,
    input  logic [23:0] in1_data, input logic in1_valid, output logic in1_ready,
    output logic [23:0] out0_data, output logic out0_valid, input logic out0_ready
);
    localparam int COUNT = %d, LATENCY = %d;
    logic [31:0] stage;
    logic [1:0] taken;
    logic advance;
    logic [23:0] a, b;
    inrarch_control #(.READS(2)) control (
        .clk, .reset, .read_due({2{stage < COUNT}}), .write_due(stage >= LATENCY),
        .in_valid({in1_valid, in0_valid}), .in_ready({in1_ready, in0_ready}),
        .out_valid(out0_valid), .out_ready(out0_ready), .taken, .advance);
    inrarch_taken #(.BITS(24)) first (.clk, .taken(taken[0]), .in_data(in0_data), .data(a));
    inrarch_taken #(.BITS(24)) second (.clk, .taken(taken[1]), .in_data(in1_data), .data(b));
    inrarch_delay #(.BITS(24), .CYCLES(LATENCY)) late (.clk, .enable(advance), .in(a + b), .out(out0_data));
    always_ff @(posedge clk) begin
        if (reset) stage <= 0;
        else if (advance) stage <= stage == COUNT + LATENCY - 1 ? 0 : stage + 1;
    end
endmodule
"""


@dataclass(frozen=True)
class Built:
    """A design in a folder, and the network that tells its schedules. depths: by stream."""

    folder: Path
    design: Description
    network: Network
    depths: Mapping[str, int]


def reconvergent(folder: Path, depths: Mapping[str, int], *, block: int = 8, rows: int = 16) -> Built:
    """rows: words per invocation, a multiple of the block. depths: of streams that are deeper than 2."""
    chosen = {name: depths.get(name, 2) for name in ("in", "long", "blocks", "short", "out")}
    library = _library(folder)
    fork = {"TOKENS": rows, "BITS": BITS, "OUTPUTS": 2, "COPIES": 2, "START": (0, 1, 2), "PLACES": (0, 0)}
    made: list[tuple[str, str, Rtl, list[str], list[str]]] = [
        ("the source", "source", Rtl({"TOKENS": rows, "BITS": BITS}), ["x"], ["in"]),
        ("the fork", "fork", Rtl(fork), ["in"], ["long", "short"]),
        ("the block", "block", Rtl(body=BLOCK % block), ["long"], ["blocks"]),
        ("the sum", "sum", Rtl(body=SUM % (rows, LATENCY)), ["short", "blocks"], ["out"]),
        ("the sink", "sink", Rtl({"TOKENS": rows, "BITS": BITS, "PLACES": (0,)}), ["out"], ["y"]),
    ]
    modules, processes = [], []
    for name, kernel, rtl, reads, writes in made:
        read_bits = [32 if each == "x" else BITS for each in reads]
        written_bits = [33 if each == "y" else BITS for each in writes]
        text = wrapped(kernel, rtl, read_bits, written_bits)
        path = f"src/modules/{text.name}.sv"
        (folder / path).write_text(text.text)
        modules.append(ModuleText(text.name, kernel, (*read_bits,), (*written_bits,), (), (*library, path), ()))
        processes.append(ProcessText(name, name.replace(" ", "_"), text.name, (*reads,), (*writes,), {}))
    streams = tuple(
        StreamText(f"stream {name}", name, BITS, depth, 1 if depth <= 2 else 2, "registers" if depth <= 2 else "LUTs")
        for name, depth in chosen.items()
    )
    ports = (PortText("x", "the source", True, 1, False), PortText("y", "the sink", False, 1, False))
    own = [module.sources[-1] for module in modules]
    sources = (*library, *own, "src/inrarch_top.sv")
    design = Description("inrarch_top", rows, (*modules,), (*processes,), streams, ports, sources)
    write_top(design, folder / "src/inrarch_top.sv", U50)
    return Built(
        folder, design, parse(network(block, rows)), {f"stream {name}": depth for name, depth in chosen.items()}
    )


def network(block: int, rows: int) -> dict[str, Any]:
    """The schedules of one invocation, as network.json has them."""

    def read(name: str, at: int = 0) -> dict[str, Any]:
        return {"at": at, "read": f"stream {name}"}

    def write(name: str, at: int = 0) -> dict[str, Any]:
        return {"at": at, "write": f"stream {name}"}

    def loop(count: int, body: list[dict[str, Any]], at: int = 0, every: int = 1) -> dict[str, Any]:
        return {"at": at, "repeat": count, "every": every, "body": body}

    through = loop(
        rows // block, [loop(block, [read("long")]), loop(block, [write("blocks")], at=block)], every=2 * block
    )
    schedules = {
        "the source": [loop(rows, [write("in", at=1)])],
        "the fork": [loop(rows, [read("in"), write("long", 1), write("short", 1)])],
        "the block": [through],
        "the sum": [loop(rows, [read("short"), read("blocks"), write("out", LATENCY)])],
        "the sink": [loop(rows, [read("out")])],
    }
    streams = [{"name": f"stream {name}", "bits": BITS} for name in ("in", "long", "blocks", "short", "out")]
    processes = [{"name": name, "schedule": schedule} for name, schedule in schedules.items()]
    return {"streams": streams, "processes": processes}


def answers(words: np.ndarray) -> np.ndarray:
    """What comes out: every word comes with itself."""
    wrapped_words = (2 * words.astype(np.int64) + (1 << (BITS - 1))) % (1 << BITS) - (1 << (BITS - 1))
    return wrapped_words.astype(np.int32)


def _library(folder: Path) -> list[str]:
    (folder / "src/modules").mkdir(parents=True)
    (folder / "kernels").mkdir()
    names = []
    for kernel in ("common", "fork", "sink", "source"):
        for path in sorted((data_folder("kernel_lib") / kernel).glob("*.sv")):
            shutil.copyfile(path, folder / "kernels" / path.name)
            names.append(f"kernels/{path.name}")
    return names
