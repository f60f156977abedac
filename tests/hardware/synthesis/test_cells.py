"""Cells of a netlist as resources, and the sums over a hierarchy."""

from __future__ import annotations

from typing import Any

from inrarch.dataflow.cost import Cost
from inrarch.hardware.synthesis.cells import Costs, count


def test_a_carry_chain_fed_past_its_luts_takes_luts_to_go_through() -> None:
    def cell(kind: str, **connections: list[int | str]) -> dict[str, Any]:
        outputs = {"O", "CO"}
        ports = {name: "output" if name in outputs else "input" for name in connections}
        return {"type": kind, "connections": connections, "port_directions": ports}

    cells = {
        "lut": cell("LUT2", I0=[2], I1=[3], O=[4]),
        "carry": cell("CARRY4", S=[4, 5, 6, "0"], O=[7, 8, 9, 10]),
        "flip": cell("FDRE", D=[7], Q=[11]),
        "memory": cell("RAMB36E1", DO=[12]),
    }
    assert count({"cells": cells}) == Cost(lut=3, ff=1, bram18=2)


def test_a_module_has_what_is_in_it_as_often_as_it_is_there() -> None:
    def cells(*kinds: str) -> dict[str, Any]:
        bare = {"parameters": {}, "connections": {"A": [], "B": [], "P": []}, "port_directions": {}}
        return {f"c{n}": {"type": kind, **bare} for n, kind in enumerate(kinds)}

    netlist = {
        "top": {"cells": cells("lane", "lane", "FDRE", "black_box")},
        "lane": {"cells": cells("DSP48E2", "LUT6", "leaf")},
        "leaf": {"cells": cells("RAMB18E2")},
    }
    costs = Costs(netlist)
    assert costs.of("top") == Cost(dsp=2, lut=2, bram18=2, ff=1)
    assert costs.of_instance("top", "c0") == costs.of("lane") == Cost(dsp=1, lut=1, bram18=1)
