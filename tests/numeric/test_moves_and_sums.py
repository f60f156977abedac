"""Bit-true sums over axes of a row, and nodes that move numbers, against exact integers."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

import numpy as np
import pytest

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.bittrue import simulate
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Format, Formats, TensorFormat
from tests.dataflow.networks import node
from tests.models import build_model


def graph(nodes: list[Any], features: int, output: list[Any], **constants: np.ndarray) -> Any:
    return load_model(build_model(nodes, {"x": ["N", features]}, {"y": ["N", *output]}, constants))


def formats_of(bits: int = 16, **fracs: int) -> Formats:
    tensors = {name: TensorFormat("data", Format(bits, frac), 1.0) for name, frac in fracs.items()}
    return Formats("fixed", bits, 18, 2, tensors)


@pytest.mark.parametrize("frac", [12, 11, 9, 5])
def test_a_sum_is_exact_and_rounded_once(frac: int) -> None:
    model = graph([node("ReduceSum", ["x", "axes"], "y", keepdims=1)], 37, [1], axes=np.array([-1]))
    x = np.random.default_rng(2).integers(-4096, 4096, (50, 37)) / 4096
    found = simulate(model, formats_of(x=12, y=frac), {"x": x}).values["y"]
    for row, got in zip(x, found, strict=True):
        exact = sum(Fraction(number) for number in row.tolist())
        assert got[0] == floor(exact * 2**frac + Fraction(1, 2))


def test_a_sum_that_leaves_the_range_is_clipped_and_counted() -> None:
    model = graph([node("ReduceSum", ["x", "axes"], "y", keepdims=1)], 64, [1], axes=np.array([1]))
    result = simulate(model, formats_of(x=12, y=12), {"x": np.ones((3, 64))})
    assert result.values["y"].tolist() == [[32767]] * 3
    assert result.overflows == {"y": 3}


def test_numbers_that_are_joined_are_rounded_to_the_coarsest() -> None:
    model = graph([node("Sin", ["x"], "s"), node("Concat", ["s", "x"], "y", axis=1)], 3, [6])
    largest = {"x": 3.0, "s": 1.0, "y": 3.0}
    formats = choose_formats(model, largest, Widths(16, 18, 2))
    assert formats.of("y").frac == formats.of("x").frac < formats.of("s").frac
    x = np.random.default_rng(3).uniform(-3, 3, (20, 3))
    values = simulate(model, formats, {"x": x}, wanted=["s", "x", "y"]).values
    shift = formats.of("s").frac - formats.of("y").frac
    np.testing.assert_array_equal(values["y"][:, :3], np.floor(values["s"] / 2**shift + 0.5))
    np.testing.assert_array_equal(values["y"][:, 3:], values["x"])


def test_a_pad_with_zeros_is_a_move() -> None:
    model = graph([node("Pad", ["x", "pads"], "y")], 2, [4], pads=np.array([0, 1, 0, 1]))
    found = simulate(model, formats_of(x=12, y=12), {"x": np.array([[0.5, -0.25]])}).values["y"]
    assert found.tolist() == [[0, 2048, -1024, 0]]


@pytest.mark.parametrize(
    ("attributes", "constants"), [({"mode": "edge"}, {}), ({}, {"value": np.array(2.0, dtype=np.float32)})]
)
def test_a_pad_with_other_numbers_is_refused(attributes: dict[str, Any], constants: dict[str, np.ndarray]) -> None:
    last = node("Pad", ["x", "pads", *constants], "y", **attributes)
    model = graph([last], 2, [4], pads=np.array([0, 1, 0, 1]), **constants)
    with pytest.raises(UserError) as error:
        simulate(model, formats_of(x=12, y=12), {"x": np.ones((1, 2))})
    assert error.value.text() == "node 'n_y': Pad fills with other numbers than 0; expected mode constant, value 0"
