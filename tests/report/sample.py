"""Hand-made evidence of a small network, as the stages before the report would write it."""

from __future__ import annotations

from typing import Any

from inrarch.report.evidence import Counted, Evidence
from inrarch.report.notation import Partial

SETTINGS: dict[str, Any] = {
    "description": "A <small> network.",
    "project": "demo",
    "variant": "order1",
    "board": {
        "name": "kv260",
        "title": "AMD Kria KV260",
        "part": "xck26-sfvc784-2LV-c",
        "resources": {"lut": 117120, "ff": 234240, "dsp": 1248, "bram18": 288, "uram": 64},
    },
    "constraints": {"dsp": 0.8, "bram": 0.8, "uram": 0.8, "lut": 0.8, "ff": 0.8, "dsp_count": None},
    "clock_mhz": 300.0,
    "tolerance": 0.005,
    "method": "auto",
    "step": 1.0,
    "low": [-1.0],
    "high": [1.0],
    "image": [8, 8],
}

OUTPUTS = {"y": Partial("y", ()), "y_d0": Partial("y", (0,)), "y_d1": Partial("y", (1,))}


def process(name: str, kernel: str, cycles: int, **parameters: Any) -> dict[str, Any]:
    """One process as map writes it."""
    resources = {"dsp": 12, "bram18": 2, "lut": 900, "ff": 1400}
    kinds = {"matmul": "product", "source": "port", "sink": "port", "fork": "move"}
    product = kernel == "matmul"
    return {
        "name": name,
        "schedule": [],
        "kernel": kernel,
        "kind": kinds.get(kernel, kernel),
        "text": ["what it does", "how wide"],
        "macs_per_row": parameters["K"] * parameters["M"] * parameters["C"] if product else 0,
        "multipliers": parameters["lanes_in"] * parameters["lanes_out"] * parameters["C"] if product else 0,
        "parameters": parameters,
        "resources": resources,
        "cycles_per_row": cycles,
    }


def stream(name: str, source: str, target: str, bits: int = 72) -> dict[str, Any]:
    """One stream as map writes it."""
    return {
        "name": name,
        "bits": bits,
        "from": source,
        "to": target,
        "features": 32,
        "lanes": 1,
        "fields": ["a", "b", "c"],
    }


def network() -> dict[str, Any]:
    """source -> layer0 -> sine -> fork -> (layer1, sink0); layer1 -> sink1."""
    matmul = {"C": 3, "lanes_in": 2, "lanes_out": 4, "weight": "w"}
    return {
        "rows": 64,
        "streams": [
            stream("s_in", "source", "layer0", 24),
            stream("s_pre", "layer0", "sine"),
            stream("s_act", "sine", "fork"),
            stream("s_act_a", "fork", "layer1"),
            stream("s_act_b", "fork", "sink0"),
            stream("s_out", "layer1", "sink1"),
        ],
        "processes": [
            process("source", "source", 2, port="x", features=2, fields=["x"], lanes=1),
            process("layer0", "matmul", 16, K=2, M=32, **matmul),
            process("sine", "pointwise", 32, features=32, lanes=1, nodes=["sin", "cos", "mul"]),
            process("fork", "fork", 32),
            process("layer1", "matmul", 16, K=32, M=1, **matmul),
            process("sink0", "sink", 96, port="h", features=32, fields=["a"], outputs=["y_d0"], lanes=1),
            process("sink1", "sink", 3, port="y", features=1, fields=["b"], outputs=["y", "y_d1"], lanes=1),
        ],
        "model": {
            "cycles": 6300,
            "cycles_per_row": 96,
            "bottleneck": "sink0",
            "macs_per_row": 288,
            "multipliers": 48,
            "dsp": 84,
            "bram18": 14,
            "lut": 6300,
            "ff": 9800,
            "uram": 3,
            "energy": {
                "joules": 6.3e-6,
                "model": "a model",
                "parts": {
                    "multipliers": 1e-6,
                    "memories": 1e-6,
                    "logic": 1e-6,
                    "registers": 1e-6,
                    "streams": 0.2e-6,
                    "ports": 0.1e-6,
                    "static": 2e-6,
                },
            },
        },
    }


def depths() -> dict[str, Any]:
    """All FIFOs two deep, half used."""
    names = [s["name"] for s in network()["streams"]]
    return {
        "depths": dict.fromkeys(names, 2),
        "cycles": 6312,
        "unbounded_cycles": 6312,
        "words": 12,
        "bits": 768,
        "bram18": 0,
        "lower_bound": {"words": 6, "bits": 384, "bram18": 0, "method": "one word per stream"},
        "deadlock_free": True,
        "high_water": dict.fromkeys(names, 1),
        "processes": {"layer0": {"finish": 6000, "stalled": 17, "waits": {"s_in": 17}}},
    }


def formats() -> dict[str, Any]:
    """Three tensors, one table."""
    data = {"kind": "data", "bits": 24, "frac": 20, "max_abs": 1.0, "proven": True}
    return {
        "policy": "fixed",
        "data_bits": 24,
        "weight_bits": 18,
        "guard_bits": 2,
        "ranges": "calibration",
        "factors": {},
        "tensors": {"y": data, "y_d0": data, "y_d1": data},
        "tables": {
            "sin": {"function": "sin", "name": "sin_24_20", "segments": 64, "rom_bits": 4096, "worst_error_lsb": 0.75}
        },
        "accumulators": {"layer0": 45},
        "errors": {name: {"max_abs": 1e-5, "max_rel": 2e-5, "rel_l2": 1e-5} for name in OUTPUTS},
        "overflows": 0,
        "samples": 8192,
        "kinks": 0,
    }


def csim() -> dict[str, Any]:
    """A run without a difference."""
    return {
        "rows": 1024,
        "mismatches": 0,
        "last_errors": 0,
        "left_over": 0,
        "saturations": 0,
        "kinks": 0,
        "outputs": {name: {"max_abs": 1.5e-5, "max_rel": 2.5e-5, "rel_l2": 1.1e-5} for name in OUTPUTS},
        "streams": {s["name"]: {"depth": 2, "high_water": 2} for s in network()["streams"]},
    }


def cosim() -> dict[str, Any]:
    """Two runs as predicted."""

    def run(stalls: float, cycles: int) -> dict[str, Any]:
        return {
            "stalls": stalls,
            "words": 12288,
            "mismatches": 0,
            "last_errors": 0,
            "first_mismatches": [],
            "cycles": {"predicted": 4 * cycles, "measured": 4 * cycles},
            "first": {"predicted": cycles, "measured": cycles},
            "processes": {},
            "streams": {},
        }

    return {
        "equal": True,
        "exact": True,
        "rows": 256,
        "invocations": 4,
        "cycles": {"predicted": 6312, "measured": 6312},
        "runs": [run(0.0, 6312), run(0.25, 7001)],
        "modules": 6,
        "streams": {s["name"]: {"depth": 2, "high_water": 1} for s in network()["streams"]},
        "waveform": None,
        "tools": {"verilator": "5.048", "g++": "12.2.0"},
    }


def passes() -> dict[str, Any]:
    """Two passes."""
    return {
        "nodes_before": 40,
        "nodes_after": 12,
        "rounds": 3,
        "changes": {"fold_constants": 20, "dead_code": 8},
        "passes": [],
    }


def full_evidence(**changes: Any) -> Evidence:
    """Every stage ran; `changes` replaces fields."""
    fields: dict[str, Any] = {
        "settings": SETTINGS,
        "outputs": OUTPUTS,
        "expanded": Counted(40, 7, 320),
        "optimized": Counted(12, 5, 288),
        "passes": passes(),
        "formats": formats(),
        "network": network(),
        "depths": depths(),
        "csim": csim(),
        "cosim": cosim(),
        "tools": {"inrarch": "0.1.0"},
        "inputs": {"model": "0" * 64},
    }
    return Evidence(**(fields | changes))


def empty_evidence() -> Evidence:
    """No stage ran."""
    return Evidence(SETTINGS)
