"""Products with a Jacobian: the vector is an input, the result has the shape of the other side."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from inrarch.derivatives.products import jacobian_vector_product, vector_jacobian_product
from inrarch.derivatives.recorded import derivative_outputs
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import dims_of
from tests.adjoint import check_by_series, check_products_agree, weights_of, with_free_weights
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, perceptron, siren
from tests.series import evaluate_series


def names(values: Any) -> list[str]:
    return [value.name for value in values]


def test_the_vectors_are_inputs_and_the_products_outputs() -> None:
    model = load_model(siren((2, 8, 3)))
    back = vector_jacobian_product(model, ["y"], ["x", "net.0.weight"])
    assert names(back.graph.inputs) == ["x", "v:y"]
    assert names(back.graph.outputs) == ["y", "vjp:x", "vjp:net.0.weight"]
    assert [dims_of(value) for value in back.graph.outputs] == [("N", 3), ("N", 2), (8, 2)]
    assert dims_of(back.graph.inputs[1]) == ("N", 3)
    along = jacobian_vector_product(model, ["y"], ["x", "net.0.weight"], 2)
    assert names(along.graph.inputs) == ["x", "v:x", "v:net.0.weight"]
    assert names(along.graph.outputs) == ["y", "y_dv", "y_dvv"]
    assert all(dims_of(value) == ("N", 3) for value in along.graph.outputs)
    assert derivative_outputs(along) == {"y_dv", "y_dvv"}


@pytest.mark.parametrize("activation", ["Sin", "Tanh", "Softplus", "Relu", "Exp"])
def test_networks_by_inputs_and_all_weights(activation: str) -> None:
    model = load_model(perceptron([3, 7, 5, 2], activation, dtype=np.float64))
    x = np.random.default_rng(0).uniform(-1, 1, (4, 3))
    free = with_free_weights(model)
    check_by_series(free, {"x": x, **weights_of(model)})
    assert check_products_agree(free, {"x": x, **weights_of(model)}, ["y"])


def test_higher_derivatives_along_a_direction_of_inputs_and_weights() -> None:
    model = load_model(siren((2, 8, 8, 2), dtype=np.float64, w0=3.0))
    generator = np.random.default_rng(0)
    x, weights = generator.uniform(-1, 1, (3, 2)), weights_of(model)
    chosen = {"x": x, "net.1.weight": weights["net.1.weight"], "net.0.bias": weights["net.0.bias"]}
    direction = {name: generator.normal(size=array.shape) for name, array in chosen.items()}
    graph = jacobian_vector_product(model, ["y"], list(chosen), 4)
    found = evaluate(graph, {"x": x, **{f"v:{name}": array for name, array in direction.items()}})
    series = {}
    for name, array in {"x": x, **weights}.items():
        series[name] = np.zeros((5, *array.shape))
        series[name][0] = array
        series[name][1] = direction.get(name, 0.0)
    expected = evaluate_series(with_free_weights(model), series, 4)["y"]
    for order, factorial in ((1, 1), (2, 2), (3, 6), (4, 24)):
        reference = factorial * expected[order]
        np.testing.assert_allclose(
            found["y_d" + "v" * order], reference, rtol=1e-9, atol=1e-9 * np.abs(reference).max()
        )


def test_a_direction_that_is_a_coordinate_gives_the_partial_derivative() -> None:
    model = siren((2, 8, 2), dtype=np.float64)
    x = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    unit = np.broadcast_to([0.0, 1.0], x.shape)
    found = evaluate(jacobian_vector_product(load_model(model), ["y"], ["x"], 2), {"x": x, "v:x": unit})
    expected = evaluate(derive_unoptimized(model, 2), {"x": x})
    np.testing.assert_allclose(found["y_dvv"], expected["y_d11"], rtol=1e-10)


def test_the_shorter_of_the_two_directions_may_be_zero() -> None:
    """y does not depend on t: its derivative along v:t alone is zero, and of full shape."""
    nodes = [onnx.helper.make_node("Sin", ["x"], ["y"]), onnx.helper.make_node("Cos", ["t"], ["z"])]
    model = load_model(build_model(nodes, {"x": ["N", 2], "t": ["N", 1]}, {"y": ["N", 2], "z": ["N", 1]}))
    graph = jacobian_vector_product(model, ["y", "z"], ["t"])
    found = evaluate(graph, {"x": np.ones((3, 2)), "t": np.zeros((3, 1)), "v:t": np.ones((3, 1))})
    assert found["y_dv"].tolist() == [[0.0, 0.0]] * 3


def test_products_run_in_onnxruntime() -> None:
    model = load_model(siren((2, 16, 16, 3)))
    generator = np.random.default_rng(0)
    feeds = {"x": generator.uniform(-1, 1, (5, 2)), "v:y": generator.normal(size=(5, 3))}
    feeds |= {"v:x": generator.normal(size=(5, 2))}
    feeds = {name: array.astype(np.float32) for name, array in feeds.items()}
    for graph in (
        vector_jacobian_product(model, ["y"], ["x", "net.1.weight", "net.0.bias"]),
        jacobian_vector_product(model, ["y"], ["x"], 3),
    ):
        given = {value.name: feeds[value.name] for value in graph.graph.inputs}
        expected = evaluate(graph, given)
        session = onnxruntime.InferenceSession(to_proto(graph).SerializeToString(), providers=["CPUExecutionProvider"])
        for output, found in zip(session.get_outputs(), session.run(None, given), strict=True):
            reference = expected[output.name]
            np.testing.assert_allclose(found, reference, atol=1e-3 * np.abs(reference).max())


def message(call: Any) -> str:
    with pytest.raises(UserError) as caught:
        call()
    return str(caught.value)


def test_names_that_do_not_exist_or_come_twice() -> None:
    model = load_model(siren((2, 4, 1)))
    assert message(lambda: vector_jacobian_product(model, ["z"], ["x"], place="m.onnx")) == (
        "m.onnx: output 'z' is not an output of the model; expected one of 'y'"
    )
    assert message(lambda: jacobian_vector_product(model, ["y"], ["net.0.weigth"], place="m.onnx")) == (
        "m.onnx: wrt 'net.0.weigth' is not an input or a parameter (floating-point) of the model; expected one of 'x', "
        "'w0', 'net.0.bias', 'net.0.weight', 'net.1.bias', 'net.1.weight'\nhint: did you mean 'net.0.weight'?"
    )
    assert message(lambda: vector_jacobian_product(model, ["y"], ["x", "x"], place="m.onnx")) == (
        "m.onnx: wrt lists 'x' twice"
    )
    assert message(lambda: jacobian_vector_product(model, ["y"], ["x"], 0)) == (
        "order is 0; expected a whole number of at least 1"
    )


def test_names_that_are_taken() -> None:
    nodes = [onnx.helper.make_node("Sin", ["x"], ["y"])]
    model = load_model(
        build_model(
            [*nodes, onnx.helper.make_node("Cos", ["v:y"], ["z"])], {"x": [2], "v:y": [2]}, {"y": [2], "z": [2]}
        )
    )
    assert message(lambda: vector_jacobian_product(model, ["y"], ["x"], place="m.onnx")) == (
        "m.onnx: the name 'v:y' of a derivative is taken already\nhint: rename the model's inputs or outputs"
    )


def test_values_inside_the_model_give_way_to_new_names() -> None:
    nodes = [onnx.helper.make_node("Sin", ["x"], ["y_dv"]), onnx.helper.make_node("Exp", ["y_dv"], ["y"])]
    graph = jacobian_vector_product(load_model(build_model(nodes, {"x": [2]}, {"y": [2]})), ["y"], ["x"])
    found = evaluate(graph, {"x": np.zeros(2), "v:x": np.array([1.0, 2.0])})
    assert found["y_dv"].tolist() == [1.0, 2.0]
