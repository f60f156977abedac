"""The bench itself: a small process with two reads and a write, whose schedule is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inrarch.hardware.cosim.rhythm import random_gaps
from inrarch.hardware.rtl.module import Memory, Rtl
from tests.rtl_bench import Bench, Found, Given, Instance, Wanted, predicted, same_cycles

LATENCY = 2
ADDER = """
// Adds a word of each input and of a memory; the sum leaves two stages later. ROWS words per invocation.
module adder #(parameter int BITS = 8, parameter int ROWS = 4, parameter int LATE = 2) (
    input  logic clk, input logic reset,
    input  logic [2*BITS-1:0] in_data, input logic [1:0] in_valid, output logic [1:0] in_ready,
    output logic [BITS-1:0] out_data, output logic out_valid, input logic out_ready,
    output logic [1:0] offset_address, output logic offset_enable, input logic [BITS-1:0] offset_data
);
    localparam int LAST = ROWS + LATE - 1;
    logic [31:0] stage;
    logic [1:0] taken;
    logic advance;
    logic [BITS-1:0] a, b, sum, kept;
    inrarch_control #(.READS(2), .WRITES(1)) control (
        .clk(clk), .reset(reset), .read_due({2{stage < ROWS}}), .write_due(stage >= LATE),
        .in_valid(in_valid), .in_ready(in_ready), .out_valid(out_valid), .out_ready(out_ready),
        .taken(taken), .advance(advance));
    inrarch_taken #(.BITS(BITS)) first (.clk(clk), .taken(taken[0]), .in_data(in_data[BITS-1:0]), .data(a));
    inrarch_taken #(.BITS(BITS)) second (.clk(clk), .taken(taken[1]), .in_data(in_data[2*BITS-1:BITS]), .data(b));
    assign offset_address = stage[1:0];
    assign offset_enable  = advance;
    assign out_data = kept;
    always_ff @(posedge clk) begin
        if (reset) stage <= 0;
        else if (advance) stage <= stage == LAST ? 0 : stage + 1;
        if (advance) begin
            sum  <= a + b;
            kept <= sum + offset_data;
        end
    end
endmodule
"""


def _schedule(rows: int) -> list[dict]:
    body = [{"at": 0, "read": "in0"}, {"at": 0, "read": "in1"}, {"at": LATENCY, "write": "out0"}]
    return [{"at": 0, "repeat": rows, "every": 1, "body": body}]


def _instance(bits: int, rows: int, invocations: int, stalls: float, seed: int) -> tuple[Instance, list[int]]:
    generator = np.random.default_rng(seed)
    count = rows * invocations
    values = [[int.from_bytes(generator.bytes(16), "little") % (1 << bits) for _ in range(count)] for _ in range(2)]
    offsets = [int(number) for number in generator.integers(0, 1 << min(bits, 30), 4)]
    gaps = [random_gaps(count, stalls, generator) for _ in range(3)]
    sums = [(values[0][k] + values[1][k] + offsets[k % rows % 4]) % (1 << bits) for k in range(count)]
    rtl = Rtl({"BITS": bits, "ROWS": rows}, (Memory("offset", bits, tuple(offsets)),))
    reads = [Given(bits, values[port], gaps[port]) for port in range(2)]
    return Instance("adder", rtl, reads, [Wanted(bits, count, gaps[2])]), sums


CASES = [(8, 4, 3, 0.0), (33, 5, 2, 0.0), (70, 4, 4, 0.3), (64, 8, 3, 0.6), (1, 3, 5, 0.5), (32, 1, 9, 0.2)]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    folder = tmp_path_factory.mktemp("bench")
    (folder / "adder.sv").write_text(ADDER)
    instances = [_instance(*case, seed=number)[0] for number, case in enumerate(CASES)]
    return Bench(folder).run(instances, sources=[folder / "adder.sv"])


@pytest.mark.parametrize("number", range(len(CASES)))
def test_words_and_cycles_are_those_of_the_model(found: list[Found], number: int) -> None:
    bits, rows, invocations, _ = CASES[number]
    instance, sums = _instance(*CASES[number], seed=number)
    assert found[number].writes[0].words == sums
    expected = predicted(_schedule(rows), instance, invocations=invocations)
    assert same_cycles(found[number], expected)
    assert found[number].writes[0].signed(bits) == [value - (1 << bits) * (value >> (bits - 1)) for value in sums]


def test_stalls_change_the_cycles(found: list[Found]) -> None:
    """Otherwise the comparison above would say nothing."""
    instance, _ = _instance(*CASES[3], seed=3)
    unstalled, _ = _instance(*CASES[3][:3], 0.0, seed=3)
    assert not same_cycles(found[3], predicted(_schedule(8), unstalled, invocations=3))
    for removed in range(3):
        ends = [*instance.reads, *instance.writes]
        ends[removed] = [*unstalled.reads, *unstalled.writes][removed]
        partly = Instance("adder", instance.rtl, ends[:2], ends[2:])
        assert not same_cycles(found[3], predicted(_schedule(8), partly, invocations=3))


def test_a_module_that_writes_too_little_is_named(tmp_path: Path) -> None:
    (tmp_path / "adder.sv").write_text(ADDER)
    instance, _ = _instance(8, 4, 2, 0.0, seed=1)
    short = Instance("adder", instance.rtl, instance.reads, [Wanted(8, 9)])
    with pytest.raises(AssertionError, match=r"instance 0 \(adder .*\): in0 8 of 8, in1 8 of 8, out0 8 of 9"):
        Bench(tmp_path).run([short], sources=[tmp_path / "adder.sv"])
