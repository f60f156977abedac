"""The longest paths through the modules of a netlist: which cells they go through, and what they take."""

from __future__ import annotations

from typing import Any

import pytest

from inrarch.config.fabric import Timing
from inrarch.hardware.synthesis.paths import Path, Paths
from tests.hardware.synthesis.netlists import cell, flip, lut, ports

TIMING = Timing(
    net=1000, register=1, setup=2, lut=10, mux=20, carry_in=30, carry_next=40, carry_out=50, lut_ram=3, block_ram=4,
    multiplier=60,
)  # fmt: skip

STEP = {  # two LUTs from in to out
    "ports": ports({"in": [2]}, {"out": [4]}),
    "cells": {"a": lut(2, 3), "b": lut(3, 4)},
}
HELD = {  # a register, a LUT, a register; the output is a LUT behind the second
    "ports": ports({"in": [2]}, {"out": [6]}),
    "cells": {"a": flip(2, 3), "b": lut(3, 4), "c": flip(4, 5), "d": lut(5, 6)},
    "netnames": {"first": {"bits": [3]}, "second": {"bits": [5]}},
}


def longest(cells: dict[str, Any], timing: Timing | None = TIMING, **modules: Any) -> Path:
    """The longest path in a module of these cells."""
    return Paths({"top": {"ports": {}, "cells": cells}, **modules}, timing).summary("top").inside


def test_a_path_is_cells_and_the_wires_that_leave_a_slice() -> None:
    found = Paths({"held": HELD}, TIMING).summary("held")
    assert found.inside == Path(1 + 1000 + 10 + 2, 1, 1 + 10 + 2, "first", "second")
    assert {port: (reach.ps, reach.logic) for port, reach in found.to.items()} == {"in": (1000 + 2, 2)}
    assert {port: (reach.ps, reach.levels) for port, reach in found.behind.items()} == {"out": (1 + 1000 + 10, 1)}
    assert found.through == {"out": {}}


def test_logic_of_modules_without_registers_counts_where_they_stand() -> None:
    cells = {
        "first": cell("held", {"in": [2]}, {"out": [3]}),
        "step": cell("step", {"in": [3]}, {"out": [4]}),
        "carry": cell("CARRY8", {"S": [4]}, {"CO": [5]}),
        "last": cell("held", {"in": [5]}, {"out": [9]}),
    }
    netlist = {"top": {"ports": {}, "cells": cells}, "held": HELD, "step": STEP}
    found = Paths(netlist, TIMING).into_instances("top")
    assert found["first"] == Path(1013, 1, 13, "first.first", "first.second")
    # Out of held a LUT, two of step, one that the select input of a carry needs, the carry; wires between them.
    logic = 1 + 3 * 10 + 30 + 2
    assert found["last"] == Path(logic + 10 + 5 * 1000, 4, logic, "first.second", "last.first")
    assert Paths(netlist, None).into_instances("top")["last"].levels == 4


def test_carries_stay_in_their_column() -> None:
    cells = {
        "a": flip(2, 3),
        "b": lut(3, 4),
        "low": cell("CARRY8", {"S": [4, "0"], "DI": ["0", "0"], "CI": ["0"]}, {"CO": [5, 6], "O": [7, 8]}),
        "high": cell("CARRY8", {"S": ["0", "0"], "DI": ["0", "0"], "CI": [6]}, {"CO": [9, 10], "O": [11, 12]}),
        "c": flip(12, 13),
    }
    assert longest(cells).ps == 1 + 1000 + 10 + 30 + 50 + 2  # the output's adder is the end of the chain
    cells["third"] = cell("CARRY8", {"S": ["0"], "CI": [10]}, {"CO": [14], "O": [15]})
    cells["d"] = flip(15, 16)
    assert longest(cells).ps == 1 + 1000 + 10 + 30 + 40 + 50 + 2


def test_a_wire_to_many_is_longer_and_so_is_an_enable() -> None:
    cells = {"a": flip(2, 3), "b": lut(3, 4)}
    cells |= {f"c{number}": flip("0", 100 + number, enable=4) for number in range(100)}
    assert longest(cells).ps == 1 + 1000 + 10 + 2000 + 1000 + 2
    module = {"ports": ports({"in": [4]}, {}), "cells": {name: each for name, each in cells.items() if name > "c"}}
    split = {"a": cells["a"], "b": cells["b"], "rest": cell("rest", {"in": [4]}, {})}
    assert longest(split, rest=module).ps == longest(cells).ps


@pytest.mark.parametrize(
    ("made", "ps", "levels"),
    [
        (cell("DSP48E2", {"A": [4]}, {"P": [5]}, AREG="0", MREG="00"), 1 + 1000 + 10 + 1000 + 60 + 1000 + 2, 2),
        (cell("DSP48E2", {"A": [4]}, {"P": [5]}, AREG="0", MREG="01"), 1 + 1000 + 10 + 1000 + 2, 1),
        (cell("RAM32M", {"ADDRA": [4], "DIA": ["0"]}, {"DOA": [5]}), 1 + 1000 + 10 + 1000 + 10 + 2, 2),
        (cell("RAM32M", {"ADDRA": ["0"], "DIA": [4]}, {"DOA": [5]}), 1 + 1000 + 10 + 1000 + 2, 1),
        (cell("SRL16E", {"D": [4], "A0": ["0"]}, {"Q": [5]}), 1 + 1000 + 10 + 1000 + 2, 1),
        (cell("RAMB18E2", {"ADDRARDADDR": [4]}, {"DOUTADOUT": [5]}), 1 + 1000 + 10 + 1000 + 2, 1),
        (cell("inrarch_memory", {"address": [4]}, {"data": [5]}), 1 + 1000 + 10 + 1000 + 2, 1),
    ],
)
def test_what_has_a_clock_ends_a_path(made: dict[str, Any], ps: int, levels: int) -> None:
    cells = {"a": flip(2, 3), "b": lut(3, 4), "made": made, "d": flip(5, 6)}
    found = longest(cells)
    assert (found.ps, found.levels) == (ps, levels)
    # Yosys lists the cells of the device as modules without a content.
    library = {each["type"]: {"ports": {}, "cells": {}, "attributes": {"blackbox": "1"}} for each in cells.values()}
    assert longest(cells, **library) == found


@pytest.mark.parametrize(("made", "begin"), [("SRL16E", 3), ("RAMB36E2", 4), ("inrarch_memory", 4)])
def test_memories_begin_paths(made: str, begin: int) -> None:
    found = longest({"m": cell(made, {"A": ["0"]}, {"D": [3]}), "l": lut(3, 4), "f": flip(4, 5)})
    assert (found.ps, found.begin) == (begin + 1000 + 10 + 2, "m.D")


def test_a_loop_through_ports_is_cut() -> None:
    both = {
        "ports": ports({"a": [2], "b": [3]}, {"x": [4]}),
        "cells": {"l": cell("LUT2", {"I0": [2], "I1": [3]}, {"O": [4]})},
    }
    cells = {"r": flip(1, 10), "u": cell("both", {"a": [10], "b": [11]}, {"x": [11]}), "s": flip(11, 12)}
    assert longest(cells, both=both).levels == 1
