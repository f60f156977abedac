"""Rules of bounds: no point of the operands leads out of the result, and simple cases are tight."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.numeric import interval
from inrarch.numeric.interval import Bound, exact
from inrarch.numeric.samples import Real

SEEDS = st.integers(0, 2**32 - 1)


def drawn(generator: np.random.Generator, features: int = 5, reach: float = 4.0) -> tuple[Bound, Real]:
    """A bound of one cell and 200 points in it, its corners and zero radius among them."""
    centre, radius = generator.uniform(-reach, reach, (1, features)), generator.uniform(0, reach, (1, features))
    radius[:, 0] = 0.0
    points = centre + radius * np.clip(generator.uniform(-1.3, 1.3, (200, features)), -1, 1)
    bound = exact(centre - radius, centre + radius)
    norm = np.sqrt((points**2).sum(axis=-1)).max()
    return Bound(bound.low, bound.high, np.minimum(bound.norm, norm)[:1]), points


def holds(bound: Bound, points: Real) -> bool:
    inside = (points >= bound.low).all() and (points <= bound.high).all()
    return bool(inside and (np.sqrt((points**2).sum(axis=-1)) <= bound.norm[..., 0] * (1 + 1e-12)).all())


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_points_stay_within_the_bounds_of_their_results(seed: int) -> None:
    generator = np.random.default_rng(seed)
    (a, x), (b, y) = drawn(generator), drawn(generator)
    assert holds(interval.add(a, b), x + y)
    assert holds(interval.subtract(a, b), x - y)
    assert holds(interval.multiply(a, b), x * y)
    assert holds(interval.square(a), x * x)
    assert holds(interval.negate(a), -x)
    assert holds(interval.absolute(a), np.abs(x))
    apart = interval.reciprocal(Bound(a.low + 9, a.high + 9, a.norm + 99))
    assert apart is not None
    assert holds(apart, 1 / (x + 9))
    assert holds(interval.sine(a), np.sin(x))
    assert holds(interval.sine(a, math.pi / 2), np.cos(x))
    assert holds(interval.increasing(a, np.tanh, -1.0, 1.0, shrinks=True), np.tanh(x))
    assert holds(interval.hull(a, b), np.where(generator.uniform(size=x.shape) < 0.5, x, y))
    assert holds(interval.widened(a, 0.125), x + generator.uniform(-0.125, 0.125, x.shape))
    assert holds(interval.clipped(a, -1.0, 2.0), np.clip(x, -1.0, 2.0))
    weight, bias = generator.normal(size=(5, 7)), generator.normal(size=7)
    assert holds(interval.matmul(a, weight, bias), x @ weight + bias)
    scalar = exact(np.array(1.5), np.array(1.5))
    assert holds(interval.multiply(a, scalar), x * 1.5)
    row = np.linspace(-1, 1, 5)
    assert holds(interval.multiply(a, exact(row, row)), x * row)


def test_the_sine_of_an_interval_is_its_range() -> None:
    low, high = np.array([[0.0, 0.1, -4.0, 1.0, 3.0]]), np.array([[0.5, 3.0, 4.0, 2.0, 4.0]])
    found = interval.sine(exact(low, high))
    assert found.low[0] == pytest.approx([0.0, math.sin(0.1), -1.0, math.sin(1.0), math.sin(4.0)], abs=1e-8)
    assert found.high[0] == pytest.approx([math.sin(0.5), 1.0, 1.0, 1.0, math.sin(3.0)], abs=1e-8)
    assert found.high.max() == 1.0
    assert found.low.min() == -1.0


def test_a_square_is_not_negative_and_a_product_of_others_may_be() -> None:
    a = exact(np.array([[-2.0]]), np.array([[1.0]]))
    assert interval.square(a).low[0, 0] == 0.0
    assert interval.square(a).high[0, 0] == pytest.approx(4.0)
    assert interval.multiply(a, a).low[0, 0] == pytest.approx(-2.0)


def test_the_norm_tightens_what_intervals_alone_would_lose() -> None:
    """A vector of norm 1 through an orthogonal matrix of 64 rows: 1, where intervals give up to the sum of |W|."""
    matrix, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(64, 64)))
    box = exact(-np.ones((1, 64)), np.ones((1, 64)))
    unit = Bound(box.low, box.high, np.ones((1, 1)))
    assert interval.matmul(unit, matrix, np.zeros(64)).peak == pytest.approx(1.0)
    assert interval.matmul(box, matrix, np.zeros(64)).peak > 5.0


def test_the_largest_singular_value_is_not_below_the_true_one() -> None:
    assert interval.largest_singular_value(np.diag([3.0, -5.0, 1.0])) >= 5.0
    assert interval.largest_singular_value(np.diag([3.0, -5.0, 1.0])) == pytest.approx(5.0)


def test_a_reciprocal_of_what_may_be_0_has_no_bound() -> None:
    assert interval.reciprocal(exact(np.array([[1.0, -1.0]]), np.array([[2.0, 0.0]]))) is None
    found = interval.reciprocal(exact(np.array([[1.0, -2.0]]), np.array([[2.0, -0.5]])))
    assert found is not None
    assert found.low[0] == pytest.approx([0.5, -2.0])
    assert found.high[0] == pytest.approx([1.0, -0.5])
