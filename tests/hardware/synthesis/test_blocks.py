"""Which registers of a netlist are those of a DSP48E2."""

from __future__ import annotations

from typing import Any

import pytest

from inrarch.dataflow.cost import Cost
from inrarch.hardware.synthesis.blocks import inner_registers
from inrarch.hardware.synthesis.cells import Costs, count

OUTPUTS = ("Q", "P", "O")


def cell(kind: str, registers: int = 0, **connections: list[int | str]) -> dict[str, Any]:
    ways = {port: "output" if port in OUTPUTS else "input" for port in connections}
    parameters = dict.fromkeys(("AREG", "BREG", "MREG", "PREG"), f"{registers:032b}")
    return {"type": kind, "connections": connections, "port_directions": ways, "parameters": parameters}


def flop(d: int, q: int, enable: int = 1, reset: int | str = "0") -> dict[str, Any]:
    return cell("FDRE", C=[0], CE=[enable], D=[d], Q=[q], R=[reset])


def netlist(**changes: dict[str, Any] | None) -> dict[str, Any]:
    """A product of 2 x 1 bits: inputs 10, 11 and 12; a register for each factor, the product and the result."""
    cells: dict[str, dict[str, Any] | None] = {
        "block": cell("DSP48E2", A=[20, 21, 21], B=[22, 22], P=[30, 31, 32], D=["0"]),
        "a0": flop(10, 20), "a1": flop(11, 21), "b0": flop(12, 22),
        "m0": flop(30, 40), "m1": flop(31, 41), "p0": flop(40, 50), "p1": flop(41, 51),
    }  # fmt: skip
    used = {name: each for name, each in (cells | changes).items() if each is not None}
    ports = {"out": {"direction": "output", "bits": [50, 51]}, "in": {"direction": "input", "bits": [10, 11, 12]}}
    return {"cells": used, "ports": ports}


def test_registers_of_factors_product_and_result_are_inside() -> None:
    assert inner_registers(netlist()) == Cost(ff=7)
    assert count(netlist()) == Cost(dsp=1)


@pytest.mark.parametrize(
    ("changes", "inside"),
    [
        ({"block": cell("DSP48E1", A=[20], B=[22], P=[30, 31])}, 0),
        ({"block": cell("DSP48E2", 1, A=[20, 21], B=[22], P=[30, 31])}, 0),  # the tool has used those of the block
        ({"other": cell("LUT1", I0=[21], O=[90])}, 5),  # a factor goes elsewhere, too
        ({"other": cell("LUT1", I0=[31], O=[90])}, 3),  # so does the product
        ({"other": cell("LUT1", I0=[41], O=[90])}, 5),  # or its register: the result's is another one
        ({"a1": flop(11, 21, enable=2)}, 5),
        ({"m0": flop(30, 40, reset=3)}, 3),
        ({"p1": flop(41, 51, enable=2)}, 5),
        ({"b0": None}, 6),  # a factor without a register
        ({"a2": flop(13, 10), "a3": flop(14, 11)}, 9),  # two in a row
        ({"a2": flop(13, 10), "a3": flop(14, 11), "a4": flop(15, 13), "a5": flop(16, 14)}, 9),  # no more than two
    ],
)
def test_registers_that_the_block_cannot_have(changes: dict[str, Any], inside: int) -> None:
    assert inner_registers(netlist(**changes)) == Cost(ff=inside)


def shift(words: int) -> dict[str, Any]:
    places = {f"A{number}": [str((words - 1) >> number & 1)] for number in range(4)}
    return cell("SRL16E", CLK=[0], CE=[1], D=[31], Q=[51], **places)


@pytest.mark.parametrize(("words", "inside"), [(2, Cost(lut=1, ff=5)), (3, Cost(lut=1, ff=4)), (4, Cost(ff=5))])
def test_a_shift_register_gives_its_first_words_to_the_block(words: int, inside: Cost) -> None:
    """Of a product whose low bit is registered twice: two words; a third one is a flip-flop."""
    assert inner_registers(netlist(m1=shift(words), p1=None)) == inside


def test_the_sum_over_a_hierarchy() -> None:
    product = {"type": "product", "connections": {}, "port_directions": {}, "parameters": {}}
    costs = Costs({"top": {"cells": {"u0": product, "u1": product}}, "product": netlist()})
    assert costs.of("top") == Cost(dsp=2)
    assert costs.inner_of("top") == Cost(ff=14)
