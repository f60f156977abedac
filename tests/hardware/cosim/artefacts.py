"""What the stage cosim reads, for the reconvergent design: artefacts of fifo, hls and rtl."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from inrarch.fifo.simulate import Simulator
from inrarch.hardware.design import Design, InputPort, OutputTensor, save_design
from inrarch.hardware.rtl.description import save_description
from tests.hardware.cosim.reconvergent import BITS, answers, network, reconvergent

BLOCK, ROWS, POINTS = 8, 16, 40
"""Words per block and per invocation; test rows, which fill two invocations and a half."""


def write_artefacts(folder: Path, depths: Mapping[str, int]) -> dict[str, Path]:
    """Folder by stage. depths: of streams that are deeper than 2."""
    found = {name: folder / name for name in ("fifo", "hls", "rtl")}
    for path in found.values():
        path.mkdir(parents=True)
    built = reconvergent(found["rtl"], depths, block=BLOCK, rows=ROWS)
    save_description(built.design, found["rtl"])
    (found["fifo"] / "network.json").write_text(json.dumps(network(BLOCK, ROWS)))
    cycles = Simulator(built.network).cycles(built.depths)
    (found["fifo"] / "depths.json").write_text(json.dumps({"depths": dict(built.depths), "cycles": cycles or 0}))
    inputs = (InputPort("x", "x", 1, BITS, 20, 0),)
    outputs = (OutputTensor("y", "y", 1, BITS, 19, 0, 1),)
    save_design(Design("inrarch_top", ROWS, 1, 1, (), (), inputs, outputs, (), ()), found["hls"] / "design.json")
    words = np.random.default_rng(5).integers(-(1 << 23), 1 << 23, POINTS).astype("<i4")
    (found["hls"] / "data").mkdir()
    words.tofile(found["hls"] / "data" / "inputs.bin")
    answers(words).tofile(found["hls"] / "data" / "expected.bin")
    return found
