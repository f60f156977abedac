"""Colour maps of our own, interpolated in Oklab so that equal steps of the value look like equal steps.

Oklab: B. Ottosson, "A perceptual color space for image processing", 2020. Both maps keep their order in greyscale and
for the common colour-vision deficiencies: lightness carries the value, hue only helps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]

_LEVELS = 256

# Linear sRGB -> cone responses -> Oklab, the two matrices of the source.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

# Hue and chroma by lightness: (L, chroma, hue in degrees).
_SEQUENTIAL_STOPS = (
    (0.16, 0.03, 285.0),
    (0.34, 0.12, 300.0),
    (0.50, 0.16, 345.0),
    (0.64, 0.17, 30.0),
    (0.80, 0.15, 70.0),
    (0.96, 0.06, 105.0),
)
_NEGATIVE_STOPS = ((0.30, 0.10, 255.0), (0.55, 0.14, 250.0), (0.80, 0.08, 235.0), (0.97, 0.0, 235.0))
_POSITIVE_STOPS = ((0.97, 0.0, 50.0), (0.80, 0.10, 60.0), (0.58, 0.17, 42.0), (0.34, 0.12, 30.0))


def _srgb(linear: Floats) -> Floats:
    inside = np.clip(linear, 0.0, 1.0)
    return np.where(inside <= 0.0031308, 12.92 * inside, 1.055 * inside ** (1 / 2.4) - 0.055)


def lightness(pixels: Pixels) -> Floats:
    """Oklab lightness L in 0..1 of `pixels` [..., 3]."""
    value = pixels.astype(np.float64) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB[0])


def _ramp(stops: tuple[tuple[float, float, float], ...], levels: int) -> Pixels:
    """`levels` colours [levels, 3] through the stops (L, chroma, hue)."""
    light, chroma, hue = np.array(stops).T
    angle = np.deg2rad(hue)
    corners = np.stack((light, chroma * np.cos(angle), chroma * np.sin(angle)), axis=1)
    at = np.linspace(0, len(stops) - 1, levels)
    lab = np.stack([np.interp(at, np.arange(len(stops)), corners[:, axis]) for axis in range(3)], axis=1)
    cones = (lab @ np.linalg.inv(_TO_LAB).T) ** 3
    return np.round(_srgb(cones @ np.linalg.inv(_TO_CONES).T) * 255).astype(np.uint8)


SEQUENTIAL: Pixels = _ramp(_SEQUENTIAL_STOPS, _LEVELS)
"""Dark (least) to light (most), [256, 3]."""

DIVERGING: Pixels = np.vstack(
    [_ramp(_NEGATIVE_STOPS, _LEVELS // 2 + 1), _ramp(_POSITIVE_STOPS, _LEVELS // 2 + 1)[1:]],
)
"""Blue (negative) through near-white (zero, the middle entry) to orange-brown (positive), [257, 3]."""


def apply(table: Pixels, values: Floats, low: float, high: float) -> Pixels:
    """Colours [..., 3] of `values` [...]: `low` is the table's first entry, `high` its last; outside is clipped.

    A range without extent shows the table's middle.
    """
    last = len(table) - 1
    unit = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    return np.asarray(table[np.round(np.clip(unit, 0.0, 1.0) * last).astype(np.intp)])


def gradient_css(table: Pixels, stops: int = 9) -> str:
    """The table as a CSS gradient from left to right: the legend under a picture."""
    picked = table[np.round(np.linspace(0, len(table) - 1, stops)).astype(int)]
    return "linear-gradient(to right," + ",".join(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in picked.tolist()) + ")"
