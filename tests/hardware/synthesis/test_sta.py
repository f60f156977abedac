"""Yosys' `sta` finds the same longest path as we, given the same delays of cells and no wires."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.hardware.synthesis.delays import Delays, kind_of
from inrarch.hardware.synthesis.paths import Paths
from tests.hardware.synthesis.netlists import cell
from tests.kernel_lib.synthesising import find_yosys, run_yosys

FABRIC = read_fabric(fabric_files()["ultrascale_plus"])
assert FABRIC.timing is not None
TIMING = replace(FABRIC.timing, net=0)
DELAYS = Delays(TIMING)


def specified(kind: str, made: Mapping[str, Any]) -> str:
    """A cell in Verilog, with the delays that we give it."""
    directions, widths = made["port_directions"], {name: len(bits) for name, bits in made["connections"].items()}
    clock = next((name for name in ("C", "CLK", "WCLK", "CLKARDCLK") if name in widths), None)
    lines = [f"parameter {name} = 0;" for name in made["parameters"]]
    lines += [f"{directions[name]} [{width - 1}:0] {name};" for name, width in widths.items()]
    arcs = []
    for name in widths:
        if directions[name] == "input" and name != clock and clock and (setup := DELAYS.ends(made)) is not None:
            arcs.append(f"$setup({name}, posedge {clock}, {setup});")
        if directions[name] == "output" and clock and (begin := DELAYS.begins(made)) is not None:
            unknown = f"{widths[name]}'bx"
            arcs.append(f"(posedge {clock} => ({name} : {unknown})) = {begin};")
        if directions[name] == "output":
            arcs += [
                f"({entry} *> {name}[{bit}]) = {ps};"
                for bit in range(widths[name])
                for entry in widths
                if directions[entry] == "input" and (ps := DELAYS.through(made, entry, name, bit)) is not None
            ]
    text = "\n".join([*lines, "specify", *arcs, "endspecify"] if arcs else lines)
    return f"module {kind} ({', '.join(widths)});\n{text}\nendmodule\n"


def with_luts_to_carries(module: dict[str, Any]) -> dict[str, Any]:
    """A module with a LUT1 at each select input of a carry that no LUT drives."""
    drivers = {
        bit: kind_of(each["type"])
        for each in module["cells"].values()
        for port, bits in each["connections"].items()
        if each["port_directions"][port] == "output"
        for bit in bits
    }
    added, number = {}, 10_000_000
    for name, each in module["cells"].items():
        if kind_of(each["type"]) == "carry":
            for index, bit in enumerate(each["connections"]["S"]):
                if isinstance(bit, int) and drivers.get(bit) != "lut":
                    number += 1
                    added[f"{name}_{index}"] = cell("LUT1", {"I0": [bit]}, {"O": [number]}, INIT="10")
                    each["connections"]["S"][index] = number
    return module | {"cells": module["cells"] | added}


def sta(top: str, module: dict[str, Any], folder: Path) -> int:
    """The latest arrival, ps, in a flat module."""
    kinds = {each["type"]: each for each in module["cells"].values()}
    (folder / "cells.v").write_text("".join(specified(kind, each) for kind, each in kinds.items()))
    (folder / "flat.json").write_text(json.dumps({"modules": {top: module}}))
    commands = f"read_json flat.json; read_verilog -lib -specify cells.v; hierarchy -top {top}; sta"
    run = subprocess.run([find_yosys(), "-p", commands], cwd=folder, capture_output=True, text=True, check=False)
    found = re.search(r"Latest arrival time in '.*' is (\d+)", run.stdout)
    assert found is not None, (run.stdout + run.stderr)[-3000:]
    return int(found[1])


def latest(paths: Paths, module: str) -> int:
    """From any register or input to any register or output, ps."""
    found = paths.summary(module)
    through = [reach for reaches in found.through.values() for reach in reaches.values()]
    ends = [*found.to.values(), *found.behind.values(), *through]
    return max([found.inside.ps, *(reach.ps for reach in ends)])


@pytest.mark.parametrize(
    ("module", "parameters"),
    [
        ("inrarch_running_sums", {"WORDS": 3, "COUNT": 2, "IN_BITS": 20, "SUM_BITS": 33}),
        pytest.param("inrarch_product", {"A_BITS": 32, "B_BITS": 32}, marks=pytest.mark.slow),
        pytest.param("inrarch_round_stage", {"IN_BITS": 47, "SHIFT": 17, "OUT_BITS": 24}, marks=pytest.mark.slow),
        pytest.param("inrarch_fifo", {"DEPTH": 20, "BITS": 30, "LATENCY": 2}, marks=pytest.mark.slow),
    ],
)
def test_sta_agrees(module: str, parameters: dict[str, int], tmp_path: Path) -> None:
    chosen = "; ".join(f"chparam -set {name} {value} {module}" for name, value in parameters.items())
    made = f"{FABRIC.yosys} -top {module}; write_json tree.json; flatten; clean; write_json netlist.json"
    run_yosys(["accumulate"], f"{chosen}; {made}", tmp_path)
    flat, tree = (json.loads((tmp_path / name).read_text())["modules"] for name in ("netlist.json", "tree.json"))
    top = next(name for name, each in flat.items() if "top" in each.get("attributes", {}))
    expected = sta(top, with_luts_to_carries(flat[top]), tmp_path)
    assert expected > 500
    assert latest(Paths(flat, TIMING), top) == expected
    assert latest(Paths(tree, TIMING), top) >= expected
