"""Verilog of the parts that kernels are made of, one module each; every result is registered, as in a pipeline."""

from __future__ import annotations

import random


def adder(bits: int) -> str:
    """Sum of two signed numbers, one bit wider."""
    return _module(
        f"input signed [{bits - 1}:0] a, b, output reg signed [{bits}:0] y",
        "y <= a + b;",
    )


def gated_adder(bits: int) -> str:
    """An accumulator that starts anew from a given value: y = (first ? bias : y) + x."""
    return _module(
        f"input first, input signed [{bits - 1}:0] x, bias, output reg signed [{bits - 1}:0] y",
        "y <= (first ? bias : y) + x;",
    )


def product(a: int, b: int) -> str:
    """A product with all registers that a multiplier block has: inputs, product, result."""
    return _module(
        f"input signed [{a - 1}:0] x, input signed [{b - 1}:0] w, output reg signed [{a + b - 1}:0] y",
        "xr <= x; wr <= w; m <= xr * wr; y <= m;",
        f"reg signed [{a - 1}:0] xr; reg signed [{b - 1}:0] wr; reg signed [{a + b - 1}:0] m;",
    )


def dot(lanes: int, a: int, b: int, accumulator: int) -> str:
    """Products of `lanes` pairs, their sum in a tree with a register per level, added to an accumulator."""
    width, declared, steps, names = a + b, [], [], []
    for lane in range(lanes):
        declared.append(f"reg signed [{a - 1}:0] x{lane}; reg signed [{b - 1}:0] w{lane};")
        declared.append(f"reg signed [{width - 1}:0] p{lane}, q{lane};")
        steps.append(
            f"x{lane} <= x[{lane * a} +: {a}]; w{lane} <= w[{lane * b} +: {b}]; "
            f"p{lane} <= x{lane} * w{lane}; q{lane} <= p{lane};"
        )
        names.append(f"q{lane}")
    level = 0
    while len(names) > 1:
        width += 1
        sums = []
        for pair in range(0, len(names), 2):
            name = f"s{level}_{pair // 2}"
            declared.append(f"reg signed [{width - 1}:0] {name};")
            steps.append(f"{name} <= {' + '.join(names[pair : pair + 2])};")
            sums.append(name)
        names, level = sums, level + 1
    steps.append(f"y <= (first ? bias : y) + {names[0]};")
    return _module(
        f"input first, input [{lanes * a - 1}:0] x, input [{lanes * b - 1}:0] w, "
        f"input signed [{accumulator - 1}:0] bias, output reg signed [{accumulator - 1}:0] y",
        " ".join(steps),
        " ".join(declared),
    )


def rounding(bits: int, shift: int, result: int) -> str:
    """floor(v / 2^shift + 1/2), registered, then clipped to `result` bits."""
    wide = bits - shift + 1
    return _module(
        f"input signed [{bits - 1}:0] v, output reg signed [{result - 1}:0] y",
        f"r <= $signed(v[{bits - 1}:{shift}]) + $signed({{1'b0, v[{shift - 1}]}}); {_clip('r', wide, result)}",
        f"reg signed [{wide - 1}:0] r;",
    )


def multiplexer(ways: int, bits: int) -> str:
    """One of `ways` words."""
    return _module(
        f"input [{(ways - 1).bit_length() - 1}:0] s, input [{ways * bits - 1}:0] v, output reg [{bits - 1}:0] y",
        f"y <= v[s * {bits} +: {bits}];",
    )


def rom(words: int, bits: int, *, block: bool) -> str:
    """A read-only memory of random words."""
    draw = random.Random(words * 1000 + bits)
    filled = " ".join(f"memory[{word}] = {bits}'h{draw.getrandbits(bits):x};" for word in range(words))
    return _module(
        f"input [{(words - 1).bit_length() - 1}:0] a, output reg [{bits - 1}:0] y",
        "y <= memory[a];",
        f"{_style(block)} reg [{bits - 1}:0] memory [0:{words - 1}]; initial begin {filled} end",
    )


def buffer(words: int, bits: int, *, block: bool) -> str:
    """A memory with one write and one read port."""
    address = (words - 1).bit_length() - 1
    return _module(
        f"input e, input [{address}:0] i, o, input [{bits - 1}:0] x, output reg [{bits - 1}:0] y",
        "if (e) memory[i] <= x; y <= memory[o];",
        f"(* no_rw_check *) {_style(block)} reg [{bits - 1}:0] memory [0:{words - 1}];",
    )


def _style(block: bool) -> str:
    return '(* ram_style = "block", rom_style = "block" *)' if block else ""


def _clip(name: str, wide: int, bits: int) -> str:
    if wide <= bits:
        return f"y <= {name};"
    top = f"{name}[{wide - 1}:{bits - 1}]"
    sign = f"{name}[{wide - 1}]"
    return f"y <= ({top} == 0 || &{top}) ? {name}[{bits - 1}:0] : {{{sign}, {{{bits - 1}{{!{sign}}}}}}};"


def _module(ports: str, steps: str, declared: str = "") -> str:
    """A clocked module; its name is put in by the caller."""
    return f"module NAME(input clk, {ports});\n{declared}\nalways @(posedge clk) begin {steps} end\nendmodule\n"
