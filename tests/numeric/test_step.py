"""`step`: derivatives per pixel cost no accuracy, because every tensor has its own binary point."""

from __future__ import annotations

import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.derivatives.recorded import output_orders
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.numeric.choose import Widths
from inrarch.numeric.formats import Formats
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples, to_feeds
from tests.models import siren

CALIBRATION = box_samples((-1.0,), (1.0,), 2, 1024, (0, 0), corners=True)
TEST = box_samples((-1.0,), (1.0,), 2, 1024, (0, 1), corners=False)


def judged(step: float, order: int = 3) -> Formats:
    model = load_model(siren((2, 24, 24, 1), w0=12.0, seed=6))
    graph = derive_graph(model, order=order, step=step, method="taylor", optimize=True)
    return quantize(graph, Widths(24, 18, 2, 18), CALIBRATION, TEST)


def test_a_step_of_a_power_of_two_changes_binary_points_only() -> None:
    """h = 2^-6: order k has 6k more fraction bits, and the same integers, so the same relative errors."""
    whole, small = judged(1.0), judged(2.0**-6)
    model = load_model(siren((2, 24, 24, 1), w0=12.0, seed=6))
    orders = output_orders(derive_graph(model, order=3, method="taylor", optimize=True))
    for name, order in orders.items():
        assert small.of(name).frac == whole.of(name).frac + 6 * order
        assert small.errors[name].max_rel == whole.errors[name].max_rel
        assert small.errors[name].max_abs == whole.errors[name].max_abs * 2.0 ** (-6 * order)


@pytest.mark.parametrize("step", [2 / 127, 1e-3, 40.0])
def test_any_step_has_errors_of_the_same_size(step: float) -> None:
    whole, other = judged(1.0), judged(step)
    assert other.overflows == 0
    for name, error in whole.errors.items():
        assert error.max_rel / 2 < other.errors[name].max_rel < 2 * error.max_rel


def test_order_k_comes_out_multiplied_by_the_step_to_the_power_of_k() -> None:
    model = load_model(siren((2, 24, 24, 1), w0=12.0, seed=6))
    feeds = to_feeds(model, TEST[:50])
    plain, scaled = (derive_graph(model, order=2, step=step, method="taylor", optimize=True) for step in (1.0, 0.25))
    expected, found = evaluate(plain, feeds), evaluate(scaled, feeds)
    for name, order in output_orders(plain).items():
        assert found[name] == pytest.approx(expected[name] * 0.25**order, rel=1e-9, abs=1e-9)


def test_streams_carry_normalised_taylor_coefficients() -> None:
    """The jet's last coefficient of order 3 is a sixth of the derivative, so its range is 2.6 bits smaller."""
    model = load_model(siren((1, 16, 1), w0=12.0, seed=6))
    graph = derive_graph(model, order=3, method="taylor", optimize=True)
    last = next(node for node in graph.graph if node.outputs[0].name == "y_d000")
    assert last.op_type == "Mul"
    assert [float(value.const_value.numpy()) for value in last.inputs if value.const_value is not None] == [6.0]
