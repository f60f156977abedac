"""What units are built on: the multiplier block, the fabric and the large memories of a board."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inrarch.config.fabric import Fabric
from inrarch.config.model import Board, Dsp


@dataclass(frozen=True, slots=True)
class Target:
    """dsp, fabric: of the board's family; the fabric without UltraRAM where the board has none. lut: of the board."""

    dsp: Dsp
    fabric: Fabric
    lut: int

    @property
    def shape(self) -> tuple[int, int]:
        """Signed multiplier widths of a DSP slice, the wider operand first."""
        return self.dsp.multiplier


def target_of(board: Board) -> Target:
    """What the units of a design on this board are built on."""
    family, fabric = board.family, board.family.fabric
    if not board.resources.uram:
        fabric = replace(fabric, memory=replace(fabric.memory, uram=None))
    return Target(family.dsp, fabric, board.resources.lut)
