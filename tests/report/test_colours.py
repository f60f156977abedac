from __future__ import annotations

import numpy as np

from inrarch.report.colours import DIVERGING, SEQUENTIAL, apply, gradient_css, lightness


def test_lightness_of_black_white_and_grey_is_that_of_oklab() -> None:
    pixels = np.array([[0, 0, 0], [255, 255, 255], [128, 128, 128]], np.uint8)
    np.testing.assert_allclose(lightness(pixels), [0.0, 1.0, 0.5999], atol=1e-3)


def test_the_sequential_map_only_gets_lighter() -> None:
    assert (np.diff(lightness(SEQUENTIAL)) > 0).all()


def test_the_diverging_map_darkens_from_a_neutral_middle_to_both_sides() -> None:
    light = lightness(DIVERGING)
    middle = len(DIVERGING) // 2
    assert (np.diff(light[: middle + 1]) > 0).all()
    assert (np.diff(light[middle:]) < 0).all()
    assert np.ptp(DIVERGING[middle].astype(int)) <= 2


def test_values_meet_the_ends_and_are_clipped_beyond() -> None:
    values = np.array([-5.0, -1.0, 0.0, 1.0, 5.0])
    colours = apply(DIVERGING, values, -1.0, 1.0)
    np.testing.assert_array_equal(colours[:2], DIVERGING[[0, 0]])
    np.testing.assert_array_equal(colours[2], DIVERGING[len(DIVERGING) // 2])
    np.testing.assert_array_equal(colours[3:], DIVERGING[[-1, -1]])


def test_a_range_without_extent_shows_the_middle() -> None:
    np.testing.assert_array_equal(apply(SEQUENTIAL, np.array([3.0]), 3.0, 3.0)[0], SEQUENTIAL[128])


def test_the_css_gradient_starts_and_ends_with_the_table() -> None:
    first, last = ("#" + bytes(SEQUENTIAL[i]).hex() for i in (0, -1))
    assert gradient_css(SEQUENTIAL).startswith(f"linear-gradient(to right,{first},")
    assert gradient_css(SEQUENTIAL).endswith(f",{last})")
