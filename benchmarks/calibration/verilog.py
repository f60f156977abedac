"""Parts of data paths as modules: those of kernel_lib, and a few that kernels write out."""

from __future__ import annotations

from collections.abc import Mapping


def adder(bits: int) -> str:
    """Sum of two signed numbers, one bit wider."""
    return _clocked(
        {"a": ("input signed", bits), "b": ("input signed", bits), "y": ("output reg signed", bits + 1)}, "y <= a + b;"
    )


def gated_adder(bits: int) -> str:
    """An accumulator that starts anew from a given value: y = (first ? bias : y) + x."""
    number = ("input signed", bits)
    ports = {"first": ("input", 1), "x": number, "bias": number, "y": ("output reg signed", bits)}
    return _clocked(ports, "y <= (first ? bias : y) + x;")


def multiplexer(ways: int, bits: int) -> str:
    """One of `ways` words."""
    ports = {
        "s": ("input", (ways - 1).bit_length()),
        "v": ("input", ways * bits),
        "y": ("output reg", bits),
    }
    return _clocked(ports, f"y <= v[s * {bits} +: {bits}];")


def dot(lanes: int, a: int, b: int, accumulator: int, shape: tuple[int, int]) -> str:
    """Products of `lanes` pairs, their sum in a tree with a register per level, added to an accumulator."""
    width = a + b
    ports = {
        "first": ("input", 1),
        "x": ("input", lanes * a),
        "w": ("input", lanes * b),
        "bias": ("input signed", accumulator),
        "y": ("output reg signed", accumulator),
    }
    products = "\n".join(
        f"inrarch_product #(.A_BITS({a}), .B_BITS({b}), .WIDE({shape[0]}), .NARROW({shape[1]})) product{lane} (.clk, "
        f".enable, .a(x[{lane * a} +: {a}]), .b(w[{lane * b} +: {b}]), .out(p[{lane * width} +: {width}]));"
        for lane in range(lanes)
    )
    tree = (
        f"inrarch_sum_tree #(.COUNT({lanes}), .BITS({width}), .OUT_BITS({accumulator})) tree "
        "(.clk, .enable, .in(p), .sum(s));"
    )
    declared = f"wire [{lanes * width - 1}:0] p; wire signed [{accumulator - 1}:0] s;\n{products}\n{tree}"
    return _clocked(ports, "y <= (first ? bias : y) + s;", declared)


def rounding(wide: int, shift: int, bits: int) -> str:
    """inrarch_round_stage with a register behind it."""
    ports = {"v": ("input signed", wide), "y": ("output reg signed", bits)}
    chosen = f".IN_BITS({wide}), .SHIFT({shift}), .OUT_BITS({bits})"
    declared = f"wire signed [{bits - 1}:0] r;\ninrarch_round_stage #({chosen}) part (.clk, .enable, .in(v), .out(r));"
    return _clocked(ports, "y <= r;", declared)


def library(module: str, parameters: Mapping[str, int | str], ports: Mapping[str, tuple[str, int]]) -> str:
    """An instance of a module of kernel_lib. ports: besides clk and enable, their direction and bits."""
    chosen = ", ".join(f".{key}({value})" for key, value in parameters.items())
    wires = "".join(f", .{name}" for name in ports)
    clocked = ".clk, .enable" if module != "inrarch_fifo" else ".clk, .reset(enable)"
    return _module(ports, f"{module} #({chosen}) part ({clocked}{wires});")


def _clocked(ports: Mapping[str, tuple[str, int]], steps: str, declared: str = "") -> str:
    return _module(ports, f"{declared}\nalways @(posedge clk) if (enable) begin {steps} end")


def _module(ports: Mapping[str, tuple[str, int]], body: str) -> str:
    """A module; its name is put in by the caller. Every port has a width, so that a top can be made of many."""
    listed = "".join(f", {way} [{bits - 1}:0] {name}" for name, (way, bits) in ports.items())
    return f"module NAME(input clk, input enable{listed});\n{body}\nendmodule\n"
