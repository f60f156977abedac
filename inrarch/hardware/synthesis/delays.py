"""What a path takes to get into a cell of a netlist, through it, out of it, and along the wire behind it.

LUTs, carry blocks, multiplexers, LUT memories that are read without a clock and multiplier blocks without registers are
logic: paths go through them. Other cells, and black boxes (the memories of processes), begin and end paths.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from inrarch.config.fabric import Timing

UNTIMED = Timing(*(0,) * 11)
"""For fabrics without delays: only levels count."""

_KINDS = {
    "lut": r"LUT[1-6]|INV",
    "mux": r"MUXF[789]|PFUMX|L6MUX21",
    "carry": r"CARRY[48]|CCU2C",
    "lut_ram": r"RAM(32|64|128)[XM]\w*|TRELLIS_DPR16X4",
    "shift": r"SRL\w+",
    "register": r"FD[RSCP]E|TRELLIS_FF",
    "multiplier": r"DSP48E[12]|MULT18X18D",
}
_LOGIC = ("lut", "mux", "carry")
_SLICE = ("lut", "mux", "carry", "lut_ram")
"""What a register can stand right behind."""
_CARRY = ("CI", "CIN")
_READ_ADDRESS = re.compile(r"ADDR|A\d|DPRA|RAD")
_REGISTERS = {
    "DSP48E1": ("AREG", "BREG", "MREG", "PREG"),
    "DSP48E2": ("AREG", "BREG", "MREG", "PREG"),
    "MULT18X18D": ("REG_INPUTA_CLK", "REG_INPUTB_CLK", "REG_PIPELINE_CLK", "REG_OUTPUT_CLK"),
}


@cache
def kind_of(cell_type: str) -> str:
    """lut, mux, carry, lut_ram, shift, register or multiplier; "" for block RAMs and black boxes."""
    return next((kind for kind, pattern in _KINDS.items() if re.fullmatch(pattern, cell_type)), "")


class Delays:
    """Delays of the cells of a fabric, ps."""

    def __init__(self, timing: Timing | None) -> None:
        self._of = UNTIMED if timing is None else timing

    def begins(self, cell: Mapping[str, Any]) -> int | None:
        """From the clock to the outputs; None where no path begins."""
        kind = kind_of(cell["type"])
        if kind in _LOGIC or (kind == "multiplier" and not _clocked(cell)):
            return None
        if kind in ("register", "multiplier"):
            return self._of.register
        return self._of.lut_ram if kind else self._of.block_ram

    def ends(self, cell: Mapping[str, Any]) -> int | None:
        """From the inputs to the clock; None where no path ends."""
        return None if self.begins(cell) is None else self._of.setup

    def through(self, cell: Mapping[str, Any], entry: str, output: str, bit: int) -> int | None:
        """From an input to a bit of an output; None where there is no way without a clock."""
        kind = kind_of(cell["type"])
        if kind == "carry":
            if entry not in _CARRY:
                return self._of.carry_in
            last = output == "COUT" or (output == "CO" and bit == len(cell["connections"]["CO"]) - 1)
            return self._of.carry_next if last else self._of.carry_out
        if kind == "lut_ram":
            return self._of.lut if _READ_ADDRESS.match(entry) else None
        if kind == "multiplier":
            return None if _clocked(cell) else self._of.multiplier
        return {"lut": self._of.lut, "mux": self._of.mux}.get(kind)

    def enters(self, cell: Mapping[str, Any], port: str, driver: str) -> int:
        """The wire to an input from a cell of kind `driver` ("": of another module, a block RAM, a black box).

        What stays in its slice has none: from carry to carry, from a LUT to the carry or multiplexer above it, from
        logic to the register behind it. The select input of a carry comes from a LUT only, so another cell's output
        goes through one.
        """
        kind = kind_of(cell["type"])
        if kind == "carry" and port == "S" and driver != "lut":
            return self._of.net + self._of.lut
        inside = (
            (kind == "carry" and (port == "S" or (port in _CARRY and driver == "carry")))
            or (kind == "mux" and driver in ("lut", "mux") and port not in ("S", "C0", "SD"))
            or (kind == "register" and driver in _SLICE and port in ("D", "DI"))
        )
        return 0 if inside else self._of.net

    def fans(self, loads: int) -> int:
        """What a wire to so many inputs takes more than to one: as much again per factor of 10."""
        return round(self._of.net * math.log10(loads)) if loads > 1 else 0


@cache
def _none(value: str) -> bool:
    return value == "NONE" or set(value) <= {"0"}


def _clocked(cell: Mapping[str, Any]) -> bool:
    """Whether a multiplier block has a register."""
    parameters = cell.get("parameters", {})
    return not all(_none(str(parameters.get(name, "0"))) for name in _REGISTERS[cell["type"]])
