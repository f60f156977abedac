"""quantize: a number format for every tensor, and the error that it costs at every output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.engine.stage import Needs, Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant

_SAMPLES = "samples"


def run(stage: StageRun) -> str:
    """Write `formats.json`; the summary names the worst output."""
    from inrarch.graph.load import load_model
    from inrarch.numeric.choose import Widths
    from inrarch.numeric.formats import save_formats
    from inrarch.numeric.quantize import quantize
    from inrarch.numeric.samples import box_samples, coordinate_count, file_samples, split_samples

    model = load_model(stage.inputs["optimize"] / "derivative.onnx")
    settings = stage.settings
    coordinates = coordinate_count(model)
    if _SAMPLES in stage.files:
        path = stage.files[_SAMPLES]
        calibration, test = split_samples(file_samples(path, coordinates), str(path))
    else:
        low, high = tuple(settings["low"]), tuple(settings["high"])
        count, seed = settings["calibration_samples"], settings["calibration_seed"]
        calibration = box_samples(low, high, coordinates, count, (seed, 0), corners=True)
        test = box_samples(low, high, coordinates, count, (seed, 1), corners=False)
    widths = Widths(settings["data_bits"], settings["weight_bits"], settings["guard_bits"])
    formats = quantize(model, widths, calibration, test)
    save_formats(formats, stage.output / "formats.json")
    for name, error in formats.errors.items():
        print(f"{name}: max abs {error.max_abs:.3e}, max rel {error.max_rel:.3e}, rel l2 {error.rel_l2:.3e}")
    worst = max(formats.errors, key=lambda name: formats.errors[name].max_rel)
    return (
        f"data {widths.data_bits} / weights {widths.weight_bits} bits, largest relative error "
        f"{formats.errors[worst].max_rel:.2g} ({worst}), {formats.overflows} overflows in {formats.samples} samples"
        + (f", {formats.kinks} of them at a kink" if formats.kinks else "")
    )


def settings(variant: Variant) -> Settings:
    """The number formats asked for and the domain."""
    return {
        "policy": variant.numeric.policy,
        "data_bits": variant.numeric.data_bits,
        "weight_bits": variant.numeric.weight_bits,
        "guard_bits": variant.numeric.guard_bits,
        "calibration_samples": variant.numeric.calibration_samples,
        "calibration_seed": variant.numeric.calibration_seed,
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
