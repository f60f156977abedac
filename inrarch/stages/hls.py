"""hls: the network as C++ in Vitis HLS style, with kernels, testbench, test vectors and synthesis scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.engine.stage import Settings, Stage, StageRun
from inrarch.sizes import readable_bytes

if TYPE_CHECKING:
    from inrarch.config.model import Variant
    from inrarch.numeric.samples import Real

_SAMPLES = "samples"
_TEST_ROWS = 2
"""Second part of the random seed of the test rows; calibration draws with 0 and 1, so no seed repeats its points."""


def settings(variant: Variant) -> Settings:
    """The test rows, the domain, the device and the clock. Vitis knows only AMD's devices: for others, no scripts."""
    return {
        "rows": variant.verification.rows,
        "seed": variant.verification.seed,
        "low": list(variant.domain.low),
        "high": list(variant.domain.high),
        "part": variant.board.part if variant.board.vendor == "amd" else None,
        "clock_mhz": variant.clock_mhz,
    }


def files(variant: Variant) -> dict[str, Path]:
    """The file of samples, where the domain names one."""
    path = variant.domain.samples_file
    return {} if path is None else {_SAMPLES: path}


def run(stage: StageRun) -> str:
    """Write src/, kernels/, simulation/, testbench/, data/, scripts/ and design.json."""
    from inrarch.hardware.generate import generate_design
    from inrarch.hardware.inputs import read_inputs
    from inrarch.hardware.vectors import write_vectors
    from inrarch.numeric.samples import coordinate_count

    given = read_inputs(stage.inputs)
    design = generate_design(
        given.model,
        given.formats,
        given.layout,
        given.depths,
        stage.output,
        part=stage.settings["part"],
        clock_period_ns=1000 / stage.settings["clock_mhz"],
    )
    points = _points(stage, coordinate_count(given.model))
    vectors = write_vectors(given.model, given.formats, design, points, stage.output / "data")
    generated = [path for path in (stage.output / "src").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in generated)
    return (
        f"{len(given.layout.units)} processes, {len(given.layout.streams)} streams, "
        f"{len(generated)} files of {readable_bytes(size)}, {vectors.rows} test rows"
    )


def _points(stage: StageRun, coordinates: int) -> Real:
    """Test points [rows, coordinates] that calibration has not seen."""
    import numpy as np

    from inrarch.numeric.samples import box_samples, file_samples, split_samples

    settings = stage.settings
    seed = (settings["seed"], _TEST_ROWS)
    if _SAMPLES not in stage.files:
        low, high = tuple(settings["low"]), tuple(settings["high"])
        return box_samples(low, high, coordinates, settings["rows"], seed, corners=False)
    _, held_back = split_samples(file_samples(stage.files[_SAMPLES], coordinates), str(stage.files[_SAMPLES]))
    if len(held_back) <= settings["rows"]:
        return held_back
    chosen = np.random.default_rng(seed).choice(len(held_back), settings["rows"], replace=False)
    return np.asarray(held_back[np.sort(chosen)])


STAGE = Stage(
    name="hls",
    title="C++ for high-level synthesis",
    run=run,
    settings=settings,
    after=("optimize", "quantize", "fifo"),
    files=files,
    data=("hardware/templates", "kernel_lib", "schemas"),
)
