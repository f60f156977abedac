"""`report.json`: every figure of one variant in one place; null where a stage did not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inrarch.report.evidence import Counted, Evidence, Json
from inrarch.report.judge import judge

CYCLE_MODEL = "exact event simulation of the process network"
RESOURCE_MODEL = "model estimate (map)"
FLOOR_MODEL = "multiply-accumulates / DSP slices of the board"
ROOFLINE_MODEL = "board DSP slices and 32-bit AXI streams at the requested clock; cycles as predicted"
AXI_BYTES = 4


def summarise(evidence: Evidence) -> dict[str, Any]:
    """The content of `report.json`; satisfies schemas/report.schema.json.

    Nothing is measured here: a figure comes from a stage, or follows from such figures by the model named beside it.
    """
    settings = evidence.settings
    verdict = judge(evidence.csim, evidence.depths, evidence.formats, evidence.outputs, settings["tolerance"])
    cycles = _cycles(evidence)
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
        "numeric": _numeric(evidence.formats),
        "network": None
        if evidence.network is None
        else {"processes": len(evidence.network["processes"]), "streams": len(evidence.network["streams"])},
        "cycles": cycles,
        "units": units(evidence),
        "fifo": _fifo(evidence.depths),
        "resources": _resources(evidence),
        "fmax_mhz": None,
        "latency_us": _ratio(cycles["predicted"], settings["clock_mhz"]),
        "roofline": _roofline(evidence, cycles),
        "energy": {"joules": None, "model": None},
        "baseline": {"onnxruntime_ms": None, "threads": None, "batch": None},
        "tools": dict(evidence.tools),
        "inputs": dict(evidence.inputs),
    }


def _ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below


def _derivatives(evidence: Evidence) -> dict[str, Any]:
    def size(counted: Counted | None) -> dict[str, int | None]:
        if counted is None:
            return {"nodes": None, "matmuls": None, "macs_per_row": None}
        return {"nodes": counted.nodes, "matmuls": counted.matmuls, "macs_per_row": counted.macs_per_row}

    return {
        "orders": sorted({partial.order for partial in evidence.outputs.values()}),
        "outputs": list(evidence.outputs),
        "method": evidence.settings["method"],
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


def _numeric(formats: Json | None) -> dict[str, Any] | None:
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
    }


def _cycles(evidence: Evidence) -> dict[str, Any]:
    """Cycles of one invocation (`rows` rows). lower_bound: every DSP slice of the board busy in every cycle."""
    network, depths = evidence.network, evidence.depths
    rows = None if network is None else network.get("rows")
    floor = None
    if rows is not None and evidence.optimized is not None:
        floor = -(-rows * evidence.optimized.macs_per_row // evidence.settings["board"]["resources"]["dsp"])
    return {
        "predicted": None if depths is None else depths.get("cycles"),
        "model": CYCLE_MODEL,
        "cosim": None,
        "rows": rows,
        "ii_per_row": None if network is None or "model" not in network else network["model"]["cycles_per_row"],
        "bottleneck": None if network is None or "model" not in network else network["model"]["bottleneck"],
        "lower_bound": floor,
        "lower_bound_model": FLOOR_MODEL,
    }


def units(evidence: Evidence) -> list[dict[str, Any]]:
    """Every process: cycles per row, share of the bottleneck's, use of its multipliers, cycles stalled, resources.

    mac_utilisation: useful multiply-accumulates over (multipliers x cycles per row of the whole network).
    """
    if evidence.network is None:
        return []
    waits = {} if evidence.depths is None else evidence.depths.get("processes", {})
    processes = evidence.network["processes"]
    slowest = max((p.get("cycles_per_row", 0) for p in processes), default=0)
    found = []
    for process in processes:
        parameters, cycles = process.get("parameters", {}), process.get("cycles_per_row")
        multipliers, utilisation = None, None
        if process.get("kernel") == "matmul":
            multipliers = parameters["lanes_in"] * parameters["lanes_out"] * parameters["C"]
            useful = parameters["K"] * parameters["M"] * parameters["C"]
            utilisation = _ratio(useful, multipliers * slowest)
        found.append(
            {
                "name": process["name"],
                "kernel": process.get("kernel"),
                "cycles_per_row": cycles,
                "busy": _ratio(cycles, slowest),
                "multipliers": multipliers,
                "mac_utilisation": utilisation,
                "stalled": waits.get(process["name"], {}).get("stalled"),
                "resources": process.get("resources"),
            }
        )
    return found


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


def _resources(evidence: Evidence) -> dict[str, Any]:
    model = {} if evidence.network is None else evidence.network.get("model", {})
    return {
        "lut": model.get("lut"),
        "ff": model.get("ff"),
        "dsp": model.get("dsp"),
        "bram18": model.get("bram18"),
        "uram": None,
        "source": RESOURCE_MODEL if model else None,
        "available": dict(evidence.settings["board"]["resources"]),
    }


def _roofline(evidence: Evidence, cycles: Mapping[str, Any]) -> dict[str, Any]:
    """Multiply-accumulates against the bytes that cross the AXI streams (4 bytes per word)."""
    clock, dsp = evidence.settings["clock_mhz"], evidence.settings["board"]["resources"]["dsp"]
    macs = None if evidence.optimized is None else evidence.optimized.macs_per_row
    words = None if evidence.network is None else _words_per_row(evidence.network)
    moved = None if words is None else words * AXI_BYTES
    achieved = None
    if macs is not None and cycles["rows"] is not None and cycles["predicted"]:
        achieved = macs * cycles["rows"] / cycles["predicted"] * clock / 1000
    peak = dsp * clock / 1000
    return {
        "macs_per_row": macs,
        "bytes_per_row": moved,
        "macs_per_byte": _ratio(macs, moved),
        "peak_gmacs": peak,
        "achieved_gmacs": achieved,
        "share_of_peak": _ratio(achieved, peak),
        "model": ROOFLINE_MODEL,
    }


def _words_per_row(network: Json) -> int:
    words = 0
    for process in network["processes"]:
        parameters = process.get("parameters", {})
        if process.get("kernel") == "source":
            words += parameters["features"] * len(parameters["fields"])
        elif process.get("kernel") == "sink":
            words += parameters["features"] * len(parameters["outputs"])
    return words
