"""Small random projects for the co-simulation: few rows, all number formats, boards and budgets of multipliers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from inrarch.boards import load_board
from inrarch.config.model import Variant
from inrarch.hardware.rtl.description import load_description
from inrarch.tools import process, verilator
from tests.campaigns.chain import random_project

POINTS = 14
"""Test rows: several invocations, the last of them not whole."""


def small_project(seed: int, folder: Path) -> Variant:
    """A random project whose RTL is simulated in seconds; its model is written to `folder`."""
    variant = random_project(seed, folder)
    random = np.random.default_rng((seed, 77))

    def choose(*options: Any) -> Any:
        return options[int(random.integers(len(options)))]

    limits: dict[str, Any] = dict.fromkeys(("dsp", "bram", "uram", "lut", "ff"), 0.8)
    limits |= dict.fromkeys(("bram18", "latency_us", "rows_per_s"))
    checked = replace(variant.verification.cosim, rows=POINTS, stalls=choose(0.1, 0.3, 0.6))
    return replace(
        variant,
        numeric=replace(
            variant.numeric,
            data_bits=choose(8, 10, 12, 16, 18, 20, 24, 24, 27, 32),
            ranges="calibration",
            calibration_samples=256,
        ),
        board=load_board(choose("u50", "kv260", "pynq_z2", "zcu102", "ulx3s_85f")),
        dataflow=replace(
            variant.dataflow,
            rows=choose(1, 2, 3, 4, 5),
            objective=choose("throughput", "throughput", "throughput", "latency", "area"),
        ),
        constraints=replace(variant.constraints, **limits, dsp_count=choose(None, None, 60, 100, 300)),
        verification=replace(variant.verification, rows=POINTS, cosim=checked),
    )


def lint(rtl: Path) -> None:
    """No warning of Verilator on the whole design. rtl: the folder of rtl.json."""
    top = load_description(rtl).top
    options = ("--lint-only", "-Wall", "--quiet", "--top-module", top, "-f", "files.f")
    process.run((verilator.TOOL.find(), *options), name="verilator", cwd=rtl)


def modules(rtl: Path) -> int:
    """Distinct modules, each of which is a model of Verilator."""
    return len(load_description(rtl).modules)
