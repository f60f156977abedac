"""The streams at a module's ports are in the order of its kernel, whatever the order of streams in the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx

from inrarch.fifo.depths import load_depths
from inrarch.graph.load import load_model
from inrarch.hardware.layout import load_layout
from inrarch.hardware.rtl.generate import generate_rtl
from inrarch.numeric.formats import load_formats
from tests.campaigns.chain import run_project
from tests.models import build_model, node
from tests.stages.test_csim_networks import variant_of
from tests.targets import U50


def skip() -> onnx.ModelProto:
    """The coordinates are joined to the features of a layer, in front of a square."""
    random = np.random.default_rng(0)
    return build_model(
        [
            node("MatMul", ["x", "w0"], "h"),
            node("Tanh", ["h"], "a"),
            node("Concat", ["a", "x"], "joined", axis=-1),
            node("MatMul", ["joined", "w1"], "y"),
            node("Mul", ["y", "y"], "loss"),
        ],
        {"x": ["N", 2]},
        {"loss": ["N", 1]},
        {"w0": random.normal(size=(2, 3)), "w1": random.normal(size=(5, 1))},
    )


def test_ports_are_in_the_order_of_the_kernel(tmp_path: Path) -> None:
    onnx.save(skip(), tmp_path / "model.onnx")
    assert run_project(variant_of(tmp_path / "model.onnx", parameters=("w0", "w1")), tmp_path, "fifo").refused is None
    model, formats = load_model(tmp_path / "optimize/derivative.onnx"), load_formats(tmp_path / "quantize/formats.json")
    layout, depths = load_layout(tmp_path / "fifo/network.json"), load_depths(tmp_path / "fifo/depths.json").depths
    made = []
    for name, streams in (("network", layout.streams), ("reversed", layout.streams[::-1])):
        (tmp_path / name).mkdir()
        design = generate_rtl(model, formats, replace(layout, streams=streams), depths, tmp_path / name, U50)
        made.append({each.name: (each.module, each.reads, each.writes) for each in design.processes})
    assert made[0] == made[1]
    several = {module.split("_")[0] for module, *sides in made[0].values() if max(map(len, sides)) > 1}
    assert {"outer", "reorder", "fork", "pointwise"} <= several
