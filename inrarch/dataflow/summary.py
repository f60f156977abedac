"""A mapped network in words: a table of the processes, and one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table(network: Mapping[str, Any]) -> str:
    """The processes with their lanes, row times and resources; units that can be pinned are those with lanes."""
    rows = [("process", "kernel", "lanes in x out x C", "cycles/row", "DSP", "BRAM18", "LUT", "FF")]
    for process in network["processes"]:
        given, cost = process["parameters"], process["resources"]
        lanes = f"{given['lanes_in']} x {given['lanes_out']} x {given['C']}" if "C" in given else ""
        cycles = str(process["cycles_per_row"])
        rows.append((process["name"], process["kernel"], lanes, cycles, *(str(cost[k]) for k in _KINDS)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if i < 3 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join([*lines, "LUT and FF are estimates."])


_KINDS = ("dsp", "bram18", "lut", "ff")


def summary(network: Mapping[str, Any]) -> str:
    """One line: size, row time, bottleneck, multipliers."""
    model = network["model"]
    kernels = [process["kernel"] for process in network["processes"]]
    dense, sparse = kernels.count("matmul"), kernels.count("sparse_matmul")
    matmuls = f"{dense + sparse} matmul units" + (f", {sparse} of them sparse" if sparse else "")
    return (
        f"{len(network['processes'])} processes ({matmuls}), {len(network['streams'])} streams; "
        f"{model['cycles_per_row']} cycles/row (bottleneck {model['bottleneck']}), "
        f"{model['dsp']} DSP, {model['bram18']} BRAM18"
    )
