"""Lines of a lower hull: no point is below them, and they touch the points; with few splits there are few."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from inrarch.fifo.hull import lines_below


@pytest.mark.parametrize("seed", range(40))
def test_no_point_is_below_and_the_hull_is_reached_at_its_corners(seed: int) -> None:
    rng = Random(seed)
    x = np.array(sorted(rng.sample(range(-50, 50), rng.randint(2, 40))))
    y = np.array([rng.randint(-30, 30) for _ in x])
    values = [slope * x + at_zero for slope, at_zero in lines_below(x, y)]
    envelope = np.max(values, axis=0)
    assert np.all(envelope <= y + 1e-9)
    # The hull at a point is the lowest chord over it.
    for place, at in enumerate(x):
        chords = [
            y[i] + (y[j] - y[i]) * (at - x[i]) / (x[j] - x[i])
            for i in range(place + 1)
            for j in range(place, len(x))
            if i != j
        ]
        assert envelope[place] == pytest.approx(min([*chords, y[place]]))
    slopes = [slope for slope, _ in lines_below(x, y)]
    assert slopes == sorted(slopes)
    few = lines_below(x, y, splits=1)
    assert len(few) <= 2
    assert np.all(np.max([slope * x + at_zero for slope, at_zero in few], axis=0) <= envelope + 1e-9)


def test_one_point_has_one_line() -> None:
    assert lines_below(np.array([7]), np.array([3])) == [(0.0, 3.0)]
