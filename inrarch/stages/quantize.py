"""quantize: a number format for every tensor, and the error that it costs at every output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.boards.settings import dsp_settings
from inrarch.engine.stage import Needs, Settings, Stage, StageRun

if TYPE_CHECKING:
    import onnx_ir as ir

    from inrarch.config.model import Variant
    from inrarch.numeric.samples import Real

_SAMPLES = "samples"


def run(stage: StageRun) -> str:
    """Write `formats.json`; the summary names the worst output."""
    from inrarch.boards.settings import dsp_of
    from inrarch.graph.load import load_model
    from inrarch.numeric.auto import Asked, Job, choose
    from inrarch.numeric.formats import save_formats
    from inrarch.numeric.limits import error_limits

    model = load_model(stage.inputs["optimize"] / "derivative.onnx")
    settings = stage.settings
    calibration, test, box = _samples(stage, model)
    asked = Asked(*(settings[key] for key in ("data_bits", "weight_bits", "guard_bits", "factor_bits", "ranges")))
    limits = error_limits(model, settings["max_error"], settings["tolerance"])
    job = Job(model, calibration, test, box, limits, dsp_of(settings["dsp"]).multiplier)
    formats = choose(job, asked, must_meet=settings["max_error"] is not None)
    save_formats(formats, stage.output / "formats.json")
    for name, error in formats.errors.items():
        print(f"{name}: max abs {error.max_abs:.3e}, max rel {error.max_rel:.3e}, rel l2 {error.rel_l2:.3e}")
    worst = max(formats.errors, key=lambda name: formats.errors[name].max_rel)
    streams = [tensor for tensor in formats.tensors.values() if tensor.kind == "data"]
    proven = sum(tensor.proven for tensor in streams)
    return (
        f"data {formats.data_bits} / weights {formats.weight_bits} bits, largest relative error "
        f"{formats.errors[worst].max_rel:.2g} ({worst}), {formats.overflows} overflows in {formats.samples} samples"
        + (f", {formats.kinks} of them at a kink" if formats.kinks else "")
        + f", {proven} of {len(streams)} tensors proven never to overflow"
    )


def _samples(stage: StageRun, model: ir.Model) -> tuple[Real, Real, tuple[Real, Real]]:
    """Rows for calibration, rows to judge on, and the box [coordinates] x 2 that holds the domain."""
    import numpy as np

    from inrarch.numeric.samples import box_of, box_samples, coordinate_count, file_samples, split_samples

    settings = stage.settings
    coordinates = coordinate_count(model)
    if _SAMPLES in stage.files:
        path = stage.files[_SAMPLES]
        rows = file_samples(path, coordinates)
        calibration, test = split_samples(rows, str(path))
        return calibration, test, (np.min(rows, axis=0), np.max(rows, axis=0))
    low, high = tuple(settings["low"]), tuple(settings["high"])
    count, seed = settings["calibration_samples"], settings["calibration_seed"]
    calibration = box_samples(low, high, coordinates, count, (seed, 0), corners=True)
    test = box_samples(low, high, coordinates, count, (seed, 1), corners=False)
    return calibration, test, box_of(low, high, coordinates)


def settings(variant: Variant) -> Settings:
    """The number formats asked for, the domain, the limits on the error, and the multiplier of the device family."""
    numeric = variant.numeric
    tolerance_counts = "auto" in (numeric.data_bits, numeric.weight_bits, numeric.guard_bits) or isinstance(
        numeric.max_error, tuple
    )
    return {
        "policy": numeric.policy,
        "data_bits": numeric.data_bits,
        "weight_bits": numeric.weight_bits,
        "guard_bits": numeric.guard_bits,
        "factor_bits": numeric.factor_bits,
        "ranges": numeric.ranges,
        "calibration_samples": numeric.calibration_samples,
        "calibration_seed": numeric.calibration_seed,
        "max_error": dict(numeric.max_error) if isinstance(numeric.max_error, tuple) else numeric.max_error,
        "tolerance": variant.verification.tolerance if tolerance_counts else 1.0,
        "dsp": dsp_settings(variant.board.family.dsp),
        "low": list(variant.domain.low),
        "high": list(variant.domain.high),
    }


def files(variant: Variant) -> dict[str, Path]:
    """The file of samples, where the domain names one."""
    path = variant.domain.samples_file
    return {} if path is None else {_SAMPLES: path}


STAGE = Stage(
    name="quantize",
    title="choose a number format for every tensor",
    run=run,
    settings=settings,
    after=("optimize",),
    files=files,
    data=("schemas",),
    needs=Needs(memory_mb=1024),
)
