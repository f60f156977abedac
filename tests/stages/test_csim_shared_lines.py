"""A build with a shared delay line: what the stage fifo decides is generated, compiled, and right to the last bit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest

from inrarch.fifo.depths import load_depths
from inrarch.fifo.load import load
from inrarch.fifo.sizing import solve
from tests.models import build_model, node
from tests.stages.test_csim_networks import run_stages


def skips() -> onnx.ModelProto:
    """The first layer's sines are multiplied into the fourth layer, and into the eighth."""
    numbers = np.random.default_rng(0)
    widths = (2, 8, 8, 8, 8, 8, 8, 8, 8, 1)
    weights = {}
    for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
        weights[f"w{layer}"] = numbers.normal(size=(fan_in, fan_out)) / fan_in
        weights[f"b{layer}"] = numbers.normal(size=fan_out)

    def layers(value: str, first: int, count: int, last: str) -> Iterator[onnx.NodeProto]:
        """Linear layers with sines between them."""
        for layer in range(first, first + count):
            result = last if layer == first + count - 1 else f"z{layer}"
            yield node("Gemm", [value, f"w{layer}", f"b{layer}"], result)
            if result != last:
                yield node("Sin", [result], f"s{layer}")
            value = f"s{layer}"

    return build_model(
        [
            node("Gemm", ["x", "w0", "b0"], "z0"),
            node("Sin", ["z0"], "h"),
            *layers("h", 1, 3, "p"),
            node("Mul", ["p", "h"], "a"),
            *layers("a", 4, 4, "q"),
            node("Mul", ["q", "h"], "b"),
            node("Gemm", ["b", "w8", "b8"], "y"),
        ],
        {"x": ["N", 2]},
        {"y": ["N", 1]},
        weights,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("skips")
    report = run_stages(folder, skips(), dataflow={"rows": 100}, order=1)
    assert (report["equal"], report["mismatches"]) == (True, 0)
    return folder


def test_the_line_is_built_and_saves_words(built: Path) -> None:
    before = load(built / "map" / "network.json")
    network = load(built / "fifo" / "network.json")
    depths = load_depths(built / "fifo" / "depths.json")
    (fork,) = {each.name for each in network.processes} - {each.name for each in before.processes}
    alone = solve(before)
    assert depths.words < 0.9 * alone.words
    assert depths.cycles <= alone.unbounded_cycles
    design = json.loads((built / "hls" / "design.json").read_text())
    assert fork in (built / "hls" / "src" / "top.cpp").read_text()
    assert {each["name"] for each in design["streams"]} == set(network.words)


def test_its_fork_is_counted(built: Path) -> None:
    was, now = (json.loads((built / stage / "network.json").read_text())["model"] for stage in ("map", "fifo"))
    assert now["lut"] > was["lut"]
    assert {key for key in was if was[key] != now[key]} <= {"lut", "ff"}
