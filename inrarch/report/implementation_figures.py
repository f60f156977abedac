"""Synthesis, place and route in the report: their figures, and what of the device or the clock they miss."""

from __future__ import annotations

from typing import Any

from inrarch.report.evidence import Evidence, Json
from inrarch.tools.messages import SERIOUS, UNKNOWN

KINDS = ("lut", "ff", "dsp", "bram18")
SYNTHESIS_SOURCE = "synthesis by Yosys, an open estimate"


def synthesis_figures(synth: Json | None) -> dict[str, Any] | None:
    """`synthesis` of report.json; None where it did not run.

    error: of the model, (model - synthesised) / synthesised.
    """
    if synth is None:
        return None
    total, model = synth["total"], synth["model"]
    return {
        "command": synth["command"],
        "model": {kind: model[kind] for kind in KINDS},
        "error": {kind: model[kind] / total[kind] - 1 if total[kind] else None for kind in KINDS},
        "inner_registers": {kind: synth["inner_registers"][kind] for kind in ("lut", "ff")},
        "period_ns": synth["period_ns"],
        "longest_path": synth["longest_path"],
        "processes": {name: _process(each) for name, each in synth["processes"].items()},
        "warnings": list(synth["warnings"]),
    }


def _process(each: Json) -> dict[str, Any]:
    with_memories = {kind: each["synthesised"][kind] + each["memories"][kind] for kind in KINDS}
    return with_memories | {"path": each["path"]}


def routing_figures(pnr: Json | None) -> dict[str, Any] | None:
    """`place_and_route` of report.json; None where it did not run."""
    if pnr is None:
        return None
    return {key: pnr[key] for key in ("clocks", "clock_mhz", "met", "critical_path", "utilisation", "warnings")}


def fmax_mhz(pnr: Json | None) -> float | None:
    """Of the slowest clock, MHz; None where the design was not routed."""
    return None if pnr is None else min(float(each["achieved_mhz"]) for each in pnr["clocks"].values())


def resources(evidence: Evidence, model_source: str) -> dict[str, Any]:
    """`resources` of report.json: of synthesis where it ran, else of the model."""
    model = {} if evidence.network is None else evidence.network.get("model", {})
    found = {kind: model.get(kind) for kind in (*KINDS, "uram")}
    source = model_source if model else None
    if evidence.synth is not None:
        found |= {kind: evidence.synth["total"][kind] for kind in (*KINDS, "uram")}
        source = SYNTHESIS_SOURCE
    return {**found, "source": source, "available": dict(evidence.settings["board"]["resources"])}


def implementation_faults(evidence: Evidence) -> list[str]:
    """What does not fit the device after synthesis, and clocks that are not met, a phrase each."""
    found = []
    if evidence.synth is not None:
        device = evidence.settings["board"]["resources"]
        found += [
            f"synthesis needs {evidence.synth['total'][kind]:,} {kind.upper()}, the board has {device[kind]:,}"
            for kind in KINDS
            if evidence.synth["total"][kind] > device[kind]
        ]
    if evidence.pnr is not None and not evidence.pnr["met"]:
        reached = fmax_mhz(evidence.pnr)
        through = " -> ".join(evidence.pnr["critical_path"].get("through", []))
        path = f" (critical path: {through})" if through else ""
        found.append(f"the routed design reaches {reached:.1f} MHz of {evidence.pnr['clock_mhz']:g} MHz{path}")
    found += [f"{each['tool']} warns that {each['why']}: {each['text']}" for each in _heard(evidence, SERIOUS)]
    return found


def unknown_warnings(evidence: Evidence) -> tuple[str, ...]:
    """Warnings of tools that are not in `inrarch.tools.messages`."""
    return tuple(
        f"{each['tool']} has a warning that is not known: {each['text']}" for each in _heard(evidence, UNKNOWN)
    )


def _heard(evidence: Evidence, severity: str) -> list[Json]:
    reports = [report for report in (evidence.synth, evidence.pnr) if report is not None]
    return [each for report in reports for each in report["warnings"] if each["severity"] == severity]
