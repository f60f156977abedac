"""The roofline: what multipliers, ports and on-chip memory allow, and what the design reaches.

S. Williams, A. Waterman, D. Patterson: "Roofline: an insightful visual performance model", CACM 52(4), 2009. Two levels
of memory: words at the ports, and weights in block RAM.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inrarch.report.axis import make_axis
from inrarch.report.evidence import Evidence, Json
from inrarch.report.notation import figure, percent
from inrarch.report.plot import Plot, Point, draw_plot
from inrarch.report.unit_figures import dsp_per_product, hardware_macs, lanes_of, ratio, rows_by_process

MODEL = (
    "board DSP slices, 32-bit AXI streams of one word per cycle and 36-bit block RAM ports at the requested clock; "
    "cycles as predicted"
)
AXI_BYTES = 4
_BELOW = 20
"""How far the plot goes below the design's point."""
_BRAM18_BITS = 36
"""Bits that an 18-kbit block RAM gives per cycle."""


def roofline(evidence: Evidence, cycles: Mapping[str, Any]) -> dict[str, Any]:
    """1e9 multiply-accumulates (or bytes) per second everywhere; per row of the batch where it says so.

    peak_gmacs: every DSP slice of the board makes a product per cycle. board_gmacs, budget_gmacs, lanes_gmacs: the same
    at the DSP slices that a product of these widths takes, of the board, of what `constraints` allow, and of the lanes
    that the design has. port_gmacs: the busiest port moves a word in each cycle. memory_gmacs: all block RAM of the
    board gives weights in each cycle.
    """
    clock, board = evidence.settings["clock_mhz"] / 1000, evidence.settings["board"]["resources"]
    network = evidence.network
    macs = hardware_macs(evidence)
    words = {} if network is None else _words_per_row(network)
    moved = AXI_BYTES * sum(words.values()) if words else None
    weights = None if network is None else _weight_bytes(network, evidence.formats)
    rate = ratio(cycles["rows"], cycles["predicted"])
    achieved = None if macs is None or rate is None else macs * rate * clock
    peak, per_product = board["dsp"] * clock, dsp_per_product(network)
    busiest = max(words.values(), default=None)
    lanes = None if network is None else sum(lanes_of(process) or 0 for process in network["processes"])
    memory = board["bram18"] * _BRAM18_BITS / 8 * clock
    intensity, reuse = ratio(macs, moved), ratio(macs, weights)
    return {
        "macs_per_row": macs,
        "bytes_per_row": moved,
        "macs_per_byte": intensity,
        "peak_gmacs": peak,
        "achieved_gmacs": achieved,
        "share_of_peak": ratio(achieved, peak),
        "dsp_per_product": per_product,
        "board_gmacs": ratio(peak, per_product),
        "budget_gmacs": ratio(_budget(evidence) * clock, per_product),
        "lanes_gmacs": lanes * clock if lanes else None,
        "port_gbytes": None if busiest is None or moved is None else ratio(moved * clock, busiest),
        "port_gmacs": None if macs is None else ratio(macs * clock, busiest),
        "weight_bytes_per_row": weights,
        "macs_per_weight_byte": reuse,
        "weight_gbytes": None if weights is None or rate is None else weights * rate * clock,
        "memory_gbytes": memory,
        "memory_gmacs": None if reuse is None else reuse * memory,
        "limited_by": None if network is None else _limit(network, cycles["bottleneck"]),
        "model": MODEL,
    }


def _budget(evidence: Evidence) -> int:
    """DSP slices that the constraints allow."""
    given, dsp = evidence.settings["constraints"], evidence.settings["board"]["resources"]["dsp"]
    allowed = int(dsp * given["dsp"])
    return allowed if given["dsp_count"] is None else min(allowed, int(given["dsp_count"]))


def _words_per_row(network: Json) -> dict[str, float]:
    """Words per row of the batch, by port."""
    rows, found = rows_by_process(network), {}
    for process in network["processes"]:
        given = process.get("parameters", {})
        if process.get("kind") == "port":
            tensors = given.get("outputs", given.get("fields"))
            found[process["name"]] = given["features"] * len(tensors) * rows.get(process["name"], 1.0)
    return found


def _weight_bytes(network: Json, formats: Json | None) -> float | None:
    """Bytes of weights that the matmul units read per row of the batch: with the zeros that pad blocks, or nonzeros."""
    if formats is None:
        return None
    rows, bits = rows_by_process(network), 0.0
    for process in network["processes"]:
        given = process.get("parameters", {})
        if "weight" in given:
            inputs, outputs = given["lanes_in"], given["lanes_out"]
            padded = -(-given["K"] // inputs) * inputs * -(-given["M"] // outputs) * outputs
            read = given.get("nonzeros", padded)
            known = formats["tensors"].get(given.get("weight"))
            bits += read * rows.get(process["name"], 1.0) * (known["bits"] if known else formats["weight_bits"])
    return bits / 8 or None


def _limit(network: Json, bottleneck: str | None) -> str | None:
    """What the slowest process is short of."""
    slowest: Mapping[str, Any] = next(
        (process for process in network["processes"] if process["name"] == bottleneck), {}
    )
    return {"port": "port", "product": "multipliers"}.get(slowest.get("kind", ""), slowest.get("kernel"))


def draw(found: Mapping[str, Any]) -> Plot | None:
    """The plot: roofs, and the design's point at both levels of memory; None where something is unknown."""
    needed = ("achieved_gmacs", "board_gmacs", "port_gbytes", "macs_per_byte")
    if any(found[key] is None for key in needed):
        return None
    levels = {"ports": (found["macs_per_byte"], found["port_gbytes"])}
    if found["macs_per_weight_byte"] is not None:
        levels["weights in block RAM"] = (found["macs_per_weight_byte"], found["memory_gbytes"])
    roof, reached = found["board_gmacs"], found["achieved_gmacs"]
    ridges = [roof / bandwidth for _, bandwidth in levels.values()]
    across = [*(intensity for intensity, _ in levels.values()), *ridges]
    x = make_axis([min(across) / 2, max(across) * 2], logarithmic=True)
    y = make_axis([reached / _BELOW, roof], logarithmic=True)
    points, lines = {}, {}
    for name, (intensity, bandwidth) in levels.items():
        tip = f"{name}: {figure(intensity)} MAC per byte, {figure(reached)} GMAC/s; roof {figure(bandwidth)} GB/s"
        points[name] = [Point(intensity, reached, tip)]
        start = max(x.low, y.low / bandwidth)
        lines[name] = [(start, start * bandwidth), (roof / bandwidth, roof), (x.high, roof)]
    share = reached / roof
    return draw_plot(
        "roofline",
        "Multiply-accumulates per second",
        f"The design reaches {figure(reached)} of the {figure(roof)} GMAC/s of the board ({percent(share)}). A point "
        "under the sloping part of its line would be short of that memory, one under the flat part is short of "
        "multipliers.",
        ("multiply-accumulates per byte", x),
        ("GMAC/s", y),
        points,
        lines,
        levels={
            "all DSP slices": roof,
            **({"allowed by constraints": found["budget_gmacs"]} if found["budget_gmacs"] < roof else {}),
        },
    )
