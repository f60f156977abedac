"""Multi-indices: their number, their parts, their names."""

from __future__ import annotations

from math import comb, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.derivatives.indices import (
    closed_below,
    index_factorial,
    minus,
    number_of_parts,
    parts,
    suffix,
    tower,
)

indices = st.lists(st.integers(0, 4), max_size=6).map(lambda listed: tuple(sorted(listed)))


@given(coordinates=st.integers(1, 5), order=st.integers(0, 5))
def test_a_tower_has_each_distinct_partial_once_in_rising_order(coordinates: int, order: int) -> None:
    listed = tower(coordinates, order)
    assert len(listed) == len(set(listed)) == comb(order + coordinates, coordinates)
    assert listed == sorted(listed, key=lambda index: (len(index), index))
    assert closed_below(listed) == tuple(listed)


@given(index=indices)
def test_parts_and_their_complements_make_the_index(index: tuple[int, ...]) -> None:
    listed = parts(index)
    assert len(listed) == len(set(listed)) == number_of_parts(index)
    for part in listed:
        assert tuple(sorted(part + minus(index, part))) == index


@given(index=indices)
def test_a_closed_set_holds_the_parts_of_each_member(index: tuple[int, ...]) -> None:
    closed = closed_below([index])
    assert set(closed) == set(parts(index))
    assert all(set(parts(each)) <= set(closed) for each in closed)


def test_a_single_high_partial_needs_fewer_coefficients_than_its_tower() -> None:
    assert closed_below([(0, 0, 0)]) == ((), (0,), (0, 0), (0, 0, 0))
    assert len(closed_below([(0, 0, 1, 1)])) == 9


@pytest.mark.parametrize(
    ("index", "expected"), [((), 1), ((0,), 1), ((0, 1), 1), ((0, 0, 1), 2), ((2, 2, 2, 5, 5), 12), ((0,) * 7, 5040)]
)
def test_factorials(index: tuple[int, ...], expected: int) -> None:
    assert index_factorial(index) == expected
    assert factorial(len(index)) % expected == 0


@pytest.mark.parametrize(
    ("index", "coordinates", "expected"),
    [((), 2, ""), ((0, 0, 1), 2, "_d001"), ((9,), 10, "_d9"), ((0, 10), 11, "_d0_10"), ((1, 1), 11, "_d1_1")],
)
def test_names(index: tuple[int, ...], coordinates: int, expected: str) -> None:
    assert suffix(index, coordinates) == expected
