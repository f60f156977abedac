"""Registers that a DSP48E2 has and the tool leaves outside: Yosys uses the block as a bare multiplier.

The block has two registers for each factor (A1, A2, B1, B2), one for the product (M) and one for the result (P), with
enables and without need of a reset (AMD UG579, UltraScale Architecture DSP Slice). A register of the netlist is one of
these where all bits of a factor come from it and it feeds nothing else, or where all bits of the product go to it and
nowhere else; likewise the next one behind or before it. The registers of a level share clock and enable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inrarch.dataflow.cost import Cost, total

BLOCK = "DSP48E2"
LEVELS = 2
"""Registers in a row at each factor, and behind the product."""
_FACTORS = {"A": "AREG", "B": "BREG"}
_SHIFT = "SRL16E"

Cell = Mapping[str, Any]


def inner_registers(module: Mapping[str, Any]) -> Cost:
    """LUT and FF of a module's netlist that its multiplier blocks have inside, without those of the modules in it.

    A shift register of LUTs behind a product gives its first words to the block; one word that is left is a flip-flop.
    """
    blocks = [cell for cell in module["cells"].values() if cell["type"] == BLOCK]
    if not blocks:
        return Cost()
    wires = _Wires(module)
    return total(wires.inside(block) for block in blocks)


class _Wires:
    """Who drives and who reads each bit of a module; a port of the module reads as None."""

    def __init__(self, module: Mapping[str, Any]) -> None:
        self._drivers: dict[int, Cell] = {}
        self._readers: dict[int, list[tuple[Cell | None, str]]] = {}
        for cell in module["cells"].values():
            for port, bits in cell["connections"].items():
                for bit in _numbers(bits):
                    if cell["port_directions"].get(port) == "output":
                        self._drivers[bit] = cell
                    else:
                        self._readers.setdefault(bit, []).append((cell, port))
        for port in module.get("ports", {}).values():
            if port["direction"] != "input":
                for bit in _numbers(port["bits"]):
                    self._readers.setdefault(bit, []).append((None, ""))

    def inside(self, block: Cell) -> Cost:
        """What of the registers around a block is in it."""
        found = total(self._before(block, port) for port, name in _FACTORS.items() if _unused(block, name))
        if _unused(block, "MREG") and _unused(block, "PREG"):
            found += self._behind(block)
        return found

    def _before(self, block: Cell, port: str) -> Cost:
        """Registers of a factor."""
        bits, found = set(_numbers(block["connections"][port])), 0
        ends: list[Cell] = [block]
        for _ in range(LEVELS):
            registers = [self._drivers.get(bit) for bit in bits]
            alone = all(reader in ends for bit in bits for reader, _ in self._readers[bit])
            flops = [each for each in registers if each is not None and _is_plain(each)]
            if len(flops) < len(bits) or not alone or not _move_together(flops):
                break
            found, ends = found + len(flops), flops
            bits = {bit for cell in flops for bit in _numbers(cell["connections"]["D"])}
        return Cost(ff=found)

    def _behind(self, block: Cell) -> Cost:
        """Registers of the product."""
        first = self._held([bit for bit in _numbers(block["connections"]["P"]) if bit in self._readers])
        if first is None:
            return Cost()
        flops = [cell for cell in first if cell["type"] != _SHIFT]
        second = self._held([bit for cell in flops for bit in cell["connections"]["Q"]])
        if second is None or any(cell["type"] == _SHIFT for cell in second):
            second = []
        levels = 2 if second else 1
        left = [_words(cell) - levels for cell in first if cell["type"] == _SHIFT]
        shorter = Cost(lut=sum(words <= 1 for words in left), ff=-sum(words == 1 for words in left))
        return Cost(ff=len(flops) + len(second)) + shorter

    def _held(self, bits: Sequence[int]) -> list[Cell] | None:
        """The register of each bit, where all go into one and nowhere else."""
        found = []
        for bit in bits:
            readers = self._readers.get(bit, [])
            cell, port = readers[0] if len(readers) == 1 else (None, "")
            if cell is None or port != "D" or not (_is_plain(cell) or cell["type"] == _SHIFT):
                return None
            found.append(cell)
        return found if _move_together(found) else None


def _numbers(bits: Iterable[Any]) -> list[int]:
    """The bits that are no constants."""
    return [bit for bit in bits if isinstance(bit, int)]


def _unused(block: Cell, register: str) -> bool:
    return not int(str(block["parameters"].get(register, "0")), 2)


def _is_plain(cell: Cell) -> bool:
    """Whether it is a flip-flop without a reset."""
    return bool(cell["type"] == "FDRE" and cell["connections"]["R"] == ["0"])


def _move_together(registers: Sequence[Cell]) -> bool:
    """Whether they have one clock and one enable."""
    wires = [cell["connections"] for cell in registers]
    return len({(str(each.get("C", each.get("CLK"))), str(each["CE"])) for each in wires}) <= 1


def _words(cell: Cell) -> int:
    """Words of a shift register of fixed length."""
    return 1 + sum(int(cell["connections"][f"A{number}"] == ["1"]) << number for number in range(4))
