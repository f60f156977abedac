"""Bounds of linear programs are what the multipliers prove, whatever the solver says; whole bounds are not too high."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from inrarch.fifo.highs import Linear, whole


def program(seed: int) -> tuple[Linear, list[tuple[float, float, float]], list[tuple[dict[int, float], float]]]:
    """A program that has a solution, its columns and its rows."""
    rng = Random(seed)
    columns = [
        (rng.randint(-3, 9), low := rng.randint(-5, 5), low + rng.randint(0, 9)) for _ in range(rng.randint(1, 6))
    ]
    inside = [rng.uniform(low, high) for _, low, high in columns]
    rows = []
    for _ in range(rng.randint(0, 8)):
        row = {place: rng.choice([-2.0, -1.0, 0.5, 1.0, 3.0]) for place in range(len(columns)) if rng.random() < 0.6}
        rows.append((row, sum(value * inside[place] for place, value in row.items()) - rng.random()))
    linear = Linear()
    for column in columns:
        linear.column(*column)
    for row, least in rows:
        linear.row(row, least)
    return linear, columns, rows


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_is_the_optimum_and_any_multipliers_prove_no_more(seed: int) -> None:
    linear, columns, rows = program(seed)
    bound, values = linear.solve()
    assert values is not None
    cost = sum(price * value for (price, _, _), value in zip(columns, values, strict=True))
    assert bound == pytest.approx(cost, abs=1e-6)
    for row, least in rows:
        assert sum(value * values[place] for place, value in row.items()) >= least - 1e-6
    rng = np.random.default_rng(seed)
    for _ in range(20):
        assert linear.proven(rng.normal(0, 2, len(rows))) <= cost + 1e-9


def test_a_column_without_a_bound_proves_nothing_where_multipliers_do_not_cover_its_cost() -> None:
    linear = Linear()
    column = linear.column(-1.0)
    linear.row({column: -1.0}, -5.0)
    assert linear.proven(np.array([1.0])) == pytest.approx(-5.0)
    assert linear.proven(np.array([0.5])) == -np.inf


def test_a_program_without_solution_is_infinite() -> None:
    linear = Linear()
    linear.row({linear.column(1.0, 0.0, 3.0): 1.0}, 4.0)
    assert linear.solve() == (np.inf, None)


def test_a_column_above_lines_is_their_greatest() -> None:
    linear = Linear()
    place = linear.column(-0.1, 0.0, 10.0)
    linear.above(place, [(1.0, -2.0), (0.0, 3.0), (-1.0, 1.0)], cost=1.0)
    bound, values = linear.solve()
    assert values == pytest.approx([5.0, 3.0])
    assert bound == pytest.approx(2.5)


def test_a_whole_bound_forgives_rounding_only() -> None:
    assert [whole(each) for each in (3.0000001, 3.01, 2.99, 1e6 + 0.5, np.inf, -np.inf)] == [3, 4, 3, 1_000_000, 0, 0]
