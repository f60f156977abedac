import numpy as np
import pytest

from inrarch.errors import UserError
from inrarch.graph.lowering.pipeline import lower
from inrarch.numeric.calibration import largest_magnitudes
from tests.graph.passes.graphs import graph

ROWS = np.random.default_rng(0).uniform(-1, 1, (5000, 2))


def lowered(text):
    return lower(graph("g (double[N,2] x) => (double[N,2] y) " + text))[0]


def test_a_divisor_on_both_sides_of_0_is_named_with_its_range():
    with pytest.raises(UserError) as error:
        largest_magnitudes(lowered("{ s = Sin(x) y = Div(x, s) }"), ROWS)
    assert str(error.value) == (
        "tensor 's': feature 0 runs from -0.841 to 0.841 in calibration, and node 'y/Reciprocal' divides by it; "
        "expected a divisor that stays on one side of 0\n"
        "hint: narrow the domain, or change the network so that it does not divide by 0"
    )


def test_samples_of_all_chunks_count(monkeypatch):
    monkeypatch.setattr("inrarch.numeric.samples.chunk_rows", lambda model: 1)
    with pytest.raises(UserError, match="feature 1 runs from -1 to 1 in calibration"):
        largest_magnitudes(lowered("{ y = Reciprocal(x) }"), np.array([[1.0, 1.0], [0.5, -1.0]]))


def test_each_feature_may_have_a_side_of_its_own():
    signs = np.array([1.0, -1.0]) * (np.abs(ROWS) + 0.25)
    assert largest_magnitudes(lowered("{ y = Reciprocal(x) }"), signs)["y"] == pytest.approx(4, rel=1e-2)


def test_a_tangent_across_its_pole_is_a_division_by_0():
    assert largest_magnitudes(lowered("{ y = Tan(x) }"), ROWS)["y"] == pytest.approx(np.tan(1), rel=1e-3)
    with pytest.raises(UserError, match="expected a divisor that stays on one side of 0"):
        largest_magnitudes(lowered("{ y = Tan(x) }"), 2 * ROWS)


@pytest.mark.parametrize("function", ["Log", "Sqrt", "Asin", "Acosh"])
def test_arguments_outside_of_the_domain_are_found_as_nan(function):
    with pytest.raises(UserError, match="tensor 'y': calibration makes it NaN"), np.errstate(all="ignore"):
        largest_magnitudes(lowered(f"{{ y = {function}(x) }}"), 2 * ROWS)
