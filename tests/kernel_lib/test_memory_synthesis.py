"""Memories become what the resource model says, and products as many multipliers, where Yosys is told so."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.memories import buffer, rom, style
from inrarch.dataflow.tiles import dsp_tiles
from inrarch.hardware.synthesis.cells import Costs
from tests.kernel_lib.synthesising import run_yosys
from tests.targets import OF_FABRIC

ROMS = [(2, 5), (16, 10), (25, 40), (64, 24), (64, 100), (65, 36), (100, 18), (128, 18), (256, 8), (300, 40), (512, 37)]
BUFFERS = [(2, 72), (2, 6), (10, 50), (16, 18), (33, 14), (40, 108), (64, 36), (64, 108), (65, 36), (512, 37), (600, 9)]
PRODUCTS = [(18, 18), (24, 18), (18, 24), (27, 18), (24, 2), (2, 24), (24, 24), (27, 24), (32, 32)]


def instances(fabric: str) -> dict[str, tuple[str, Cost]]:
    """By name: an instance with its own ports, and what the model counts."""
    target, found = OF_FABRIC[fabric], {}
    for kind, shapes, cost in (("rom", ROMS, rom), ("buffer", BUFFERS, buffer)):
        for words, bits in shapes:
            says = cost(words, bits, target)
            text = f"inrarch_{kind} #(.WORDS({words}), .BITS({bits}), .STYLE({style(says)})"
            image = f', .FILE("{words}x{bits}.hex")' if kind == "rom" else ""
            found[f"{kind}_{words}x{bits}"] = (text + image + ")", says)
    wide, narrow = target.shape
    for a, b in PRODUCTS:
        text = f"inrarch_product #(.A_BITS({a}), .B_BITS({b}), .WIDE({wide}), .NARROW({narrow}))"
        found[f"product_{a}x{b}"] = (text, Cost(dsp=dsp_tiles(a, b, target.shape)))
    return found


def ports(name: str) -> dict[str, tuple[str, int]]:
    kind, _, shape = name.partition("_")
    first, second = map(int, shape.split("x"))
    place = max((first - 1).bit_length(), 1)
    if kind == "product":
        return {"a": ("input", first), "b": ("input", second), "out": ("output", first + second)}
    if kind == "rom":
        return {"address": ("input", place), "data": ("output", second)}
    read = {"read_place": ("input", place), "data": ("output", second)}
    return {"write": ("input", 1), "write_place": ("input", place), "in": ("input", second)} | read


def top(names: dict[str, tuple[str, Cost]]) -> str:
    """A module with all instances, joined to ports of their own."""
    declared, lines = ["input logic clk, enable"], []
    for name, (text, _) in names.items():
        joined = []
        for port, (way, bits) in ports(name).items():
            declared.append(f"{way} logic [{bits - 1}:0] {name}_{port}")
            joined.append(f".{port}({name}_{port})")
        lines.append(f"{text} {name} (.clk, .enable, {', '.join(joined)});")
    return f"module top({', '.join(declared)});\n" + "\n".join(lines) + "\nendmodule\n"


@pytest.mark.parametrize(
    "fabric",
    ["ultrascale_plus", pytest.param("xilinx_7", marks=pytest.mark.slow), pytest.param("ecp5", marks=pytest.mark.slow)],
)
def test_memories_and_products_are_made_of_what_the_model_says(fabric: str, tmp_path: Path) -> None:
    names = instances(fabric)
    for words, bits in ROMS:
        draw = random.Random(words)
        content = "".join(f"{draw.getrandbits(bits):x}\n" for _ in range(words))
        (tmp_path / f"{words}x{bits}.hex").write_text(content, encoding="utf-8")
    (tmp_path / "top.sv").write_text(top(names), encoding="utf-8")
    command = read_fabric(fabric_files()[fabric]).yosys
    run_yosys("pointwise", f"{command} -top top; write_json netlist.json", tmp_path)
    costs = Costs(json.loads((tmp_path / "netlist.json").read_text(encoding="utf-8"))["modules"])
    kinds = set()
    for name, (_, says) in names.items():
        found = costs.of_instance("top", name)
        assert (found.dsp, found.bram18) == (says.dsp, says.bram18), name
        kinds.add((name.partition("_")[0], says.bram18 > 0))
        if says.bram18:
            assert found.lut <= 2, name
        if says.dsp == 1 and OF_FABRIC[fabric].fabric.logic.packed:
            assert (found.lut, found.ff) == (0, 0), name  # all three registers are in the block
    assert {("rom", True), ("rom", False), ("buffer", True), ("buffer", False)} <= kinds
