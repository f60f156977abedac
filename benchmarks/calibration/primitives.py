"""The primitives that are synthesised, with what the resource model says of each.

Products of several tiles, tables and FIFOs are those of kernel_lib, and compared within whole designs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.calibration import verilog
from inrarch.dataflow import logic
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.memories import buffer, rom
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
    for a, b in ((16, 16), (18, 18)):
        yield _plain(f"product_{a}x{b}", verilog.product(a, b), lambda t, a=a, b=b: logic.product(a, b, t))
    for lanes, a, b, bits in ((4, 18, 18, 42),):

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
            lambda t, n=words, w=bits: rom(n, w, t),
        )
    for words, bits in ((16, 48), (32, 48), (64, 48), (128, 48), (512, 36), (1024, 72)):
        yield Primitive(
            f"buffer_{words}x{bits}",
            lambda block, n=words, w=bits: verilog.buffer(n, w, block=block),
            lambda t, n=words, w=bits: buffer(n, w, t),
        )


def _plain(name: str, text: str, model: Callable[[Target], Cost]) -> Primitive:
    return Primitive(name, lambda _: text, model)
