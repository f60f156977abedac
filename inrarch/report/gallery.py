"""What the network looks like: both models evaluated on a grid over the domain, and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.graph.evaluate import evaluate
from inrarch.numeric.batch_sums import summed_values
from inrarch.numeric.bittrue import run
from inrarch.numeric.formats import Formats, dequantize
from inrarch.numeric.samples import chunks, coordinate_count, to_feeds
from inrarch.report.curves import CurveRow, curve_rows
from inrarch.report.notation import Partial, figure
from inrarch.report.pictures import PictureRow, picture_rows, pixel_centres

Floats = npt.NDArray[np.float64]

CURVE_POINTS = 481


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures (two coordinates), curves (one), or the reason why there are none. axes: how to read them."""

    pictures: Sequence[PictureRow] = ()
    curves: Sequence[CurveRow] = ()
    axes: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Models:
    """What is compared: the float64 evaluation of `reference` with the bit-true evaluation of `hardware`."""

    reference: ir.Model
    hardware: ir.Model
    formats: Formats


def make_gallery(
    models: Models, outputs: Mapping[str, Partial], low: Sequence[float], high: Sequence[float], image: tuple[int, int]
) -> Gallery:
    """Evaluate and draw all outputs over the box [low, high] (one bound per coordinate, or one for all).

    image: height and width in pixels for two coordinates; a zero means no pictures. Sums over the batch have none.
    """
    summed = summed_values(models.hardware)
    outputs = {name: partial for name, partial in outputs.items() if name not in summed}
    coordinates = coordinate_count(models.hardware)
    lows, highs = list(low) * (coordinates // len(low)), list(high) * (coordinates // len(high))
    ranges = [f"from {figure(a)} to {figure(b)}" for a, b in zip(lows, highs, strict=True)]
    if 0 in image:
        return Gallery(reason=f"No pictures: report.image is {list(image)}.")
    if coordinates == 1:
        points = np.linspace(lows[0], highs[0], CURVE_POINTS)[:, None]
        hardware, reference = evaluate_both(models, points, list(outputs))
        return Gallery(curves=curve_rows(outputs, hardware, reference), axes=f"The coordinate runs {ranges[0]}.")
    if coordinates != 2:
        reason = f"No pictures: they are drawn over one or two coordinates, and this network has {coordinates}."
        return Gallery(reason=reason)
    hardware, reference = evaluate_both(models, pixel_centres(lows, highs, image), list(outputs))
    height, width = image
    rows = picture_rows(
        outputs,
        {name: values.reshape(height, width, -1) for name, values in hardware.items()},
        {name: values.reshape(height, width, -1) for name, values in reference.items()},
    )
    axes = f"Coordinate x₀ runs down {ranges[0]}, x₁ to the right {ranges[1]}; {height} × {width} points."
    return Gallery(pictures=rows, axes=axes)


def evaluate_both(models: Models, points: Floats, names: Sequence[str]) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Outputs [points, features] of the bit-true and of the float64 model at `points` [points, coordinates]."""
    feeds = to_feeds(models.hardware, points)
    integers = run(models.hardware, models.formats, feeds, wanted=names)
    hardware = {name: dequantize(integers[name], models.formats.of(name)) for name in names}
    parts = [evaluate(models.reference, part, wanted=names) for part in chunks(models.reference, feeds)]
    reference = {name: np.concatenate([part[name] for part in parts]) for name in names}
    return _rows(hardware, len(points)), _rows(reference, len(points))


def _rows(values: Mapping[str, Floats], count: int) -> dict[str, Floats]:
    """Without the rows that filled up the batch."""
    return {name: array.reshape(-1, array.shape[-1])[:count] for name, array in values.items()}
