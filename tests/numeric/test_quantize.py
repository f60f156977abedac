from itertools import pairwise

import numpy as np
import pytest
from onnx import helper

from inrarch.derivatives.api import derive_graph
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.choose import Widths
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples
from tests.models import build_model, gated_skip, perceptron, siren


def tower(model, order):
    return derive_graph(load_model(model), order=order, method="taylor", optimize=True, max_coefficients=1000)


def judged(graph, widths, count=512, coordinates=2, reach=1.0):
    calibration = box_samples((-reach,), (reach,), coordinates, count, (0, 0), corners=True)
    test = box_samples((-reach,), (reach,), coordinates, count, (0, 1), corners=False)
    return quantize(graph, widths, calibration, test)


def worst(formats):
    return max(error.max_rel for error in formats.errors.values())


def test_error_shrinks_with_the_data_bits():
    graph = tower(siren((2, 32, 32, 1), seed=3), 2)
    errors = [worst(judged(graph, Widths(bits, 27, 2))) for bits in (16, 20, 24, 28)]
    assert all(finer < coarser / 8 for coarser, finer in pairwise(errors))
    assert errors[0] < 0.05
    assert errors[-1] < 1e-5


def test_error_shrinks_with_the_weight_bits():
    graph = tower(siren((2, 32, 32, 1), seed=3), 1)
    errors = [worst(judged(graph, Widths(28, bits, 2))) for bits in (10, 14, 18, 22)]
    assert all(finer < coarser / 6 for coarser, finer in pairwise(errors))


@pytest.mark.parametrize("activation", ["Sin", "Cos", "Tanh", "Sigmoid", "Exp", "Softplus", "Relu"])
@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_through_every_function_are_accurate(activation, order):
    formats = judged(tower(perceptron((2, 16, 16, 2), activation, seed=2), order), Widths(28, 24, 2))
    assert worst(formats) < 2e-5
    assert formats.overflows == 0
    assert formats.samples == 512


def test_skip_connections_slices_and_products_are_accurate():
    assert worst(judged(tower(gated_skip(), 2), Widths(28, 24, 2))) < 1e-5


def test_an_output_that_is_zero_everywhere_has_no_error():
    formats = judged(tower(perceptron((2, 8, 1), "Relu", seed=1), 2), Widths(24, 18, 2))
    assert [formats.errors[name].max_rel for name in ("y_d00", "y_d01", "y_d11")] == [0.0, 0.0, 0.0]


def test_the_benchmark_network_meets_the_accuracy_of_one_dsp_per_mac():
    graph = tower(siren(), 2)
    formats = judged(graph, Widths(24, 18, 2), count=1024)
    assert worst(formats) < 5e-4
    assert formats.overflows == 0
    assert max(formats.accumulators.values()) <= 48


def test_a_sample_where_the_reference_is_not_finite_is_an_error():
    model = load_model(build_model([helper.make_node("Exp", ["x"], ["y"], name="e")], {"x": ["N", 1]}, {"y": ["N", 1]}))
    with pytest.raises(UserError) as error:
        quantize(model, Widths(24, 18, 2), np.array([[1.0]]), np.array([[1.0], [1e3]]))
    assert str(error.value) == "output 'y': a test sample makes it NaN or infinite"
