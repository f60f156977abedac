"""Products with one rounded factor."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir
from onnx import helper

from inrarch.graph.load import load_model
from inrarch.numeric.bittrue import run
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.factors import narrow_factor, products
from inrarch.numeric.formats import Factor, Format, Formats, TensorFormat
from tests.models import build_model


def product() -> ir.Model:
    node = helper.make_node("Mul", ["a", "b"], ["y"], name="n")
    return load_model(build_model([node], {"a": ["N", 1], "b": ["N", 1]}, {"y": ["N", 1]}))


def test_the_rounded_factor_is_rounded_once_and_the_product_once() -> None:
    """Every pair of a 9-bit and an 8-bit integer, the first rounded to 5 bits."""
    data, other, narrow, result = Format(9, 6), Format(8, 3), Format(5, 2), Format(10, 4)
    formats = Formats(
        "fixed",
        9,
        8,
        0,
        {name: TensorFormat("data", fmt, 1.0) for name, fmt in (("a", data), ("b", other), ("y", result))},
        factors={"n": Factor(0, narrow)},
    )
    a, b = (each.reshape(-1, 1) for each in np.meshgrid(np.arange(-256, 256), np.arange(-128, 128)))
    found = run(product(), formats, {"a": a / 2.0**6, "b": b / 2.0**3})["y"]
    rounded = np.clip(np.floor(a / 16 + 0.5), -16, 15)
    expected = np.clip(np.floor(rounded * b * 2.0 ** (4 - 2 - 3) + 0.5), -512, 511)
    assert (found == expected).all()


def test_the_factor_whose_rounding_moves_the_product_less_is_rounded() -> None:
    wide = TensorFormat("data", Format(24, 20), 7.0)
    guarded = TensorFormat("data", Format(24, 20), 1.0)
    # An LSB of 2^-14 for either: times 1 in the first place, times 7 in the second.
    assert narrow_factor(next(iter(product().graph)), {"a": wide, "b": guarded}, 18) == Factor(0, Format(18, 14))
    assert narrow_factor(next(iter(product().graph)), {"a": guarded, "b": wide}, 18) == Factor(1, Format(18, 14))


def test_a_product_with_a_narrow_factor_is_left_as_it_is() -> None:
    wide, narrow = TensorFormat("data", Format(24, 20), 1.0), TensorFormat("constant", Format(18, 17), 1.0)
    assert products(product(), {"a": wide, "b": narrow}, 18) == []
    assert [node.name for node in products(product(), {"a": wide, "b": wide}, 18)] == ["n"]


def test_products_named_as_whole_keep_both_factors() -> None:
    largest = {"a": 1.0, "b": 1.0, "y": 1.0}
    assert set(choose_formats(product(), largest, Widths(24, 18, 2, 18)).factors) == {"n"}
    assert not choose_formats(product(), largest, Widths(24, 18, 2, 18, frozenset({"n"}))).factors
