"""The primitives that are synthesised, with what the resource model says of each."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.calibration import verilog
from inrarch.dataflow import logic
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.memories import buffer, rom, style
from inrarch.dataflow.resources import fifo_cost, operation_cost
from inrarch.dataflow.target import Target
from inrarch.numeric.formats import Format

FACTOR, DATA = Format(18, 16), Format(24, 18)


@dataclass(frozen=True, slots=True)
class Primitive:
    """text: of the module, named NAME. model: what the model says. image: words of the file <name>.hex, of `bits`."""

    name: str
    text: Callable[[Target], str]
    model: Callable[[Target], Cost]
    image: tuple[int, int] | None = None

    def verilog(self, target: Target) -> str:
        """The module; memories are of the kind that the model chooses, as generated hardware asks for it."""
        return self.text(target).replace("NAME", self.name)

    def content(self) -> str:
        """Random words in hexadecimal."""
        words, bits = self.image or (0, 0)
        draw = random.Random(words * 1000 + bits)
        return "".join(f"{draw.getrandbits(bits):x}\n" for _ in range(words))


def primitives() -> Iterator[Primitive]:
    """All of them."""
    yield from _sums()
    yield from _products()
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
    yield from _memories()
    for bits in (24, 48, 144):
        ports = {"in_data": ("input", bits), "in_valid": ("input", 1), "in_ready": ("output", 1)}
        ports |= {"out_data": ("output", bits), "out_valid": ("output", 1), "out_ready": ("input", 1)}
        yield Primitive(
            f"fifo_2x{bits}",
            lambda _, w=bits, p=ports: verilog.library("inrarch_fifo", {"BITS": w, "DEPTH": 2}, p),
            lambda t, w=bits: fifo_cost(w, t),
        )


def _sums() -> Iterator[Primitive]:
    for bits in (16, 24, 32, 48):
        yield Primitive(f"adder_{bits}", lambda _, w=bits: verilog.adder(w), lambda t, w=bits: logic.adder(w + 1, t))
    for bits in (24, 44, 48):
        yield Primitive(
            f"accumulator_{bits}", lambda _, w=bits: verilog.gated_adder(w), lambda t, w=bits: logic.gated_adder(w, t)
        )
    for given, result in ((DATA, DATA), (Format(18, 12), Format(18, 10))):
        bits = given.bits
        parameters = {"A_BITS": bits, "B_BITS": bits, "B_SHIFT": 4, "SHIFT": given.frac + 4 - result.frac}
        ports = {"a": ("input", bits), "b": ("input", bits), "out": ("output", bits)}
        other = Format(bits, given.frac + 4)
        yield Primitive(
            f"sum_{bits}",
            lambda _, p=parameters, w=ports, b=bits: verilog.library("inrarch_add", p | {"OUT_BITS": b}, w),
            lambda t, g=other, h=given, r=result: operation_cost("Add", [g, h], r, t),
        )


def _products() -> Iterator[Primitive]:
    for a, b in ((16, 16), (18, 18), (24, 18), (27, 18), (24, 2), (24, 24), (27, 24), (32, 32)):
        ports = {"a": ("input", a), "b": ("input", b), "out": ("output", a + b)}
        yield Primitive(
            f"product_{a}x{b}",
            lambda t, a=a, b=b, p=ports: verilog.library("inrarch_product", {"A_BITS": a, "B_BITS": b} | _shape(t), p),
            lambda t, a=a, b=b: logic.product(a, b, t),
        )
    for lanes, a, b, bits in ((1, 24, 18, 48), (4, 24, 18, 48), (8, 24, 18, 48), (4, 18, 18, 42), (2, 24, 24, 52)):

        def lane(t: Target, lanes: int = lanes, a: int = a, b: int = b, bits: int = bits) -> Cost:
            tree = logic.adder_tree(lanes, a + b, t)
            return logic.product(a, b, t).times(lanes) + tree + logic.gated_adder(bits, t)

        yield Primitive(
            f"macs_{lanes}x_{a}x{b}",
            lambda t, n=lanes, a=a, b=b, w=bits: verilog.dot(n, a, b, w, t.shape),
            lane,
        )
    for other in (FACTOR, DATA):
        ports = {"a": ("input", 24), "b": ("input", other.bits), "out": ("output", 24)}
        parameters = {"A_BITS": 24, "B_BITS": other.bits, "SHIFT": other.frac, "OUT_BITS": 24}
        yield Primitive(
            f"multiply_24x{other.bits}",
            lambda t, p=parameters, w=ports: verilog.library("inrarch_multiply", p | _shape(t), w),
            lambda t, o=other: operation_cost("Mul", [DATA, o], DATA, t),
        )
    for words in (64, 512):
        yield _polynomial(words)


def _polynomial(words: int) -> Primitive:
    """A segment is found by the upper bits of 15 + log2(words) bits; degree 2 on the 15 below."""
    place, widths = (words - 1).bit_length(), (28, 20, 12)
    chosen = {"REST_BITS": 15 + place, "SHIFT": place, "SLOPE_SHIFT": 8, "RESULT_SHIFT": 8, "SEGMENTS": words}
    chosen |= {"DROP_BITS": place, "C0_BITS": 28, "C1_BITS": 20, "C2_BITS": 12, "SUM_BITS": 37}
    ports = {"t": ("input", 15 + place), "sum": ("output", 37)}

    def text(target: Target) -> str:
        memory = {"STYLE": style(rom(words, sum(widths), target)), "FILE": f'"polynomial_{words}.hex"'}
        return verilog.library("inrarch_polynomial", chosen | _shape(target) | memory, ports)

    return Primitive(
        f"polynomial_{words}",
        text,
        lambda t: logic.polynomial(words, 15, widths, t),
        (words, sum(widths)),
    )


def _memories() -> Iterator[Primitive]:
    for words, bits in ((16, 24), (64, 24), (128, 24), (256, 8), (256, 54), (512, 36), (1024, 72), (2048, 18)):
        ports = {"address": ("input", (words - 1).bit_length()), "data": ("output", bits)}

        def text(t: Target, words: int = words, bits: int = bits, ports: dict[str, tuple[str, int]] = ports) -> str:
            chosen = {"WORDS": words, "BITS": bits, "STYLE": style(rom(words, bits, t))}
            return verilog.library("inrarch_rom", chosen | {"FILE": f'"rom_{words}x{bits}.hex"'}, ports)

        yield Primitive(f"rom_{words}x{bits}", text, lambda t, n=words, w=bits: rom(n, w, t), (words, bits))
    for words, bits in ((16, 48), (32, 48), (64, 48), (128, 48), (512, 36), (1024, 72)):
        place = ("input", (words - 1).bit_length())
        ports = {"write": ("input", 1), "write_place": place, "read_place": place}
        ports |= {"in": ("input", bits), "data": ("output", bits)}
        yield Primitive(
            f"buffer_{words}x{bits}",
            lambda t, n=words, w=bits, p=ports: verilog.library(
                "inrarch_buffer", {"WORDS": n, "BITS": w, "STYLE": style(buffer(n, w, t))}, p
            ),
            lambda t, n=words, w=bits: buffer(n, w, t),
        )


def _shape(target: Target) -> dict[str, int]:
    return {"WIDE": target.shape[0], "NARROW": target.shape[1]}
