"""Shapes with unknown sizes: certain or unknown, never guessed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.graph.shapes import broadcast, matmul, permute, same_shape


def test_sizes_with_the_same_name_are_equal_and_unknown_ones_are_not() -> None:
    assert same_shape(("N", 2), ("N", 2))
    assert not same_shape(("N", 2), ("M", 2))
    assert not same_shape((None, 2), (None, 2))
    assert not same_shape((2,), (1, 2))
    assert not same_shape(None, None)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([("N", 3), (3,)], ("N", 3)),
        ([("N", 1), (1, 3)], ("N", 3)),
        ([("N",), (4,)], (4,)),
        ([("N",), ("M",)], (None,)),
        ([(None,), (1,)], (None,)),
        ([("N", 3), None], None),
        ([], ()),
    ],
)
def test_broadcasting_of_unknown_sizes(shapes: list, expected: tuple | None) -> None:
    assert broadcast(shapes) == expected


@given(a=st.lists(st.integers(1, 3), max_size=3), b=st.lists(st.integers(1, 3), max_size=3))
def test_broadcasting_of_known_sizes_is_that_of_numpy(a: list[int], b: list[int]) -> None:
    try:
        expected = np.broadcast_shapes(tuple(a), tuple(b))
    except ValueError:
        return
    assert broadcast([tuple(a), tuple(b)]) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [((2, 3), (3, 4)), ((3,), (3, 4)), ((2, 3), (3,)), ((3,), (3,)), ((5, 2, 3), (3, 4)), ((2, 3), (6, 3, 4))],
)
def test_matmul_of_known_sizes_is_that_of_numpy(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    assert matmul(a, b) == np.matmul(np.ones(a), np.ones(b)).shape


def test_unknown_ranks_stay_unknown() -> None:
    assert matmul(None, (3, 4)) is None
    assert permute(None, [1, 0]) is None
    assert permute(("N", 3), [1, 0]) == (3, "N")
