import numpy as np
import pytest
from onnx import helper

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.calibration import largest_magnitudes
from tests.models import build_model, siren


def test_largest_magnitudes_over_all_chunks_are_those_of_one_evaluation():
    model = load_model(siren((2, 8, 1), w0=5.0))
    samples = np.random.default_rng(0).uniform(-1, 1, (9000, 2))
    samples[-1] = [1.5, -3.0]  # in the last chunk
    largest = largest_magnitudes(model, samples)
    assert largest["x"] == 3.0
    assert set(largest) == {"x", *(str(value.name) for node in model.graph for value in node.outputs)}
    assert largest_magnitudes(model, samples[-1:])["net.0/linear"] <= largest["net.0/linear"]


@pytest.mark.parametrize(("operator", "word"), [("Exp", "infinite"), ("Mul", "infinite")])
def test_the_first_tensor_that_leaves_the_finite_numbers_is_named(operator, word):
    inputs = ["x"] if operator == "Exp" else ["x", "x"]
    nodes = [helper.make_node(operator, inputs, ["bad"]), helper.make_node("Neg", ["bad"], ["y"])]
    model = load_model(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}))
    with pytest.raises(UserError) as error:
        largest_magnitudes(model, np.array([[0.0], [1e200]]))
    assert str(error.value) == (
        f"tensor 'bad': calibration makes it {word}\n"
        "hint: look at the model's weights, or narrow the domain to where the network is defined"
    )


def test_nan_is_told_from_infinity():
    nodes = [helper.make_node("Div", ["x", "x"], ["y"])]
    model = load_model(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}))
    with pytest.raises(UserError, match=r"^tensor 'y': calibration makes it NaN"):
        largest_magnitudes(model, np.array([[1.0], [0.0]]))
