"""`report.json`: every figure of one variant in one place; null where a stage did not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inrarch.report.cosim_figures import cosim_figures
from inrarch.report.energy_figures import energy
from inrarch.report.evidence import Counted, Evidence, Json
from inrarch.report.implementation_figures import fmax_mhz, resources, routing_figures, synthesis_figures
from inrarch.report.judge import judge
from inrarch.report.roofline import roofline
from inrarch.report.unit_figures import dsp_per_product, hardware_macs, ratio, units

CYCLE_MODEL = "exact event simulation of the process network"
RESOURCE_MODEL = "model estimate (map)"
FLOOR_MODEL = "multiply-accumulates / DSP slices of the board"


def summarise(evidence: Evidence) -> dict[str, Any]:
    """The content of `report.json`; satisfies schemas/report.schema.json.

    Nothing is measured here: a figure comes from a stage, or follows from such figures by the model named beside it.
    """
    settings = evidence.settings
    verdict = judge(evidence)
    cycles = _cycles(evidence)
    latency = ratio(cycles["predicted"], settings["clock_mhz"])
    taken = energy(evidence, cycles, latency)
    return {
        "project": settings["project"],
        "variant": settings["variant"],
        "board": settings["board"]["name"],
        "clock_mhz": settings["clock_mhz"],
        "verdict": {
            "passed": verdict.passed,
            "summary": verdict.summary,
            "failures": list(verdict.failures),
            "warnings": list(verdict.warnings),
        },
        "derivatives": _derivatives(evidence),
        "accuracy": _accuracy(evidence),
        "csim": _csim(evidence.csim),
        "cosim": cosim_figures(evidence.cosim),
        "not_run": dict(evidence.not_run),
        "numeric": _numeric(evidence),
        "network": None
        if evidence.network is None
        else {"processes": len(evidence.network["processes"]), "streams": len(evidence.network["streams"])},
        "cycles": cycles,
        "units": units(evidence),
        "fifo": _fifo(evidence.depths),
        "resources": resources(evidence, RESOURCE_MODEL),
        "synthesis": synthesis_figures(evidence.synth),
        "place_and_route": routing_figures(evidence.pnr),
        "fmax_mhz": fmax_mhz(evidence.pnr),
        "latency_us": latency,
        "roofline": roofline(evidence, cycles),
        "energy": taken,
        "energy_delay": None if taken["joules"] is None or latency is None else taken["joules"] * latency * 1e-6,
        "baseline": {"onnxruntime_ms": None, "threads": None, "batch": None},
        "tools": dict(evidence.tools),
        "inputs": dict(evidence.inputs),
    }


def _derivatives(evidence: Evidence) -> dict[str, Any]:
    def size(counted: Counted | None) -> dict[str, int | None]:
        if counted is None:
            return {"nodes": None, "matmuls": None, "macs_per_row": None}
        return {"nodes": counted.nodes, "matmuls": counted.matmuls, "macs_per_row": counted.macs_per_row}

    return {
        "orders": sorted({partial.order for partial in evidence.outputs.values()}),
        "outputs": list(evidence.outputs),
        "method": "reverse" if "by" in evidence.settings else evidence.settings["method"],
        **size(evidence.optimized),
        "before_passes": size(evidence.expanded),
    }


def _accuracy(evidence: Evidence) -> dict[str, Any]:
    """By output: the C simulation against float64 on the test rows; beside it what quantize predicted."""
    measured = {} if evidence.csim is None else evidence.csim["outputs"]
    predicted = {} if evidence.formats is None else evidence.formats["errors"]
    figures = ("max_abs", "max_rel", "rel_l2")
    return {
        name: {
            "order": partial.order,
            **{key: measured.get(name, {}).get(key) for key in figures},
            "tolerance": evidence.settings["tolerance"],
            "quantize": {key: predicted[name][key] for key in figures} if name in predicted else None,
        }
        for name, partial in evidence.outputs.items()
    }


def _csim(csim: Json | None) -> dict[str, Any] | None:
    if csim is None:
        return None
    return {key: csim[key] for key in ("rows", "mismatches", "saturations", "kinks")}


def _numeric(evidence: Evidence) -> dict[str, Any] | None:
    formats = evidence.formats
    if formats is None:
        return None
    keys = ("policy", "data_bits", "weight_bits", "guard_bits", "ranges", "overflows", "samples")
    widest = max(formats["accumulators"].values(), default=None)
    weights = [tensor["bits"] for tensor in formats["tensors"].values() if tensor["kind"] == "weight"]
    streams = [tensor for tensor in formats["tensors"].values() if tensor["kind"] == "data"]
    return {
        **{key: formats[key] for key in keys},
        "least_weight_bits": min(weights, default=formats["weight_bits"]),
        "factor_bits": min((factor["bits"] for factor in formats["factors"].values()), default=None),
        "rounded_factors": len(formats["factors"]),
        "tensors": len(streams),
        "proven": sum(tensor["proven"] for tensor in streams),
        "widest_accumulator_bits": widest,
        "dsp_per_product": dsp_per_product(evidence.network),
    }


def _cycles(evidence: Evidence) -> dict[str, Any]:
    """Cycles of one invocation (`rows` rows). lower_bound: every DSP slice of the board busy in every cycle;
    design_floor: every DSP slice of the design; over_floor: how many times that is taken."""
    network, depths = evidence.network, evidence.depths
    rows = None if network is None else network.get("rows")
    model = {} if network is None else network.get("model", {})
    floor, design_floor = None, None
    if rows is not None and (each := hardware_macs(evidence)) is not None:
        macs = rows * each
        floor = -(-macs // evidence.settings["board"]["resources"]["dsp"])
        design_floor = -(-macs // model["dsp"]) if model.get("dsp") else None
    return {
        "predicted": None if depths is None else depths.get("cycles"),
        "model": CYCLE_MODEL,
        "cosim": None if evidence.cosim is None else evidence.cosim["cycles"]["measured"],
        "rows": rows,
        "ii_per_row": None if network is None or "model" not in network else network["model"]["cycles_per_row"],
        "bottleneck": None if network is None or "model" not in network else network["model"]["bottleneck"],
        "lower_bound": floor,
        "lower_bound_model": FLOOR_MODEL,
        "design_floor": design_floor,
        "over_floor": ratio(None if depths is None else depths.get("cycles"), design_floor),
    }


def _fifo(depths: Json | None) -> dict[str, Any]:
    lower = {} if depths is None else depths.get("lower_bound") or {}
    known: Mapping[str, Any] = {} if depths is None else depths
    return {
        "words": known.get("words"),
        "bits": known.get("bits"),
        "bram18": known.get("bram18"),
        "lower_bound_words": lower.get("words"),
        "unbounded_cycles": known.get("unbounded_cycles"),
        "deadlock_free": known.get("deadlock_free"),
    }
