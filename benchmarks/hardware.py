"""Hardware for the benchmark network, through the public functions: derive, quantize, map, size the FIFOs.

The network is the trained one of `projects/siren_image`, in the shape of INR-Arch's benchmark (2 -> 256 x 4 -> 3,
w0 = 30).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx_ir as ir

from inrarch.config.load import load_workspace
from inrarch.config.model import Constraints, Lanes, Variant
from inrarch.config.select import select_variants
from inrarch.dataflow.mapping import map_network
from inrarch.derivatives.api import derive_graph
from inrarch.fifo.load import parse
from inrarch.fifo.promised import solve_promised
from inrarch.graph.load import load_model
from inrarch.graph.lowering.pipeline import lower
from inrarch.numeric.choose import Widths
from inrarch.numeric.formats import Formats
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Compiled:
    """All partial derivatives up to an order, in fixed point. errors: largest relative error by order of derivative."""

    order: int
    graph: ir.Model
    formats: Formats
    errors: Mapping[int, float]
    samples: int
    overflows: int


@dataclass(frozen=True, slots=True)
class Design:
    """One mapped design and its exact simulation with the solved depths.

    lanes: multipliers of the matmul units. cycles: from the first word in to the last word out, for `rows` rows;
    predicted: by the closed form. bram18: with the FIFOs. joules: of one call, where the mapping estimates it.
    """

    lanes: int
    dsp: int
    bram18: int
    rows: int
    cycles: int
    predicted: int
    macs: int
    clock_mhz: float
    joules: float | None

    @property
    def milliseconds(self) -> float:
        """Latency of one call."""
        return self.cycles / self.clock_mhz / 1e3

    @property
    def rows_per_second(self) -> float:
        """Of calls one after the other."""
        return self.rows / self.cycles * self.clock_mhz * 1e6


def benchmark_variant() -> Variant:
    """Board, clock, formats and domain of the benchmark: U50 at 300 MHz, 24-bit data, 18-bit weights."""
    (variant,) = select_variants(load_workspace(ROOT), ["siren_image@order1"])
    return variant


def compile_order(variant: Variant, order: int, *, samples: int, data_bits: int, weight_bits: int) -> Compiled:
    """Derive, calibrate on `samples` points, and measure on as many others."""
    graph, _ = lower(derive_graph(load_model(variant.model), order=order, method="taylor"))
    low, high = variant.domain.low, variant.domain.high
    calibration = box_samples(low, high, 2, samples, (variant.numeric.calibration_seed, 0), corners=True)
    test = box_samples(low, high, 2, samples, (variant.numeric.calibration_seed, 1), corners=False)
    formats = quantize(graph, Widths(data_bits, weight_bits, variant.numeric.guard_bits), calibration, test)
    errors: dict[int, float] = {}
    for name, error in formats.errors.items():
        found = order_of(name)
        errors[found] = max(errors.get(found, 0.0), error.max_rel)
    return Compiled(order, graph, formats, errors, samples, formats.overflows)


def order_of(name: str) -> int:
    """`rgb` 0, `rgb_d01` 2."""
    return len(name.partition("_d")[2])


def build(
    compiled: Compiled,
    variant: Variant,
    constraints: Constraints,
    rows: int,
    pinned: Mapping[str, Lanes] | None = None,
) -> Design:
    """Map under these constraints, size the FIFOs, simulate."""
    network = map_network(
        compiled.graph,
        compiled.formats,
        variant.board,
        constraints,
        rows,
        pinned or {},
        clock_mhz=variant.clock_mhz,
    )
    model: Mapping[str, Any] = network["model"]
    depths = solve_promised(parse(network), model["cycles"])
    return Design(
        lanes=model["multipliers"],
        dsp=model["dsp"],
        bram18=model["bram18"] + depths.bram18,
        rows=rows,
        cycles=depths.cycles,
        predicted=model["cycles"],
        macs=model["macs_per_row"] * rows,
        clock_mhz=variant.clock_mhz,
        joules=joules_of(model),
    )


def matmul_units(compiled: Compiled, variant: Variant, constraints: Constraints) -> list[str]:
    """Names of the units whose lanes can be pinned."""
    network = map_network(compiled.graph, compiled.formats, variant.board, constraints, 1, {})
    return [process["name"] for process in network["processes"] if process["kernel"] == "matmul"]


def joules_of(model: Mapping[str, Any]) -> float | None:
    """The mapping's estimate of the energy of one call, where it makes one."""
    energy = model.get("energy")
    return None if energy is None else float(energy["joules"])


def limited(variant: Variant, dsp_count: int | None) -> Constraints:
    """The project's constraints (80 % of the board), and at most so many DSPs."""
    return replace(variant.constraints, dsp_count=dsp_count)
