"""The primitives that are synthesised, with what the resource model says of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.calibration import verilog
from inrarch.dataflow import logic
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.memories import buffer, rom
from inrarch.dataflow.resources import fifo_cost
from inrarch.dataflow.target import Target


@dataclass(frozen=True, slots=True)
class Primitive:
    """source: Verilog of the module, by whether its memories are to be block RAM. model: what the model says."""

    name: str
    source: Callable[[bool], str]
    model: Callable[[Target], Cost]

    def verilog(self, target: Target) -> str:
        """The module; memories are of the kind that the model chooses, as generated hardware asks for it."""
        return self.source(self.model(target).bram18 > 0).replace("NAME", self.name)


def primitives() -> Iterator[Primitive]:
    """All of them."""
    for bits in (16, 24, 32, 48):
        yield _plain(f"adder_{bits}", verilog.adder(bits), lambda t, w=bits: logic.adder(w + 1, t))
    for bits in (24, 44, 48):
        yield _plain(f"accumulator_{bits}", verilog.gated_adder(bits), lambda t, w=bits: logic.gated_adder(w, t))
    for a, b in ((16, 16), (18, 18), (24, 18), (27, 18), (24, 24), (27, 24), (32, 32)):
        yield _plain(f"product_{a}x{b}", verilog.product(a, b), lambda t, a=a, b=b: logic.product(a, b, t))
    for lanes, a, b, bits in ((1, 24, 18, 48), (4, 24, 18, 48), (8, 24, 18, 48), (4, 18, 18, 42), (2, 24, 24, 52)):

        def lane(t: Target, lanes: int = lanes, a: int = a, b: int = b, bits: int = bits) -> Cost:
            tree = logic.adder_tree(lanes, a + b, t)
            return logic.product(a, b, t).times(lanes) + tree + logic.gated_adder(bits, t)

        yield _plain(f"macs_{lanes}x_{a}x{b}", verilog.dot(lanes, a, b, bits), lane)
    for wide, shift, bits in ((44, 15, 24), (40, 16, 18), (51, 20, 27)):
        yield _plain(
            f"rounding_{wide}_to_{bits}",
            verilog.rounding(wide, shift, bits),
            lambda t, w=wide, s=shift, b=bits: logic.rounding(w, s, b, t),
        )
    for ways in (2, 4, 5, 8, 16):
        yield _plain(
            f"multiplexer_{ways}", verilog.multiplexer(ways, 24), lambda t, n=ways: logic.multiplexer(n, 24, t)
        )
    for words, bits in ((16, 24), (64, 24), (128, 24), (256, 8), (256, 54), (512, 36), (1024, 72), (2048, 18)):
        yield Primitive(
            f"rom_{words}x{bits}",
            lambda block, n=words, w=bits: verilog.rom(n, w, block=block),
            lambda t, n=words, w=bits: _registered(rom(n, w, t), w),
        )
    for words, bits in ((16, 48), (32, 48), (64, 48), (128, 48), (512, 36), (1024, 72)):
        yield Primitive(
            f"buffer_{words}x{bits}",
            lambda block, n=words, w=bits: verilog.buffer(n, w, block=block),
            lambda t, n=words, w=bits: _registered(buffer(n, w, t), w),
        )
    for bits in (24, 48, 144):
        yield _plain(f"fifo_2x{bits}", verilog.shift_fifo(2, bits), lambda _, w=bits: fifo_cost(w))
    yield _plain(
        "sum_24", verilog.aligned_sum(24, 4, 24, 4), lambda t: logic.adder(29, t) + logic.rounding(29, 4, 24, t)
    )
    yield _plain(
        "sum_18", verilog.aligned_sum(18, 3, 18, 3), lambda t: logic.adder(22, t) + logic.rounding(22, 3, 18, t)
    )
    for a, b, shift in ((24, 18, 18), (24, 24, 22)):
        yield _plain(
            f"multiply_{a}x{b}",
            verilog.scaled_product(a, b, shift, 24),
            lambda t, a=a, b=b, s=shift: logic.product(a, b, t, s) + logic.rounding(a + b, s, 24, t),
        )
    for words in (64, 512):

        def core(t: Target, words: int = words) -> Cost:
            return logic.polynomial(words, 15, (28, 20, 12), t) + logic.rounding(29, 4, 24, t)

        yield Primitive(
            f"polynomial_{words}",
            lambda block, n=words: verilog.polynomial(n, 14, (28, 20, 12), 29, 4, 24, block=block),
            core,
        )


def _plain(name: str, text: str, model: Callable[[Target], Cost]) -> Primitive:
    return Primitive(name, lambda _: text, model)


def _registered(memory: Cost, bits: int) -> Cost:
    """Memory in LUTs with a register behind it; blocks have their own."""
    return memory + Cost(ff=bits if memory.lut else 0)
