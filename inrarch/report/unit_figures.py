"""Figures of each process: lanes, busy share, use of its multipliers, resources, and their share of the board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inrarch.report.evidence import Evidence, Json


def ratio(above: float | None, below: float | None) -> float | None:
    """above / below; None where one is unknown or `below` is 0."""
    return None if above is None or not below else above / below


def units(evidence: Evidence) -> list[dict[str, Any]]:
    """Every process of the network.

    busy: its cycles per row over those of the slowest process. mac_utilisation: useful multiply-accumulates over
    (multipliers x cycles per row of the slowest). dsp_per_multiplier: DSP slices per MAC lane. share: of the board's
    resources, by kind.
    """
    if evidence.network is None:
        return []
    waits = {} if evidence.depths is None else evidence.depths.get("processes", {})
    processes = evidence.network["processes"]
    slowest = max((p.get("cycles_per_row", 0) for p in processes), default=0)
    board = evidence.settings["board"]["resources"]
    found = []
    for process in processes:
        parameters, cycles = process.get("parameters", {}), process.get("cycles_per_row")
        resources = process.get("resources")
        multipliers = lanes_of(process)
        useful = None if multipliers is None else process.get("macs_per_row")
        found.append(
            {
                "name": process["name"],
                "kernel": process.get("kernel"),
                "kind": process.get("kind"),
                "lanes": _lanes(process),
                "interval": parameters.get("interval", 1),
                "cycles_per_row": cycles,
                "busy": ratio(cycles, slowest),
                "multipliers": multipliers,
                "mac_utilisation": ratio(useful, None if multipliers is None else multipliers * slowest),
                "dsp_per_multiplier": None if resources is None else ratio(resources.get("dsp"), multipliers),
                "stalled": waits.get(process["name"], {}).get("stalled"),
                "resources": resources,
                "share": None
                if resources is None
                else {kind: ratio(count, board.get(kind)) for kind, count in resources.items()},
            }
        )
    return found


def rows_by_process(network: Json) -> dict[str, float]:
    """Rows of its output (of a sink: of its input) that a process handles per row of the batch, by its name."""
    rows = network.get("rows") or 1
    found: dict[str, float] = {}
    for key in ("to", "from"):
        for stream in network["streams"]:
            if stream.get(key) is not None:
                found[stream[key]] = float(stream.get("repeat", 1)) or 1 / rows
    return found


def lanes_of(process: Mapping[str, Any]) -> int | None:
    """MAC lanes of a matrix product; None for other processes."""
    return process.get("multipliers") or None


def hardware_macs(evidence: Evidence) -> int | None:
    """Multiply-accumulates per row: of the graph, or the fewer of hardware that leaves zeros out; None: not known."""
    if evidence.optimized is None:
        return None
    model = {} if evidence.network is None else evidence.network.get("model", {})
    return min(evidence.optimized.macs_per_row, int(model.get("macs_per_row", evidence.optimized.macs_per_row)))


def dsp_per_product(network: Json | None) -> float | None:
    """DSP slices per MAC lane of all matrix products."""
    if network is None:
        return None
    matrices = [process for process in network["processes"] if lanes_of(process) and process.get("resources")]
    dsp = sum(process["resources"]["dsp"] for process in matrices)
    return ratio(dsp, sum(lanes_of(process) or 0 for process in matrices))


def _lanes(process: Mapping[str, Any]) -> str | None:
    """As people write them: `16 × 8 × 6` (inputs x outputs x coefficients), or the features of a token."""
    given = process.get("parameters", {})
    if lanes_of(process) is not None:
        coefficients = "lanes_coefficients" if "lanes_coefficients" in given else "C"
        keys = ("lanes_in", "lanes_left", "lanes_out", "lanes_right", coefficients)
        return " × ".join(str(given[key]) for key in keys if key in given)
    return str(given["lanes"]) if "lanes" in given else None
