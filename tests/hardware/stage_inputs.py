"""The artefacts that the stages hls and csim read, for the hand-made design."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from inrarch.engine.stage import StageRun
from inrarch.graph.save import save_model
from inrarch.numeric.formats import save_formats
from inrarch.stages import hls
from tests.hardware import small_design

SETTINGS: dict[str, Any] = {
    "rows": 40,
    "seed": 1,
    "low": [-1.0],
    "high": [1.0],
    "part": "xcu50-fsvh2104-2-e",
    "clock_mhz": 300.0,
}


def upstream(folder: Path) -> dict[str, Path]:
    """expand, optimize, quantize, map and fifo."""
    graph = small_design.model()
    network = small_design.network()
    found = {name: folder / name for name in ("expand", "optimize", "quantize", "map", "fifo")}
    for path in found.values():
        path.mkdir(parents=True)
    save_model(graph, found["expand"] / "derivative.onnx")
    save_model(graph, found["optimize"] / "derivative.onnx")
    save_formats(small_design.number_formats(graph), found["quantize"] / "formats.json")
    for name in ("map", "fifo"):
        (found[name] / "network.json").write_text(json.dumps(network), encoding="utf-8")
    depths = {"depths": {stream["name"]: 2 for stream in network["streams"]}}
    (found["fifo"] / "depths.json").write_text(json.dumps(depths), encoding="utf-8")
    return found


def stage_run(
    folder: Path, inputs: dict[str, Path], settings: dict[str, Any], files: dict[str, Path] | None = None
) -> StageRun:
    """A run with empty output and scratch folders."""
    for name in ("output", "scratch"):
        (folder / name).mkdir(parents=True)
    return StageRun(inputs, files or {}, settings, folder / "output", folder / "scratch")


def run_hls(folder: Path, samples: np.ndarray | None = None, **settings: Any) -> tuple[dict[str, Path], str]:
    """All artefacts up to hls, and its summary. samples: content of the file of samples."""
    inputs = upstream(folder)
    files = {}
    if samples is not None:
        files["samples"] = folder / "samples.npy"
        np.save(files["samples"], samples)
    run = stage_run(folder / "hls", inputs, SETTINGS | settings, files)
    summary = hls.run(run)
    return inputs | {"hls": run.output}, summary
