"""Rows of coordinates: drawn from the domain's box, read from a file, and cut into chunks that bound the memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.graph.recorded_batch import recorded_batch

Real = npt.NDArray[np.float64]

_CHUNK_ELEMENTS = 8_000_000
"""Values of a graph that may live at once: 64 MB as float64 or int64."""
_MOST_CORNERS = 1024
_HELD_BACK = 5
"""Of a file, every fifth row judges the formats and is not seen by calibration."""


def coordinate_count(model: ir.Model) -> int:
    """Coordinates of one row: the sizes of the last axes of all inputs together."""
    return sum(_last_axis(value) for value in model.graph.inputs)


def box_samples(
    low: tuple[float, ...],
    high: tuple[float, ...],
    coordinates: int,
    count: int,
    seed: int | tuple[int, ...],
    *,
    corners: bool,
) -> Real:
    """`count` uniform rows in the box [low, high], shape [count, coordinates].

    low, high: one bound per coordinate, or one for all. corners: the first rows are the box's corners, where they
    fit. UserError when the numbers do not match or a bound is out of order.
    """
    lows, highs = box_of(low, high, coordinates)
    samples = np.random.default_rng(seed).uniform(lows, highs, (count, coordinates))
    if corners and 2**coordinates <= min(count, _MOST_CORNERS):
        samples[: 2**coordinates] = list(itertools.product(*zip(lows, highs, strict=True)))
    return samples


def box_of(low: tuple[float, ...], high: tuple[float, ...], coordinates: int) -> tuple[Real, Real]:
    """Lower and upper bounds [coordinates]. UserError when the numbers do not match or a bound is out of order."""
    lows, highs = _bounds(low, "low", coordinates), _bounds(high, "high", coordinates)
    for axis, (a, b) in enumerate(zip(lows, highs, strict=True)):
        if not (np.isfinite(a) and np.isfinite(b) and a < b):
            raise UserError(
                f"coordinate {axis} runs from {a:g} to {b:g}", place="domain", expected="finite bounds with low < high"
            )
    return np.array(lows), np.array(highs)


def file_samples(path: Path, coordinates: int) -> Real:
    """Rows from an `.npy` file, or the only array of an `.npz`: float64 of shape [samples, coordinates].

    UserError, with the place and both shapes, for a missing file, another format, another shape, NaN or infinity.
    """
    place = str(path)
    try:
        loaded = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise UserError("there is no such file", place=place, expected="samples as .npy or .npz") from None
    except (ValueError, OSError, EOFError):
        raise UserError("not a numpy array", place=place, expected="samples as .npy or .npz") from None
    if isinstance(loaded, np.lib.npyio.NpzFile):
        with loaded:
            if len(loaded.files) != 1:
                raise UserError(f"found the arrays {sorted(loaded.files)}", place=place, expected="exactly one array")
            loaded = loaded[loaded.files[0]]
    if loaded.dtype.kind not in "fiu":
        raise UserError(f"found an array of {loaded.dtype}", place=place, expected="numbers")
    if loaded.ndim != 2 or loaded.shape[1] != coordinates or loaded.shape[0] == 0:
        raise UserError(
            f"found an array of shape {loaded.shape}",
            place=place,
            expected=f"(samples, {coordinates}): one column per coordinate of the model",
        )
    samples: Real = loaded.astype(np.float64)
    bad = ~np.isfinite(samples)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise UserError(
            f"found {samples[row, column]} in row {row}, column {column}", place=place, expected="finite numbers"
        )
    return samples


def split_samples(rows: Real, place: str) -> tuple[Real, Real]:
    """Rows of a file for calibration, and rows held back for judging: every fifth. `place` begins the error message.

    UserError for too few rows.
    """
    if len(rows) < 2 * _HELD_BACK:
        raise UserError(f"found {len(rows)} samples", place=place, expected=f"at least {2 * _HELD_BACK}")
    held_back = np.arange(len(rows)) % _HELD_BACK == _HELD_BACK - 1
    return rows[~held_back], rows[held_back]


def to_feeds(model: ir.Model, samples: Real) -> dict[str, Real]:
    """Samples [rows, coordinates] as the graph's inputs, coordinates counted through in the order of the inputs.

    Axes between the batch and the coordinates (and a fixed or recorded batch) are filled with further rows; where the
    rows do not divide, they are repeated from the first.
    """
    recorded = recorded_batch(model)
    feeds: dict[str, Real] = {}
    first = 0
    for value in model.graph.inputs:
        width = _last_axis(value)
        columns = samples[:, first : first + width]
        first += width
        sizes = [dim if isinstance(dim, int) else None for dim in value.shape or ()]
        if len(sizes) == 1:
            raise UserError(f"input {value.name!r} has no batch axis", expected="shape [batch, ..., coordinates]")
        inner = int(np.prod([size or 1 for size in sizes[1:-1]]))
        block = inner * (sizes[0] or recorded or 1)
        missing = -len(columns) % block
        columns = np.concatenate([columns, columns[np.arange(missing) % len(columns)]])
        feeds[str(value.name)] = columns.reshape(-1, *(size or 1 for size in sizes[1:-1]), width)
    return feeds


def chunk_rows(model: ir.Model) -> int:
    """Rows of axis 0 to evaluate at once: the model's fixed or recorded batch, else as many as the memory allows."""
    for value in model.graph.inputs:
        batch = value.shape[0] if value.shape else None
        if isinstance(batch, int):
            return batch
    if (recorded := recorded_batch(model)) is not None:
        return recorded
    per_row = 0
    for node in model.graph:
        for value in node.outputs:
            sizes = [dim for dim in value.shape or () if isinstance(dim, int)]
            per_row += int(np.prod(sizes, dtype=np.int64)) if sizes else 1
    return max(16, min(4096, _CHUNK_ELEMENTS // max(per_row, 1)))


def chunks(model: ir.Model, feeds: Mapping[str, Real]) -> Iterator[dict[str, Real]]:
    """The feeds cut along axis 0."""
    rows = {len(array) for array in feeds.values()}
    if len(rows) != 1:
        raise UserError(f"inputs with different numbers of rows: {sorted(rows)}", expected="the same for all inputs")
    step = chunk_rows(model)
    for start in range(0, rows.pop(), step):
        yield {name: array[start : start + step] for name, array in feeds.items()}


def _last_axis(value: ir.Value) -> int:
    size = value.shape[-1] if value.shape else None
    if not isinstance(size, int):
        raise UserError(
            f"the last axis of input {value.name!r} has no fixed size",
            expected="a model whose coordinates are its last axis",
        )
    return size


def _bounds(given: tuple[float, ...], key: str, coordinates: int) -> list[float]:
    if len(given) == 1:
        return list(given) * coordinates
    if len(given) != coordinates:
        raise UserError(
            f"{len(given)} bounds",
            place=f"domain.{key}",
            expected=f"{coordinates}, one per coordinate, or one number for all",
        )
    return list(given)
