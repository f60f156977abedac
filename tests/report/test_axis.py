from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.report.axis import integer_axis, make_axis

POSITIVE = st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=20)


@given(POSITIVE, st.sampled_from([None, True, False]))
def test_every_value_and_every_tick_is_on_the_axis_in_order(values: list[float], logarithmic: bool | None) -> None:
    axis = make_axis(values, logarithmic=logarithmic)
    assert all(-1e-9 <= axis.place(value) <= 1 + 1e-9 for value in (*values, *axis.ticks))
    places = [axis.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert list(axis.ticks) == sorted(set(axis.ticks))


@given(POSITIVE)
def test_an_axis_has_a_few_ticks(values: list[float]) -> None:
    assert 1 <= len(make_axis(values).ticks) <= 24


def test_a_small_ratio_is_linear_from_zero_a_large_one_logarithmic() -> None:
    linear = make_axis([500.0, 2000.0])
    assert (linear.low, linear.logarithmic) == (0.0, False)
    assert linear.ticks == (0.0, 500.0, 1000.0, 1500.0, 2000.0)
    assert make_axis([1.0, 100.0]).logarithmic
    assert make_axis([1e-5, 1e-3]).ticks == pytest.approx((1e-5, 1e-4, 1e-3))
    assert make_axis([1.0, 5.0], logarithmic=True).ticks == pytest.approx((1, 2, 5))


def test_values_that_are_not_positive_never_get_a_logarithmic_axis() -> None:
    assert not make_axis([0.0, 1000.0], logarithmic=True).logarithmic
    assert make_axis([0.0]).place(0.0) == pytest.approx(0.5, abs=0.5)


def test_whole_numbers_have_a_tick_each_and_space_around() -> None:
    axis = integer_axis([3, 1, 2, 3])
    assert axis.ticks == (1.0, 2.0, 3.0)
    assert axis.low < 1 < 3 < axis.high
    assert integer_axis([4]).place(4) == 0.5
