"""The parts that are synthesised, with what the resource model says of each."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.calibration import verilog
from benchmarks.calibration.verilog import Module, inputs, outputs
from inrarch.dataflow import logic
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.function_cost import polynomial, table_cost
from inrarch.dataflow.memories import FIFO_LUT_WORDS, buffer, rom, style
from inrarch.dataflow.resources import factor_cost, fifo_cost, operation_cost
from inrarch.dataflow.target import Target
from inrarch.hardware.operators_sv import operator_module
from inrarch.hardware.region import Instruction
from inrarch.hardware.rtl.module import Image
from inrarch.hardware.rtl.text import multiplier, text
from inrarch.hardware.tables_sv import function_lines, function_modules
from inrarch.numeric.formats import Factor, Format
from inrarch.numeric.reductions import Table
from inrarch.numeric.tables import build_table

DATA, FINER, SHORT, TRUTH = Format(24, 18), Format(24, 22), Format(18, 12), Format(1, 0)


@dataclass(frozen=True, slots=True)
class Primitive:
    """module: for a target, as memories and multipliers depend on it. model: what the model says."""

    name: str
    module: Callable[[Target], Module]
    model: Callable[[Target], Cost]


def primitives() -> Iterator[Primitive]:
    """All of them."""
    yield from _sums()
    yield from _products()
    yield from _memories()
    yield from _streams()
    yield from _operators()
    yield from _tables()


def _sums() -> Iterator[Primitive]:
    for bits in (16, 24, 32, 48):
        yield Primitive(f"adder_{bits}", lambda _, w=bits: verilog.adder(w), lambda t, w=bits: logic.adder(w + 1, t))
    for bits in (24, 44, 48):
        yield Primitive(
            f"accumulator_{bits}", lambda _, w=bits: verilog.gated_adder(w), lambda t, w=bits: logic.gated_adder(w, t)
        )
    for wide, shift, bits in ((44, 15, 24), (40, 16, 18), (51, 20, 27)):
        yield Primitive(
            f"rounding_{wide}_to_{bits}",
            lambda _, w=wide, s=shift, b=bits: verilog.rounding(w, s, b),
            lambda t, w=wide, s=shift, b=bits: logic.rounding(w, s, b, t),
        )
    for ways in (2, 4, 5, 8, 16):
        yield Primitive(
            f"multiplexer_{ways}",
            lambda _, n=ways: verilog.multiplexer(n, 24),
            lambda t, n=ways: logic.multiplexer(n, 24, t),
        )


def _products() -> Iterator[Primitive]:
    for a, b in ((16, 16), (18, 18), (24, 18), (27, 18), (24, 2), (24, 24), (27, 24), (32, 32), (40, 40)):
        ports = inputs(a=a, b=b) | outputs(out=a + b)
        yield Primitive(
            f"product_{a}x{b}",
            lambda t, a=a, b=b, p=ports: verilog.library(
                "inrarch_product", {"A_BITS": a, "B_BITS": b, **multiplier(t)}, p
            ),
            lambda t, a=a, b=b: logic.product(a, b, t),
        )
    for lanes, a, b, bits in ((1, 24, 18, 48), (3, 18, 18, 42), (4, 18, 18, 42), (8, 24, 18, 48), (2, 24, 24, 52)):

        def model(t: Target, lanes: int = lanes, a: int = a, b: int = b, bits: int = bits) -> Cost:
            tree = logic.adder_tree(lanes, a + b, t)
            return logic.product(a, b, t).times(lanes) + tree + logic.gated_adder(bits, t)

        yield Primitive(
            f"macs_{lanes}x_{a}x{b}",
            lambda t, n=lanes, a=a, b=b, w=bits: verilog.macs(n, a, b, w, multiplier(t)),
            model,
        )


def _memories() -> Iterator[Primitive]:
    for words, bits in ((16, 24), (64, 24), (128, 24), (256, 8), (256, 54), (512, 36), (1024, 72), (2048, 18)):
        name = f"rom_{words}x{bits}"

        def filled(t: Target, name: str = name, words: int = words, bits: int = bits) -> Module:
            draw = random.Random(words * 1000 + bits)
            image = Image(bits, tuple(draw.getrandbits(bits) for _ in range(words)))
            chosen = {"WORDS": words, "BITS": bits, "FILE": text(f"{name}.mem"), "STYLE": style(rom(words, bits, t))}
            ports = inputs(address=(words - 1).bit_length()) | outputs(data=bits)
            return verilog.library("inrarch_rom", chosen, ports, images={f"{name}.mem": image})

        yield Primitive(name, filled, lambda t, n=words, w=bits: rom(n, w, t))
    for words, bits in ((16, 48), (32, 48), (64, 48), (128, 48), (512, 36), (1024, 72)):
        place = (words - 1).bit_length()
        ports = inputs(**{"write": 1, "write_place": place, "read_place": place, "in": bits}) | outputs(data=bits)
        yield Primitive(
            f"buffer_{words}x{bits}",
            lambda t, n=words, w=bits, p=ports: verilog.library(
                "inrarch_buffer", {"WORDS": n, "BITS": w, "STYLE": style(buffer(n, w, t))}, p
            ),
            lambda t, n=words, w=bits: buffer(n, w, t),
        )


def _streams() -> Iterator[Primitive]:
    for depth, bits in ((2, 24), (2, 48), (2, 144), (16, 48), (32, 48), (512, 36)):
        ports = inputs(reset=1, in_data=bits, in_valid=1, out_ready=1)
        ports = dict(ports) | outputs(in_ready=1, out_data=bits, out_valid=1)
        chosen = {"BITS": bits, "DEPTH": depth}
        chosen |= {"LATENCY": 1 if depth <= 2 else 2, "STYLE": 2 if depth > FIFO_LUT_WORDS else 1}
        yield Primitive(
            f"fifo_{depth}x{bits}",
            lambda _, c=chosen, p=ports: verilog.library("inrarch_fifo", c, p, clocked={"clk": "clk"}),
            lambda t, w=bits, n=depth: fifo_cost(w, t, n),
        )
    for cycles in (2, 7, 20, 40):
        ports = {"in": ("input", 24), "out": ("output", 24)}
        yield Primitive(
            f"delay_{cycles}x24",
            lambda _, n=cycles, p=ports: verilog.library("inrarch_delay", {"BITS": 24, "CYCLES": n}, p),
            lambda t, n=cycles: logic.delay(24, n, t),
        )
    kept = inputs(taken=1, in_data=48) | outputs(data=48)
    yield Primitive(
        "taken_48",
        lambda _: verilog.library("inrarch_taken", {"BITS": 48}, kept, clocked={"clk": "clk"}),
        lambda _: logic.taken(48),
    )


def _operators() -> Iterator[Primitive]:
    """Pointwise operators. Operands of a sum have different binary points."""
    yield _operator("add_24", "Add", (DATA, FINER), DATA)
    yield _operator("add_18", "Add", (SHORT, Format(18, 16)), Format(18, 10))
    yield _operator("subtract_24", "Sub", (DATA, DATA), DATA)
    yield _operator("multiply_24x18", "Mul", (DATA, Format(18, 16)), DATA)
    yield _operator("multiply_24x24", "Mul", (DATA, FINER), DATA)
    yield _operator("multiply_24x24_to_18", "Mul", (DATA, FINER), DATA, Factor(1, Format(18, 16)))
    yield _operator("negate_24", "Neg", (DATA,), DATA)
    yield _operator("magnitude_24", "Abs", (DATA,), DATA)
    yield _operator("relu_24", "Relu", (FINER,), DATA)
    yield _operator("where_24", "Where", (TRUTH, DATA, DATA), DATA)
    yield _operator("greater_24", "Greater", (DATA, DATA), None)


def _operator(
    name: str, operator: str, given: Sequence[Format], result: Format | None, factor: Factor | None = None
) -> Primitive:
    def module(t: Target) -> Module:
        wires = tuple(f"x{place}" for place in range(len(given)))
        found = operator_module(Instruction(operator, "y", result, wires, None, factor), given, t)
        ports = {port: ("input", each.bits) for port, each in zip(found.ports, given, strict=True)}
        return verilog.library(found.module, found.parameters, ports | outputs(out=(result or TRUTH).bits))

    def model(t: Target) -> Cost:
        taken = list(given)
        if factor is not None:
            taken[factor.operand] = factor.format
        front = [factor_cost(before.bits, after.bits, t) for before, after in zip(given, taken, strict=True)]
        return sum(front, operation_cost(operator, taken, result or TRUTH, t))

    return Primitive(name, module, model)


def _tables() -> Iterator[Primitive]:
    """The polynomial core of a sine, and whole functions of each kind of range reduction."""
    for bits in (16, 24):
        sine = build_table("sin", Format(bits, bits - 7), Format(bits, bits - 2))

        def core(t: Target, table: Table = sine) -> Module:
            found = function_modules(table, t)
            ports = inputs(t=found.argument_bits) | outputs(sum=found.sum_bits)
            return verilog.library("inrarch_polynomial", found.core, ports, images=found.images)

        yield Primitive(
            f"polynomial_{len(sine.core.c0)}_{bits}",
            core,
            lambda t, c=sine.core: polynomial(c, t),
        )
    for function in ("sin", "sigmoid", "softplus", "exp", "tanh", "reciprocal", "sqrt"):
        built = build_table(function, Format(24, 17), Format(24, 20))

        def whole(t: Target, table: Table = built) -> Module:
            images: dict[str, Image] = {}
            lines = function_lines(table, "f", "x", "y", images, t)
            return Module(inputs(x=24) | outputs(y=24), "\n".join(lines), images)

        yield Primitive(f"{function}_24", whole, lambda t, table=built: table_cost(table, t))
