"""What a netlist takes of a device: cells of Yosys' netlists as LUT, FF, DSP and BRAM18."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from inrarch.dataflow.cost import Cost, total
from inrarch.hardware.synthesis.blocks import inner_registers

Netlist = Mapping[str, Mapping[str, Any]]
"""`modules` of what `write_json` writes."""

_LUTS = {"CCU2C": 2, "TRELLIS_DPR16X4": 6, "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8}
"""LUTs of a cell. CCU2C: two carry bits. TRELLIS_DPR16X4: three slices (FPGA-DS-02012). RAM32M16, RAM64M8: UG574."""
_BRAM18 = {"RAMB18E1": 1, "RAMB18E2": 1, "RAMB36E1": 2, "RAMB36E2": 2, "DP16KD": 1}
_DSP = ("DSP48E1", "DSP48E2", "MULT18X18D")
_FF = ("FDRE", "FDSE", "FDCE", "FDPE", "TRELLIS_FF")


def count(module: Mapping[str, Any]) -> Cost:
    """Resources of the cells of one module, without those of the modules in it.

    The select inputs of a carry chain come from LUTs only (AMD UG474, UG574), so one that comes from elsewhere takes a
    LUT to go through. Registers that a multiplier block has inside are not counted (`inner_registers`).
    """
    cost = Cost()
    drivers: dict[object, str] = {}
    through: set[int] = set()
    for cell in module["cells"].values():
        kind = cell["type"]
        luts = 1 if re.fullmatch(r"LUT[1-6]|SRL16E|SRLC32E", kind) else _LUTS.get(kind, 0)
        cost += Cost(dsp=int(kind in _DSP), bram18=_BRAM18.get(kind, 0), lut=luts, ff=int(kind in _FF))
        for port, bits in cell["connections"].items():
            if cell["port_directions"].get(port) == "output":
                drivers.update(dict.fromkeys(bits, kind))
    for cell in module["cells"].values():
        if cell["type"] in ("CARRY4", "CARRY8"):
            through.update(bit for bit in cell["connections"]["S"] if isinstance(bit, int))
    inner = inner_registers(module)
    through_luts = sum(not drivers.get(bit, "").startswith("LUT") for bit in through)
    return cost + Cost(lut=through_luts - inner.lut, ff=-inner.ff)


class Costs:
    """Resources of the modules of a hierarchical netlist, each with all that is in it. Black boxes take nothing."""

    def __init__(self, netlist: Netlist) -> None:
        self._netlist = netlist
        self.of = self._summed(count)
        self.inner_of = self._summed(inner_registers)
        """Registers that the tool left outside of multiplier blocks which have them: not in `of`."""

    def _summed(self, own: Callable[[Mapping[str, Any]], Cost]) -> Callable[[str], Cost]:
        """Of a module by its name: what its own cells take by `own`, and the same of all modules in it."""

        @cache
        def of(module: str) -> Cost:
            cells = self._netlist[module]["cells"].values()
            inside = total(of(cell["type"]) for cell in cells if cell["type"] in self._netlist)
            return own(self._netlist[module]) + inside

        return of

    def of_instance(self, module: str, instance: str) -> Cost:
        """Resources of an instance in a module."""
        return self.of(self._netlist[module]["cells"][instance]["type"])
