"""What a neural-field architecture is to these tests: a torch module, its paper, and which inputs are coordinates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Architecture:
    """One network, small but with all parts of its paper's definition.

    name: as its authors call it. paper: authors, year, arXiv number or DOI. build: a module with random weights.
    inputs: name and width of each input [N, width], in the order of the arguments of `forward`. coordinates: the inputs
    to differentiate by. outputs: names of the results, in order. box: where the coordinates lie. allowance: relative
    error of the export: ONNX has constants of the definition in float32 only, or an exporter writes another formula.
    """

    name: str
    paper: str
    build: Callable[[], torch.nn.Module]
    inputs: dict[str, int]
    coordinates: tuple[str, ...] = ("x",)
    outputs: tuple[str, ...] = ("y",)
    box: tuple[float, float] = (-1.0, 1.0)
    allowance: float = 0.0

    def module(self, dtype: torch.dtype) -> torch.nn.Module:
        """The network; the same weights at each call, to rounding."""
        torch.manual_seed(0)
        return self.build().eval().to(dtype)

    def points(self, rows: int, *, seed: int = 0) -> dict[str, Any]:
        """Random inputs in the box, float64."""
        torch.manual_seed(seed)
        low, high = self.box
        return {
            name: low + (high - low) * torch.rand(rows, width, dtype=torch.float64)
            for name, width in self.inputs.items()
        }


def all_architectures() -> Iterator[Architecture]:
    """Those of all files in `families`, by file name."""
    for path in sorted((Path(__file__).parent / "families").glob("*.py")):
        yield from import_module(f"tests.architectures.families.{path.stem}").ARCHITECTURES
