from __future__ import annotations

import base64

import numpy as np
import pytest

from inrarch.report.colours import DIVERGING, SEQUENTIAL
from inrarch.report.notation import Partial
from inrarch.report.pictures import MAX_FEATURES, is_colour, picture_rows, pixel_centres
from tests.report.test_png import decode


def pixels(uri: str) -> np.ndarray:
    return decode(base64.b64decode(uri.split(",")[1]))


def test_pixel_centres_run_down_and_then_to_the_right() -> None:
    points = pixel_centres([0.0, 10.0], [1.0, 14.0], (2, 4)).reshape(2, 4, 2)
    np.testing.assert_allclose(points[:, 0, 0], [0.25, 0.75])
    np.testing.assert_allclose(points[0, :, 1], [10.5, 11.5, 12.5, 13.5])


@pytest.mark.parametrize(
    ("value", "colour"),
    [
        (np.full((1, 1, 3), 0.5), True),
        (np.full((1, 1, 3), -0.2), True),
        (np.full((1, 1, 3), 1.3), False),
        (np.full((1, 1, 1), 0.5), False),
    ],
)
def test_three_features_between_zero_and_one_are_a_colour(value: np.ndarray, colour: bool) -> None:
    assert is_colour(value) is colour


def test_a_colour_value_is_shown_as_it_is_and_its_derivative_around_grey() -> None:
    outputs = {"c": Partial("c", ()), "c_d0": Partial("c", (0,))}
    value = np.array([[[0.0, 0.5, 1.0], [0.0, 0.0, 0.0]]])
    slope = np.array([[[-2.0, 0.0, 2.0], [2.0, 2.0, 2.0]]])
    rows = picture_rows(outputs, {"c": value, "c_d0": slope}, {"c": value, "c_d0": slope})
    assert [row.output for row in rows] == ["c", "c_d0"]
    np.testing.assert_array_equal(pixels(rows[0].panels[0].uri)[0, 0], [0, 128, 255])
    np.testing.assert_array_equal(pixels(rows[1].panels[1].uri)[0, 0], [0, 128, 255])
    assert (rows[1].panels[1].low, rows[1].panels[1].high) == ("-2", "2")


def test_a_signed_value_is_diverging_around_zero_and_a_positive_one_sequential() -> None:
    signed, positive = np.array([[[-1.0], [0.0], [4.0]]]), np.array([[[1.0], [2.0], [3.0]]])
    outputs = {"a": Partial("a", ()), "b": Partial("b", ())}
    fields = {"a": signed, "b": positive}
    a, b = picture_rows(outputs, fields, fields)
    np.testing.assert_array_equal(pixels(a.panels[0].uri)[0, 1:], DIVERGING[[128, 256]])
    assert (a.panels[0].low, a.panels[0].high) == ("-4", "4")
    np.testing.assert_array_equal(pixels(b.panels[0].uri)[0, [0, 2]], SEQUENTIAL[[0, 255]])
    assert (b.panels[0].low, b.panels[0].high) == ("1", "3")


def test_hardware_is_drawn_on_the_scale_of_the_reference() -> None:
    reference = np.array([[[0.0], [1.0]]])
    (row,) = picture_rows({"a": Partial("a", ())}, {"a": reference / 2}, {"a": reference})
    assert (row.panels[0].low, row.panels[0].high) == (row.panels[1].low, row.panels[1].high)
    assert not np.array_equal(pixels(row.panels[0].uri), pixels(row.panels[1].uri))


def test_the_error_is_hardware_less_reference_with_its_figures() -> None:
    reference = np.array([[[-2.0], [2.0], [2.0]]])
    hardware = reference + np.array([[[0.0], [0.25], [-0.25]]])
    (row,) = picture_rows({"a": Partial("a", ())}, {"a": hardware}, {"a": reference})
    error = row.panels[2]
    assert (error.title, error.low, error.high) == ("Error", "-0.25", "0.25")
    assert error.note == "largest 0.25, 0.125 of the largest value"
    np.testing.assert_array_equal(pixels(error.uri)[0], DIVERGING[[128, 256, 0]])


def test_other_outputs_get_a_row_per_feature_up_to_a_limit() -> None:
    field = np.linspace(-3, 3, 2 * 2 * 6).reshape(2, 2, 6)
    rows = picture_rows({"a": Partial("a", ())}, {"a": field}, {"a": field})
    assert [row.feature for row in rows] == list(range(MAX_FEATURES))


def test_a_field_that_is_zero_everywhere_is_drawn() -> None:
    zero = np.zeros((2, 2, 1))
    (row,) = picture_rows({"a_d0": Partial("a", (0,))}, {"a_d0": zero}, {"a_d0": zero})
    np.testing.assert_array_equal(pixels(row.panels[0].uri)[0, 0], DIVERGING[128])
    assert row.panels[2].note == "largest 0"
