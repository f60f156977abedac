"""A reorder unit as SystemVerilog: parameters and program of `inrarch_reorder`."""

from __future__ import annotations

from dataclasses import dataclass

from inrarch.dataflow.kernels.reorder import LATENCY, tap_memory
from inrarch.dataflow.kernels.steps import turn
from inrarch.dataflow.memories import style
from inrarch.dataflow.target import Target
from inrarch.hardware.layout import Stream
from inrarch.hardware.reorders import ReorderUnit
from inrarch.hardware.rtl.module import Memory, Parameter, Rtl
from inrarch.hardware.rtl.wrapper import address_bits, literal

CONSTANT = -1
"""The input of a source that is constants."""


@dataclass(frozen=True, slots=True)
class _Code:
    """Where the codes of a number stand in a word of the program, and one per output token."""

    start: int
    operand_bits: int
    bits: int
    words: tuple[int, ...]


def reorder_rtl(built: ReorderUnit, streams: list[Stream], out: Stream, rows: int, target: Target) -> Rtl:
    """A unit between its streams. rows: of the batch."""
    codes = _codes(built)
    writes, width = len(built.codes), sum(code.bits for code in set(codes))
    words = tuple(sum(code.words[token] << code.start for code in set(codes)) for token in range(writes))
    begins = [sum(_numbers(stream) for stream in streams[:n]) for n in range(len(streams))]
    first, sources = [0], []
    for slot in built.slots:
        for memory, shift in zip(slot.taps, slot.shifts, strict=True):
            tap = built.taps[memory]
            place = begins[tap.input] + tap.lane * len(streams[tap.input].fields) + tap.field
            sources.append((tap.input, place, shift))
        if _has_constants(built, slot.column, len(slot.taps)):
            sources.append((CONSTANT, 0, 0))
        first.append(len(sources))
    parameters: dict[str, Parameter] = {
        "ROWS": rows,
        "STEP": built.step,
        "LAG": built.lag,
        "STAGES": _stages(built, rows),
        "BITS": built.data_bits,
        "INPUTS": max(len(streams), 1),
        "IN_NUMBERS": max(sum(map(_numbers, streams)), 1),
        "NUMBERS": _numbers(out),
        "WRITES": writes,
        "SOURCES": len(sources),
        "PROGRAM_BITS": width,
        "TOKENS": built.reads or (0,),
        "WIDTH": tuple(map(_numbers, streams)) or (1,),
        "STYLE": tuple(style(tap_memory(reads, built.data_bits, target)) for reads in built.reads) or (0,),
        "FIRST": tuple(first),
        "INPUT": tuple(source for source, _, _ in sources),
        "PLACE": tuple(place for _, place, _ in sources),
        "SHIFT": tuple(shift for _, _, shift in sources),
        "CODE": tuple(code.start for code in codes),
        "OPERAND_BITS": tuple(code.operand_bits for code in codes),
    }
    body = None if streams else _body_without_reads(parameters, out.bits, width, writes)
    program = Memory("program", width, words)
    return Rtl(parameters, (program,), body, reads=tuple(stream.name for stream in streams))


def _numbers(stream: Stream) -> int:
    return stream.lanes * len(stream.fields)


def _stages(built: ReorderUnit, rows: int) -> int:
    """One more than the stage of the last access."""
    writes = built.lag + turn(len(built.codes) - 1, len(built.codes), built.step) + LATENCY
    reads = [turn(count - 1, count, built.step) for count in built.reads]
    return (rows - 1) * built.step + max(writes, *reads, 0) + 1


def _has_constants(built: ReorderUnit, column: int, memories: int) -> bool:
    return any(word[column] >> built.address_bits == memories for word in built.codes)


def _codes(built: ReorderUnit) -> list[_Code]:
    """Of each number; numbers whose codes are equal share them."""
    found: dict[tuple[int, int, int], _Code] = {}
    start, codes = 0, []
    for slot in built.slots:
        memories = len(slot.taps)
        constants = _has_constants(built, slot.column, memories)
        places = [address_bits(built.reads[built.taps[tap].input]) for tap in slot.taps]
        operand_bits = max([*places, built.data_bits] if constants else places)
        key = (slot.column, memories, operand_bits)
        if key not in found:
            words = []
            for word in built.codes:
                source, operand = divmod(word[slot.column], 1 << built.address_bits)
                if source == memories:
                    operand = built.constants[operand] & ((1 << built.data_bits) - 1)
                words.append(source << operand_bits | operand)
            bits = operand_bits + (memories + constants - 1).bit_length()
            found[key] = _Code(start, operand_bits, bits, tuple(words))
            start += bits
        codes.append(found[key])
    return codes


def _body_without_reads(parameters: dict[str, Parameter], bits: int, width: int, writes: int) -> str:
    """The module of a unit of constants alone: the reads of `inrarch_reorder`, which it never makes, end in it."""
    listed = ",\n        ".join(f".{name}({literal(value)})" for name, value in parameters.items())
    return f"""// Constants, over and over. Generated by inrarch.
module @MODULE@ (
    input  logic clk,
    input  logic reset,
    output logic [{bits - 1}:0] out0_data,
    output logic out0_valid,
    input  logic out0_ready,
    output logic [{address_bits(writes) - 1}:0] program_address,
    output logic program_enable,
    input  logic [{width - 1}:0] program_data
);
    logic unread;
    inrarch_reorder #(
        {listed}
    ) process (
        .clk, .reset, .in_data('0), .in_valid(1'b0), .in_ready(unread),
        .out_data(out0_data), .out_valid(out0_valid), .out_ready(out0_ready),
        .program_address, .program_enable, .program_data
    );
    logic unused;
    assign unused = &{{1'b0, unread}};
endmodule
"""
