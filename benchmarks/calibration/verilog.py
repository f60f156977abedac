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


def shift_fifo(words: int, bits: int) -> str:
    """A FIFO in shift registers, one per bit: a word enters at the front, the oldest is read at the count."""
    count = words.bit_length()
    address = max((words - 1).bit_length(), 1)
    lines = "".join(f"reg [{words - 1}:0] line{bit}; assign y[{bit}] = line{bit}[at];\n" for bit in range(bits))
    shifts = " ".join(f"line{bit} <= {{line{bit}[{words - 2}:0], x[{bit}]}};" for bit in range(bits))
    return _module(
        f"input push, pop, input [{bits - 1}:0] x, output [{bits - 1}:0] y, output reg full, valid",
        f"""if (push) begin {shifts} end
        if (push && !pop) begin
        count <= count + 1; valid <= 1; full <= count == {words - 1}; at <= count[{address - 1}:0]; end
        if (pop && !push) begin
        count <= count - 1; valid <= count != 1; full <= 0; at <= count[{address - 1}:0] - 2; end""",
        f"{lines} reg [{count - 1}:0] count; reg [{address - 1}:0] at; "
        "initial begin count = 0; at = 0; full = 0; valid = 0; end",
    )


def aligned_sum(a: int, left: int, result: int, shift: int) -> str:
    """x * 2^left + z, rounded by `shift` bits and clipped: a pointwise addition of two formats."""
    wide = a + left + 1
    return _module(
        f"input signed [{a - 1}:0] x, z, output reg signed [{result - 1}:0] y",
        f"s <= (x <<< {left}) + z; r <= $signed(s[{wide - 1}:{shift}]) + $signed({{1'b0, s[{shift - 1}]}}); "
        + _clip("r", wide - shift + 1, result),
        f"reg signed [{wide - 1}:0] s; reg signed [{wide - shift}:0] r;",
    )


def scaled_product(a: int, b: int, shift: int, result: int) -> str:
    """A product, rounded by `shift` bits and clipped: a pointwise multiplication."""
    wide = a + b - shift + 1
    return _module(
        f"input signed [{a - 1}:0] x, input signed [{b - 1}:0] w, output reg signed [{result - 1}:0] y",
        f"xr <= x; wr <= w; m <= xr * wr; p <= m; "
        f"r <= $signed(p[{a + b - 1}:{shift}]) + $signed({{1'b0, p[{shift - 1}]}}); " + _clip("r", wide, result),
        f"reg signed [{a - 1}:0] xr; reg signed [{b - 1}:0] wr; reg signed [{a + b - 1}:0] m, p; "
        f"reg signed [{wide - 1}:0] r;",
    )


def polynomial(
    words: int, offset: int, widths: tuple[int, int, int], total: int, shift: int, result: int, *, block: bool
) -> str:
    """A function table's core: coefficients by the high bits of the argument, (c2 t + c1) t + c0 by the low ones.

    The memory has a read and an output register, a product three stages, a sum one, rounding and clipping one each.
    """
    c0, c1, c2 = widths
    region, line = (words - 1).bit_length(), c0 + c1 + c2
    draw = random.Random(words)
    filled = " ".join(f"memory[{word}] = {line}'h{draw.getrandbits(line):x};" for word in range(words))
    slope = max(c1, c2 + offset - 8) + 1
    delays = {"t": 10, "k1": 4, "k0": 9}
    widths = {"t": offset, "k1": c1, "k0": c0}
    declared = "".join(
        f"reg signed [{widths[name] - 1}:0] {name}_{stage};\n" for name in delays for stage in range(delays[name])
    )
    moved = " ".join(f"{name}_{stage} <= {name}_{stage - 1};" for name in delays for stage in range(1, delays[name]))
    return _module(
        f"input [{region + offset - 1}:0] v, output reg signed [{result - 1}:0] y",
        f"""w <= memory[v[{region + offset - 1}:{offset}]]; w2 <= w; t_0 <= v[{offset - 1}:0]; {moved}
        k0_0 <= w2[{c0 - 1}:0]; k1_0 <= w2[{c0 + c1 - 1}:{c0}];
        a0 <= $signed(w2[{line - 1}:{c0 + c1}]); b0 <= $signed({{1'b0, t_1}}); m0 <= a0 * b0; p0 <= m0;
        s0 <= k1_3 + $signed(p0[{c2 + offset}:8]);
        a1 <= s0; b1 <= $signed({{1'b0, t_5}}); m1 <= a1 * b1; p1 <= m1;
        s1 <= k0_7 + $signed(p1[{slope + offset}:8]);
        r <= $signed(s1[{total - 1}:{shift}]) + $signed({{1'b0, s1[{shift - 1}]}}); """
        + _clip("r", total - shift + 1, result),
        f"{_style(block)} reg [{line - 1}:0] memory [0:{words - 1}]; initial begin {filled} end\n{declared}"
        f"reg [{line - 1}:0] w, w2; reg signed [{c2 - 1}:0] a0; reg signed [{offset}:0] b0, b1;"
        f"reg signed [{c2 + offset}:0] m0, p0; reg signed [{slope - 1}:0] s0, a1;"
        f"reg signed [{slope + offset}:0] m1, p1; reg signed [{total - 1}:0] s1; reg signed [{total - shift}:0] r;",
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
