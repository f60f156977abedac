"""Fields over one coordinate as curves: hardware on top of the float64 reference, and the error below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inrarch.report.notation import Partial, figure
from inrarch.report.pictures import MAX_FEATURES

Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT = 480, 150


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing: polylines in a box of WIDTH x HEIGHT, by CSS class, and the range of the vertical axis."""

    title: str
    low: str
    high: str
    zero: float | None
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CurveRow:
    """Both drawings of one output (or of one feature of it)."""

    output: str
    feature: int | None
    symbol: str
    values: Chart
    error: Chart


def _chart(title: str, series: Mapping[str, Floats]) -> Chart:
    low = min(float(s.min()) for s in series.values())
    high = max(float(s.max()) for s in series.values())
    if low == high:
        low, high = low - 0.5, high + 0.5

    def down(value: Floats | float) -> Floats | float:
        return HEIGHT * (high - value) / (high - low)

    lines = []
    for name, values in series.items():
        across = np.linspace(0, WIDTH, len(values))
        points = zip(across.tolist(), np.asarray(down(values)).tolist(), strict=True)
        lines.append((name, " ".join(f"{x:.1f},{y:.1f}" for x, y in points)))
    zero = float(down(0.0)) if low < 0 < high else None
    return Chart(title, figure(low), figure(high), zero, tuple(lines))


def curve_rows(
    outputs: Mapping[str, Partial], hardware: Mapping[str, Floats], reference: Mapping[str, Floats]
) -> list[CurveRow]:
    """Curves of every output; hardware, reference: [points, features] by output name."""
    rows = []
    for name, partial in outputs.items():
        features = reference[name].shape[1]
        for feature in range(min(features, MAX_FEATURES)):
            true, made = reference[name][:, feature], hardware[name][:, feature]
            rows.append(
                CurveRow(
                    name,
                    feature if features > 1 else None,
                    partial.symbol,
                    _chart("Hardware on float64 reference", {"reference": true, "hardware": made}),
                    _chart("Error", {"error": made - true}),
                )
            )
    return rows
