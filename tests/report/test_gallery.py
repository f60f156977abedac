from __future__ import annotations

import numpy as np
import onnx_ir as ir
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.numeric.choose import Widths
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples
from inrarch.report.gallery import CURVE_POINTS, Models, evaluate_both, make_gallery
from inrarch.report.notation import Partial
from tests.models import siren


def compared(coordinates: int) -> Models:
    """A random SIREN with its gradient, in both roles."""
    model = load_model(siren([coordinates, 8, 8, 1], seed=1))
    graph = derive_graph(model, order=1, method="taylor", optimize=True, max_coefficients=100)
    rows = box_samples((-1.0,), (1.0,), coordinates, 256, 0, corners=False)
    return Models(graph, graph, quantize(graph, Widths(24, 18, 2), rows, rows[:32]))


def outputs_of(graph: ir.Model) -> dict[str, Partial]:
    names = [str(value.name) for value in graph.graph.outputs]
    return {name: Partial(names[0], tuple(map(int, name.removeprefix(names[0])[2:]))) for name in names}


def test_two_coordinates_give_pictures_and_say_how_to_read_them() -> None:
    models = compared(2)
    gallery = make_gallery(models, outputs_of(models.reference), [-1.0], [1.0], (4, 6))
    assert [row.order for row in gallery.pictures] == [0, 1, 1]
    assert gallery.axes == "Coordinate x₀ runs down from -1 to 1, x₁ to the right from -1 to 1; 4 × 6 points."
    assert gallery.reason == ""


def test_one_coordinate_gives_curves() -> None:
    models = compared(1)
    gallery = make_gallery(models, outputs_of(models.reference), [-1.0], [2.0], (4, 4))
    assert [row.symbol.startswith("∂") for row in gallery.curves] == [False, True]
    assert gallery.curves[0].values.lines[0][1].count(",") == CURVE_POINTS
    assert gallery.axes == "The coordinate runs from -1 to 2."


def test_three_coordinates_give_a_reason() -> None:
    models = compared(3)
    gallery = make_gallery(models, outputs_of(models.reference), [-1.0], [1.0], (4, 4))
    assert not gallery.pictures
    assert gallery.reason == "No pictures: they are drawn over one or two coordinates, and this network has 3."


@pytest.mark.parametrize("image", [(0, 0), (0, 5)])
def test_no_pictures_where_none_are_asked_for(image: tuple[int, int]) -> None:
    models = compared(2)
    gallery = make_gallery(models, outputs_of(models.reference), [-1.0], [1.0], image)
    assert gallery.reason == f"No pictures: report.image is {list(image)}."


def test_the_reference_is_float64_and_the_hardware_near_it() -> None:
    models = compared(2)
    points = box_samples((-1.0,), (1.0,), 2, 50, 3, corners=False)
    names = list(outputs_of(models.reference))
    hardware, reference = evaluate_both(models, points, names)
    feed = str(models.reference.graph.inputs[0].name)
    expected = evaluate(models.reference, {feed: points})
    for name in names:
        np.testing.assert_array_equal(reference[name], expected[name])
        assert 0 < np.abs(hardware[name] - reference[name]).max() < 1e-3 * np.abs(reference[name]).max()
