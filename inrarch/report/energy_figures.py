"""Energy of an invocation: the mapping's estimate, for the simulated cycles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inrarch.dataflow.energy import BAND
from inrarch.report.evidence import Evidence
from inrarch.report.unit_figures import hardware_macs, ratio

_BY_CYCLES = ("registers", "static")
"""What goes on while nothing is done."""


def energy(evidence: Evidence, cycles: Mapping[str, Any], latency_us: float | None) -> dict[str, Any]:
    """Joules of one invocation, by what takes them; None where the network was not mapped or simulated."""
    model = {} if evidence.network is None else evidence.network.get("model", {})
    given, simulated = model.get("energy"), ratio(cycles["predicted"], model.get("cycles"))
    nothing = dict.fromkeys(("joules", "joules_per_row", "watts", "picojoules_per_mac", "model", "band", "parts"))
    if given is None or simulated is None:
        return nothing
    parts = {name: joules * (simulated if name in _BY_CYCLES else 1) for name, joules in given["parts"].items()}
    joules = sum(parts.values())
    each = hardware_macs(evidence)
    macs = None if each is None else each * cycles["rows"]
    return {
        "joules": joules,
        "joules_per_row": ratio(joules, cycles["rows"]),
        "watts": ratio(joules, None if latency_us is None else latency_us * 1e-6),
        "picojoules_per_mac": ratio(joules * 1e12, macs),
        "model": given["model"],
        "band": [BAND[0] * joules, BAND[1] * joules],
        "parts": parts,
    }
