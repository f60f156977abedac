"""The headline figures of a `report.json` as one flat mapping, for records of runs and for comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TITLES = {
    "max_rel": "largest relative error",
    "latency_us": "latency, µs",
    "cycles": "cycles",
    "cycles_per_row": "cycles per row",
    "cycles_lower_bound": "cycles, floor",
    "over_floor": "cycles / floor of its DSP",
    "cycles_cosim": "cycles, cosim",
    "fmax_mhz": "Fmax, MHz",
    "dsp": "DSP",
    "bram18": "BRAM18",
    "uram": "URAM",
    "lut": "LUT",
    "ff": "FF",
    "fifo_words": "FIFO words",
    "fifo_bram18": "FIFO BRAM18",
    "joules": "energy, J (estimate)",
    "energy_delay": "energy x delay, J s (estimate)",
    "macs_per_row": "MACs per row",
    "matmuls": "matrix products",
}
"""What people read for each figure, in the order in which figures are shown; `max_rel.orderK` follow `max_rel`."""


def headline(report: Mapping[str, Any]) -> dict[str, float]:
    """The figures that a report has, by the keys of `TITLES`; one that was not measured is left out.

    `max_rel.orderK` is the largest relative error of the outputs that are derivatives of order K. Reports of older
    versions know neither energy nor `over_floor`.
    """
    figures: dict[str, float | None] = {**_errors(report["accuracy"])}
    cycles, resources, fifo = report["cycles"], report["resources"], report["fifo"]
    figures |= {
        "latency_us": report["latency_us"],
        "cycles": cycles["predicted"],
        "cycles_per_row": cycles["ii_per_row"],
        "cycles_lower_bound": cycles["lower_bound"],
        "over_floor": cycles.get("over_floor"),
        "cycles_cosim": cycles["cosim"],
        "fmax_mhz": report["fmax_mhz"],
        **{key: resources[key] for key in ("dsp", "bram18", "uram", "lut", "ff")},
        "fifo_words": fifo["words"],
        "fifo_bram18": fifo["bram18"],
        "joules": report.get("energy", {}).get("joules"),
        "energy_delay": report.get("energy_delay"),
        "macs_per_row": report["derivatives"]["macs_per_row"],
        "matmuls": report["derivatives"]["matmuls"],
    }
    return {key: value for key, value in figures.items() if value is not None}


def title(key: str) -> str:
    """The words for a figure."""
    name, dot, order = key.partition(".order")
    return f"{TITLES[name]}, order {order}" if dot else TITLES.get(key, key)


def _errors(accuracy: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    by_order: dict[int, float] = {}
    for output in accuracy.values():
        if output["max_rel"] is not None:
            by_order[output["order"]] = max(output["max_rel"], by_order.get(output["order"], 0.0))
    orders = {f"max_rel.order{order}": by_order[order] for order in sorted(by_order)}
    return {"max_rel": max(by_order.values(), default=None), **orders}
