"""Levels of logic through the modules of a netlist."""

from __future__ import annotations

from typing import Any

from inrarch.hardware.synthesis.levels import Levels


def cell(kind: str, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> dict[str, Any]:
    directions = dict.fromkeys(inputs, "input") | dict.fromkeys(outputs, "output")
    return {"type": kind, "port_directions": directions, "connections": inputs | outputs}


def ports(inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> dict[str, Any]:
    made = {name: {"direction": "input", "bits": bits} for name, bits in inputs.items()}
    return made | {name: {"direction": "output", "bits": bits} for name, bits in outputs.items()}


def lut(source: Any, target: Any) -> dict[str, Any]:
    return cell("LUT2", {"I0": [source], "I1": ["1"]}, {"O": [target]})


def flip(source: Any, target: Any) -> dict[str, Any]:
    return cell("FDRE", {"D": [source], "C": [1]}, {"Q": [target]})


STEP = {  # two LUTs from in to out
    "ports": ports({"in": [2]}, {"out": [4]}),
    "cells": {"a": lut(2, 3), "b": lut(3, 4)},
}
HELD = {  # a register, a LUT, a register; the output is a LUT behind the second
    "ports": ports({"in": [2]}, {"out": [6]}),
    "cells": {"a": flip(2, 3), "b": lut(3, 4), "c": flip(4, 5), "d": lut(5, 6)},
}


def test_logic_between_registers_is_counted_within_a_module() -> None:
    found = Levels({"held": HELD}).summary("held")
    assert (found.inside, found.to, found.behind, found.through) == (1, {"in": 0}, {"out": 1}, {"out": {}})


def test_logic_of_modules_without_registers_counts_where_they_stand() -> None:
    top = {
        "ports": ports({"in": [2]}, {"out": [9]}),
        "cells": {
            "first": cell("held", {"in": [2]}, {"out": [3]}),
            "step": cell("step", {"in": [3]}, {"out": [4]}),
            "carry": cell("CARRY8", {"S": [4]}, {"CO": [5]}),
            "last": cell("held", {"in": [5]}, {"out": [9]}),
        },
    }
    netlist = {"top": top, "held": HELD, "step": STEP}
    assert Levels(netlist).summary("step").through == {"out": {"in": 2}}
    assert Levels(netlist).summary("top").inside == 4  # out of held 1, step 2, carry 1
    assert (
        Levels({"whole": {"ports": {}, "cells": {"u": cell("top", {}, {})}}, **netlist}).of_instance("whole", "u") == 4
    )


def test_multipliers_memories_and_black_boxes_end_paths() -> None:
    cells = {
        "a": flip(2, 3),
        "b": lut(3, 4),
        "m": cell("DSP48E2", {"A": [4]}, {"P": [5]}),
        "c": lut(5, 6),
        "d": lut(6, 7),
        "e": lut(7, 8),
        "f": cell("inrarch_memory", {"address": [8]}, {"data": [9]}),
    }
    netlist = {"top": {"ports": {}, "cells": cells}}
    assert Levels(netlist).summary("top").inside == 3
    # Yosys lists the cells of the device as modules without a content.
    library = {each["type"]: {"ports": {}, "cells": {}, "attributes": {"blackbox": "1"}} for each in cells.values()}
    assert Levels(netlist | library).summary("top").inside == 3


def test_a_loop_through_ports_is_cut() -> None:
    both = {
        "ports": ports({"a": [2], "b": [3]}, {"x": [4]}),
        "cells": {"l": cell("LUT2", {"I0": [2], "I1": [3]}, {"O": [4]})},
    }
    cells = {"r": flip(1, 10), "u": cell("both", {"a": [10], "b": [11]}, {"x": [11]}), "s": flip(11, 12)}
    assert Levels({"both": both, "top": {"ports": {}, "cells": cells}}).summary("top").inside == 1
