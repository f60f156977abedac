"""Fields over two coordinates as pictures: hardware, float64 reference and their difference, each with its scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.report.colours import DIVERGING, SEQUENTIAL, Pixels, apply, gradient_css
from inrarch.report.notation import Partial, figure
from inrarch.report.png import data_uri

Floats = npt.NDArray[np.float64]

_SHOWN_SHARE = 0.99
"""Derivatives and errors are heavy-tailed: their scale holds this share of the numbers, the rest is clipped."""

_COLOUR_RANGE = (-0.25, 1.25)
"""Three features whose values stay within this range are shown as red, green and blue."""

MAX_FEATURES = 4
"""Features of one output that get pictures when they are not a colour."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture. legend: CSS gradient from `low` to `high`; empty for a plain colour picture."""

    title: str
    uri: str
    legend: str
    low: str
    high: str
    note: str


@dataclass(frozen=True, slots=True)
class PictureRow:
    """The three panels of one output (or of one feature of it)."""

    output: str
    feature: int | None
    symbol: str
    order: int
    panels: tuple[Panel, Panel, Panel]


@dataclass(frozen=True, slots=True)
class _Scale:
    """How numbers become colours. `table` None: red, green, blue by three features."""

    table: Pixels | None
    low: float
    high: float
    note: str

    def panel(self, title: str, values: Floats) -> Panel:
        """values [height, width, features]."""
        if self.table is None:
            unit = (values - self.low) / (self.high - self.low)
            pixels = np.round(np.clip(unit, 0.0, 1.0) * 255).astype(np.uint8)
            legend = "linear-gradient(to right,#000,#808080,#fff)" if self.low < 0 else ""
        else:
            pixels = apply(self.table, values[..., 0], self.low, self.high)
            legend = gradient_css(self.table)
        return Panel(title, data_uri(pixels), legend, figure(self.low), figure(self.high), self.note)


def pixel_centres(low: Sequence[float], high: Sequence[float], shape: tuple[int, int]) -> Floats:
    """Coordinates [height * width, 2] of the pixels' centres of a box: the first runs down, the second to the right."""
    axes = [lo + (np.arange(n) + 0.5) / n * (hi - lo) for lo, hi, n in zip(low, high, shape, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)


def is_colour(value: Floats) -> bool:
    """True when `value` [height, width, features] looks like red, green and blue between 0 and 1."""
    low, high = _COLOUR_RANGE
    return value.shape[2] == 3 and bool(value.min() >= low) and bool(value.max() <= high)


def _extent(values: Floats) -> float:
    """A positive half range that shows most of the magnitudes."""
    largest = float(np.quantile(np.abs(values), _SHOWN_SHARE))
    return largest if largest > 0 else float(np.abs(values).max()) or 1.0


def _field_scale(reference: Floats, partial: Partial, colour: bool) -> _Scale:
    if colour and partial.order == 0:
        return _Scale(None, 0.0, 1.0, "red, green, blue")
    if partial.order > 0:
        extent = _extent(reference)
        table = None if colour else DIVERGING
        note = "red, green, blue around grey; " if colour else ""
        return _Scale(table, -extent, extent, f"{note}{_SHOWN_SHARE * 100:g} % lie within the scale")
    low, high = float(reference.min()), float(reference.max())
    if low < 0 < high:
        extent = max(-low, high)
        return _Scale(DIVERGING, -extent, extent, "")
    return _Scale(SEQUENTIAL, low, high, "")


def _error_panel(error: Floats, reference: Floats, colour: bool) -> Panel:
    largest, peak = float(np.abs(error).max()), float(np.abs(reference).max())
    note = f"largest {figure(largest)}" + (f", {figure(largest / peak)} of the largest value" if peak > 0 else "")
    extent = _extent(error)
    if colour:
        worst = np.abs(error).max(axis=2, keepdims=True)
        return _Scale(SEQUENTIAL, 0.0, extent, f"worst of the channels; {note}").panel("Error", worst)
    return _Scale(DIVERGING, -extent, extent, note).panel("Error", error)


def picture_rows(
    outputs: Mapping[str, Partial], hardware: Mapping[str, Floats], reference: Mapping[str, Floats]
) -> list[PictureRow]:
    """Panels of every output, in the order of `outputs`.

    hardware, reference: [height, width, features] by output name. An output of three features whose undifferentiated
    value is a colour is shown in colour, with all its derivatives; any other gets one row for each of its first
    `MAX_FEATURES` features.
    """
    colour_bases = {p.base for name, p in outputs.items() if p.order == 0 and is_colour(reference[name])}
    rows = []
    for name, partial in outputs.items():
        colour = partial.base in colour_bases
        features = reference[name].shape[2]
        picks = [None] if colour or features == 1 else list(range(min(features, MAX_FEATURES)))
        for pick in picks:
            window = slice(None) if pick is None else slice(pick, pick + 1)
            true, made = reference[name][..., window], hardware[name][..., window]
            scale = _field_scale(true, partial, colour)
            panels = (
                scale.panel("Hardware", made),
                scale.panel("float64 reference", true),
                _error_panel(made - true, true, colour),
            )
            rows.append(PictureRow(name, pick, partial.symbol, partial.order, panels))
    return rows
