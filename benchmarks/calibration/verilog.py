"""Modules that are synthesised: instances of those of kernel_lib, and a few parts that kernels write out.

All have the ports clk and advance besides their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inrarch.hardware.rtl.module import Image
from inrarch.hardware.rtl.text import CLOCKED, instance

Ports = Mapping[str, tuple[str, int]]
"""Direction and bits by name."""


@dataclass(frozen=True, slots=True)
class Module:
    """ports: besides clk and advance. images: by file name, the memories that it reads."""

    ports: Ports
    body: str
    images: Mapping[str, Image] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The module under this name."""
        listed = "".join(f", {way} logic [{bits - 1}:0] {port}" for port, (way, bits) in self.ports.items())
        return f"module {name}(input logic clk, input logic advance{listed});\n{self.body}\nendmodule\n"


def inputs(**bits: int) -> Ports:
    """Input ports."""
    return {name: ("input", of) for name, of in bits.items()}


def outputs(**bits: int) -> Ports:
    """Output ports."""
    return {name: ("output", of) for name, of in bits.items()}


def library(
    module: str,
    parameters: Mapping[str, int | str],
    ports: Ports,
    *,
    clocked: Mapping[str, str] | None = None,
    images: Mapping[str, Image] | None = None,
) -> Module:
    """An instance of a module of kernel_lib. ports: its own. clocked: its other ones."""
    wires = dict(CLOCKED if clocked is None else clocked) | {name: name for name in ports}
    return Module(ports, "\n".join(instance(module, "part", parameters, wires)), images or {})


def adder(bits: int) -> Module:
    """Sum of two signed numbers, one bit wider."""
    ports = inputs(a=bits, b=bits) | outputs(y=bits + 1)
    return _clocked(ports, f"y <= {bits + 1}'($signed(a)) + {bits + 1}'($signed(b));")


def gated_adder(bits: int) -> Module:
    """An accumulator that starts anew from a given value: y = (first ? bias : y) + x."""
    return _clocked(inputs(first=1, x=bits, bias=bits) | outputs(y=bits), "y <= (first ? bias : y) + x;")


def multiplexer(ways: int, bits: int) -> Module:
    """One of `ways` words."""
    ports = inputs(s=(ways - 1).bit_length(), v=ways * bits) | outputs(y=bits)
    return _clocked(ports, f"y <= v[s * {bits} +: {bits}];")


def macs(lanes: int, a: int, b: int, accumulator: int, multiplier: Mapping[str, int | str]) -> Module:
    """Products of `lanes` pairs, their sum in a tree with a register per level, added to an accumulator."""
    width, lines = a + b, []
    for lane in range(lanes):
        wires = {
            "a": f"x[{lane * a} +: {a}]",
            "b": f"w[{lane * b} +: {b}]",
            "out": f"products[{lane * width} +: {width}]",
        }
        parameters = {"A_BITS": a, "B_BITS": b, **multiplier}
        lines += instance("inrarch_product", f"product{lane}", parameters, CLOCKED | wires)
    tree = {"COUNT": lanes, "BITS": width, "OUT_BITS": accumulator}
    lines += instance("inrarch_sum_tree", "tree", tree, CLOCKED | {"in": "products", "sum": "sum"})
    declared = f"logic [{lanes * width - 1}:0] products; logic [{accumulator - 1}:0] sum;"
    ports = inputs(first=1, x=lanes * a, w=lanes * b, bias=accumulator) | outputs(y=accumulator)
    return _clocked(ports, "y <= (first ? bias : y) + sum;", "\n".join([declared, *lines]))


def rounding(wide: int, shift: int, bits: int) -> Module:
    """inrarch_round_stage with a register behind it."""
    parameters = {"IN_BITS": wide, "SHIFT": shift, "OUT_BITS": bits}
    part = instance("inrarch_round_stage", "part", parameters, CLOCKED | {"in": "v", "out": "r"})
    declared = f"logic [{bits - 1}:0] r;"
    return _clocked(inputs(v=wide) | outputs(y=bits), "y <= r;", "\n".join([declared, *part]))


def _clocked(ports: Ports, steps: str, declared: str = "") -> Module:
    return Module(ports, f"{declared}\nalways_ff @(posedge clk) if (advance) begin {steps} end")
