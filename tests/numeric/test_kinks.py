"""Rows on which fixed point takes another branch than float64: found, counted, and left out where derivatives jump."""

import numpy as np
import pytest
from onnx import helper

from inrarch.derivatives.api import derive_graph
from inrarch.derivatives.recorded import derivative_outputs
from inrarch.graph.load import load_model
from inrarch.graph.save import save_model
from inrarch.numeric.choose import Widths
from inrarch.numeric.formats import Format
from inrarch.numeric.kinks import differing_rows, rows_at_kinks
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples, to_feeds
from tests.models import build_model, perceptron

BELOW = 2.0**-40
"""Positive, and 0 in every number format here."""


def ramps(batch=("N",)):
    """y = relu(x0 - 1/2) + relu(x1) + x0 / 4: kinks at x0 = 1/2 and x1 = 0, a derivative that is 0 nowhere."""
    first, last = np.array([[1.0, 0, 1], [0, 1, 0]]), np.array([[1.0], [1], [0.25]])
    weights = {"w": first, "b": np.array([-0.5, 0, 2]), "v": last}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["p"], name="first"),
        helper.make_node("Add", ["p", "b"], ["h"], name="bias"),
        helper.make_node("Relu", ["h"], ["a"], name="ramps"),
        helper.make_node("MatMul", ["a", "v"], ["y"], name="last"),
    ]
    return build_model(nodes, {"x": [*batch, 2]}, {"y": [*batch, 1]}, weights)


def tower(model, order=1):
    return derive_graph(load_model(model), order=order, method="taylor", optimize=True, max_coefficients=1000)


def rows(count=64):
    """Rows far from the kinks of `ramps`."""
    points = box_samples((0.1,), (0.4,), 2, count, 3, corners=False)
    points[: count // 2] += 0.5
    return points


def planted():
    """`rows`, of which 5 and 40 lie at a kink of either ramp."""
    points = rows()
    points[5] = [0.5 + BELOW, 0.25]
    points[40] = [0.25, BELOW]
    return points


def test_planted_rows_are_found_and_the_derivative_is_judged_without_them():
    graph = tower(ramps())
    formats = quantize(graph, Widths(24, 18, 2), rows(), planted())
    assert rows_at_kinks(graph, formats, to_feeds(graph, planted())).tolist() == [5, 40]
    assert formats.kinks == 2
    assert max(error.max_rel for error in formats.errors.values()) < 1e-4
    graph.metadata_props.clear()  # a graph that does not say what its derivatives are: all rows count
    strict = quantize(graph, Widths(24, 18, 2), rows(), planted())
    assert strict.kinks == 2
    assert {name: error.max_abs > 0.9 for name, error in strict.errors.items()} == {
        "y": False,
        "y_d0": True,
        "y_d1": True,
    }


def test_an_error_elsewhere_than_at_a_kink_counts():
    graph = tower(ramps())
    formats = quantize(graph, Widths(8, 8, 0), rows(), planted())
    assert formats.errors["y"].max_rel > 1e-4


def test_values_are_judged_on_all_rows():
    """The row at a kink has the larger error of the value, and none of the derivative."""
    graph = tower(ramps())
    points = np.array([[0.5, 0.25], [0.5 + BELOW, 0.3]])
    alone, both = (quantize(graph, Widths(12, 12, 2), rows(), points[:count]) for count in (1, 2))
    assert (alone.kinks, both.kinks) == (0, 1)
    assert both.errors["y"].max_abs > alone.errors["y"].max_abs
    assert both.errors["y_d0"] == alone.errors["y_d0"]


@pytest.mark.parametrize("activation", ["Sin", "Cos", "Tanh", "Sigmoid", "Exp", "Softplus"])
def test_smooth_networks_have_no_kinks(activation):
    graph = tower(perceptron((2, 8, 8, 1), activation), 2)
    samples = box_samples((-1.0,), (1.0,), 2, 64, 0, corners=True)
    formats = quantize(graph, Widths(8, 8, 0), samples, samples)
    assert formats.kinks == 0
    assert rows_at_kinks(graph, formats, to_feeds(graph, samples)).size == 0


def test_a_coarse_format_has_many_rows_at_kinks():
    graph = tower(perceptron((2, 16, 16, 1), "Relu"))
    samples = box_samples((-1.0,), (1.0,), 2, 512, 0, corners=False)
    counts = [quantize(graph, Widths(bits, 18, 2), samples, samples).kinks for bits in (8, 12, 24)]
    assert counts[0] > 100 > counts[1] > counts[2]


def test_rows_of_inner_axes_are_counted_one_by_one():
    graph = tower(ramps(("N", 4)))
    feeds = to_feeds(graph, planted())
    assert feeds["x"].shape == (16, 4, 2)
    formats = quantize(graph, Widths(24, 18, 2), rows(), planted())
    assert rows_at_kinks(graph, formats, feeds).tolist() == [5, 40]
    assert max(error.max_rel for error in formats.errors.values()) < 1e-4


@pytest.mark.parametrize(
    ("shape", "place", "expected"),
    [
        ((2, 3, 5), (1, 0, 4), [3]),
        ((2, 15), (1, 0), [3, 4, 5]),  # other axes than the input: its whole entry of the batch
        ((1, 5), (0, 2), [0, 1, 2, 3, 4, 5]),  # the same for every row
    ],
)
def test_a_difference_is_given_to_its_rows(shape, place, expected):
    integers = np.zeros(shape, dtype=np.int64)
    integers[place] = 1
    found = differing_rows({"c": False}, (2, 3), {"c": np.zeros(shape)}, {"c": integers})
    assert np.flatnonzero(found).tolist() == expected


def test_the_conditions_of_a_models_own_where_count():
    nodes = [
        helper.make_node("Greater", ["x", "zero"], ["right"], name="compare"),
        helper.make_node("Sin", ["x"], ["s"], name="sine"),
        helper.make_node("Where", ["right", "x", "s"], ["y"], name="choose"),
    ]
    graph = tower(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, {"zero": np.array([0.0])}))
    points = np.linspace(-1, 1, 20)[:, None]
    points[7] = BELOW
    assert quantize(graph, Widths(24, 18, 2), points, points).kinks == 1


def test_a_whole_number_that_is_another_one_counts():
    nodes = [
        helper.make_node("Floor", ["x"], ["whole"], name="floor"),
        helper.make_node("Sub", ["x", "whole"], ["rest"], name="rest"),
        helper.make_node("Sin", ["rest"], ["y"], name="sine"),
    ]
    graph = tower(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}))
    points = np.linspace(-3.7, 3.3, 21)[:, None]
    points[7], points[9] = -1 - BELOW, 2.0  # rounds up to a whole number; is one in both
    formats = quantize(graph, Widths(24, 18, 2), points, points)
    assert formats.kinks == 1
    assert formats.of("whole") == Format(24, 0)


def test_the_names_of_the_derivatives_survive_the_optimizer_and_the_file(tmp_path):
    save_model(tower(ramps()), tmp_path / "graph.onnx")
    assert derivative_outputs(load_model(tmp_path / "graph.onnx")) == {"y_d0", "y_d1"}
    assert derivative_outputs(load_model(ramps())) == frozenset()


def test_where_all_rows_are_at_a_kink_all_are_judged():
    graph = tower(ramps())
    points = np.tile([0.5 + BELOW, 0.25], (20, 1))
    formats = quantize(graph, Widths(24, 18, 2), rows(), points)
    assert formats.kinks == 20
    assert formats.errors["y"].max_rel < 1e-4
    assert formats.errors["y_d0"].max_abs == pytest.approx(1.0, abs=1e-4)
