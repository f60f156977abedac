"""A small design with all that packages must carry: tables, weights, a program, rows and sums at its ports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import onnx

from inrarch.boards import load_board
from inrarch.hardware.rtl.description import Description, load_description
from tests.campaigns.chain import run_project
from tests.hardware.rtl.test_ports import skip
from tests.stages.test_csim_networks import variant_of


@dataclass(frozen=True, slots=True)
class Packaged:
    """rtl: the folder of the stage. data: of the test rows of the stage hls."""

    rtl: Path
    data: Path
    design: Description

    @property
    def images(self) -> set[str]:
        return {path.name for path in self.rtl.glob("*.mem")}


def package(folder: Path, board: str = "kv260") -> Packaged:
    """Build the design up to the stage rtl in `folder`, for a project `siren_tiny`."""
    onnx.save(skip(), folder / "model.onnx")
    variant = replace(variant_of(folder / "model.onnx", parameters=("w0", "w1")), board=load_board(board))
    assert run_project(variant, folder, "rtl", without=("csim",)).refused is None
    return Packaged(folder / "rtl", folder / "hls" / "data", load_description(folder / "rtl"))
