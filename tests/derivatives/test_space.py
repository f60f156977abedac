"""Spaces of coefficients: as small as they can be, and right for products."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.derivatives.indices import Index, index_factorial, tower
from inrarch.derivatives.space import Space, partials, smallest_space
from inrarch.derivatives.symbols import Symbol, composed, laplacian, partial, symbol


def space_of(coordinates: int, *operators: Symbol) -> Space:
    space = smallest_space(coordinates, operators, 1000)
    assert space is not None
    return space


def dimension(coordinates: int, *operators: Symbol) -> int:
    return 1 + len(space_of(coordinates, *operators).indices)


@pytest.mark.parametrize("coordinates", [1, 2, 3, 5, 10, 100])
def test_the_laplacian_needs_d_plus_2_coefficients(coordinates: int) -> None:
    assert dimension(coordinates, laplacian(range(coordinates))) == coordinates + 2


@pytest.mark.parametrize(("coordinates", "vectors"), [(1, 5), (2, 9), (3, 14), (5, 27)])
def test_the_biharmonic_operator_needs_9_14_27(coordinates: int, vectors: int) -> None:
    once = laplacian(range(coordinates))
    assert dimension(coordinates, composed(once, once)) == vectors


@pytest.mark.parametrize(("coordinates", "order"), [(1, 4), (2, 4), (3, 3), (6, 2)])
def test_a_tower_has_its_partial_derivatives_as_basis(coordinates: int, order: int) -> None:
    indices = tower(coordinates, order)
    space = space_of(coordinates, *(partial(*index) for index in indices))
    assert ((), *space.indices) == tuple(indices)
    assert len(indices) == comb(coordinates + order, order)
    assert all(space.is_partial(index) for index in indices)


def test_the_heat_operator_needs_the_value_one_partial_and_itself() -> None:
    heat = symbol({(0,): 1, (1, 1): -1})
    space = space_of(2, heat)
    assert space.indices == ((1,), (1, 1))
    assert space.label((1,)) == "_d1"
    assert space.label((1, 1)) == "_p11"
    assert space.first_order((1, 1)) == {0: -1}
    assert space.express(heat) == {(1, 1): -1}
    assert space.splits((1, 1)) == ((1, (), (1, 1)), (2, (1,), (1,)), (1, (1, 1), ()))


def test_powers_of_one_direction_need_one_coefficient_for_each_order() -> None:
    along = symbol({(0,): 3, (1,): -4, (2,): 12})
    assert dimension(3, composed(*[along] * 5)) == 6


def test_partial_derivatives_that_lie_in_the_space_are_elements_of_the_basis() -> None:
    space = space_of(3, laplacian(range(3)), partial(1, 1))
    assert [space.label(index) for index in space.indices] == ["_d0", "_d1", "_d2", "_d11", "_p22"]
    assert space.express(laplacian(range(3))) == {(1, 1): 2, (2, 2): 1}


def test_the_laplacian_and_its_square_are_the_sum_of_squares_without_weights() -> None:
    space = space_of(3, laplacian(range(3)))
    (element,) = (index for index in space.indices if len(index) == 2)
    assert [split for split in space.splits(element) if split[1] and split[2]] == [(2, (i,), (i,)) for i in range(3)]


def test_an_operator_outside_the_space_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="does not lie in the space"):
        partials(2, [(0,)]).express(partial(1))


def test_a_space_beyond_the_limit_is_none() -> None:
    once = laplacian(range(5))
    operator = composed(once, once)
    assert smallest_space(5, [operator], 26) is None
    assert smallest_space(5, [operator], 27) is not None
    assert smallest_space(2, [partial(0, 0, 1, 1)], 8) is None
    assert smallest_space(2, [partial(0, 0, 1), partial(0, 1, 1)], 7) is None


@st.composite
def operators(draw: st.DrawFn) -> tuple[int, list[Symbol]]:
    coordinates = draw(st.integers(1, 3))
    index = st.lists(st.integers(0, coordinates - 1), max_size=4).map(lambda listed: tuple(sorted(listed)))
    weight = st.integers(-3, 3).filter(bool).map(Fraction)
    one = st.dictionaries(index, weight, min_size=1, max_size=4).map(symbol)
    return coordinates, draw(st.lists(one, min_size=1, max_size=3))


def all_partials(coordinates: int, given_operators: list[Symbol]) -> Any:
    """Every partial derivative of every symbol as a row over the monomials, with numpy: no use of the package's own."""
    size = 5
    rows = []
    for operator in given_operators:
        polynomial = np.zeros((size,) * coordinates)
        for index, weight in operator.terms:
            polynomial[tuple(index.count(i) for i in range(coordinates))] += float(weight)
        for counts in product(range(size), repeat=coordinates):
            derivative = polynomial
            for axis, count in enumerate(counts):
                for _ in range(count):
                    derivative = np.moveaxis(derivative, axis, -1)
                    derivative = np.concatenate(
                        [derivative[..., 1:] * np.arange(1, size), np.zeros((*derivative.shape[:-1], 1))], axis=-1
                    )
                    derivative = np.moveaxis(derivative, -1, axis)
            rows.append(derivative.ravel())
    constant = np.zeros((size,) * coordinates)
    constant.flat[0] = 1.0
    return np.array([*rows, constant.ravel()])


@settings(max_examples=80, deadline=None)
@given(operators())
def test_the_dimension_is_the_rank_of_all_partial_derivatives(drawn: tuple[int, list[Symbol]]) -> None:
    coordinates, given_operators = drawn
    space = space_of(coordinates, *given_operators)
    rows = all_partials(coordinates, given_operators)
    assert 1 + len(space.indices) == np.linalg.matrix_rank(rows)


def values(space: Space, series: dict[Index, Fraction]) -> dict[Index, Fraction]:
    """Coefficients of the elements of a space from normalised Taylor coefficients (missing ones are 0)."""
    zero = Fraction(0)
    return {
        index: sum((weight * series.get(each, zero) for each, weight in space.element(index).items()), zero)
        for index in ((), *space.indices)
    }


@settings(max_examples=80, deadline=None)
@given(operators(), st.integers(0, 2**32 - 1))
def test_splits_give_the_coefficients_of_a_product_exactly(drawn: tuple[int, list[Symbol]], seed: int) -> None:
    coordinates, given_operators = drawn
    space = space_of(coordinates, *given_operators)
    generator = np.random.default_rng(seed)
    u, v, uv = ({index: Fraction(0) for index in tower(coordinates, 4)} for _ in range(3))
    for index in u:
        u[index], v[index] = (Fraction(int(number)) for number in generator.integers(-5, 6, 2))
    for (a, first), (b, second) in product(u.items(), v.items()):
        joined = tuple(sorted(a + b))
        if joined in uv:
            uv[joined] += first * second
    left, right, whole = values(space, u), values(space, v), values(space, uv)
    for index in ((), *space.indices):
        assert sum(weight * left[a] * right[b] for weight, a, b in space.splits(index)) == whole[index]
    for operator in given_operators:
        expected = sum(weight * index_factorial(index) * uv[index] for index, weight in operator.terms)
        assert sum(weight * whole[index] for index, weight in space.express(operator).items()) == expected
