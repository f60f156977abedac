"""Gradients, Hessians, Hessian-vector products and Jacobians by parameters, and their mixtures with coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_ir as ir
import onnxruntime
import pytest
from onnx import helper

from inrarch.derivatives.expand import expand
from inrarch.derivatives.parameters import (
    gradient,
    hessian,
    hessian_vector_product,
    jacobian,
    parameters_as_inputs,
)
from inrarch.derivatives.products import jacobian_vector_product
from inrarch.derivatives.recorded import derivative_outputs
from inrarch.derivatives.request import make_request
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import dims_of
from tests.models import build_model, perceptron, siren

PARAMETERS = ["w0", "b0", "w1"]
SHAPES = {"w0": (2, 5), "b0": (5,), "w1": (5, 1)}


def network(columns: int = 1) -> ir.Model:
    return load_model(perceptron([2, 5, columns], "Tanh", dtype=np.float64))


def points(rows: int = 4) -> Any:
    return np.random.default_rng(0).uniform(-1, 1, (rows, 2))


def moved(model: ir.Model, name: str, array: Any) -> ir.Model:
    """The model with another array for a parameter."""
    copy = model.clone()
    copy.graph.initializers[name].const_value = ir.Tensor(array, name=name)
    return copy


def differences(model: ir.Model, name: str, value: Any, step: float = 1e-5) -> Any:
    """Central differences of value(model) by each entry of a parameter: shape(value) + shape(parameter)."""
    given = model.graph.initializers[name].const_value.numpy()
    columns = []
    for entry in range(given.size):
        sides = []
        for sign in (1, -1):
            array = given.copy()
            array.flat[entry] += sign * step
            sides.append(value(moved(model, name, array)))
        columns.append((sides[0] - sides[1]) / (2 * step))
    return np.stack(columns, axis=-1).reshape(*np.shape(columns[0]), *given.shape)


def test_the_gradient_is_that_of_the_sum_over_rows() -> None:
    model, x = network(), points()
    graph = gradient(model, ["y"], PARAMETERS)
    assert [value.name for value in graph.graph.outputs] == ["y", "y_d:w0", "y_d:b0", "y_d:w1"]
    assert derivative_outputs(graph) == {"y_d:w0", "y_d:b0", "y_d:w1"}
    found = evaluate(graph, {"x": x})
    for name in PARAMETERS:
        expected = differences(model, name, lambda each: evaluate(each, {"x": x})["y"].sum())
        assert found[f"y_d:{name}"].shape == SHAPES[name]
        np.testing.assert_allclose(found[f"y_d:{name}"], expected, rtol=1e-7, atol=1e-8)


def test_outputs_of_one_number_have_gradients_whatever_their_shape() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["rows"]),
        helper.make_node("ReduceSum", ["rows"], ["kept"], keepdims=1),
        helper.make_node("ReduceSum", ["rows"], ["scalar"], keepdims=0),
    ]
    outputs: dict[str, Any] = {"rows": ["N"], "kept": [1], "scalar": []}
    model = load_model(build_model(nodes, {"x": ["N", 2]}, outputs, {"w": np.ones(2)}, dtype=np.float64))
    x = points()
    found = evaluate(gradient(model, list(outputs), ["w"]), {"x": x})
    for name in outputs:
        np.testing.assert_allclose(found[f"{name}_d:w"], x.sum(axis=0))


def test_a_parameter_may_be_an_input() -> None:
    model, x = network(), points()
    free = parameters_as_inputs(model, ["w0", "w1"])
    assert [value.name for value in free.graph.inputs] == ["x", "w0", "w1"]
    feeds = {name: model.graph.initializers[name].const_value.numpy() for name in ("w0", "w1")}
    assert set(model.graph.initializers) - set(free.graph.initializers) == {"w0", "w1"}
    found = evaluate(gradient(free, ["y"], ["w0", "b0"]), {"x": x, **feeds})
    expected = evaluate(gradient(model, ["y"], ["w0", "b0"]), {"x": x})
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-13)


def test_free_parameters_make_a_valid_model() -> None:
    proto = to_proto(parameters_as_inputs(network(), ["w0"]))
    assert "w0" in {value.name for value in load_model(proto).graph.inputs}


def test_hessian_blocks_are_symmetric_and_agree_with_differences_of_gradients() -> None:
    model, x = network(), points()
    graph = hessian(model, ["y"], PARAMETERS)
    pairs = ["w0:w0", "w0:b0", "w0:w1", "b0:b0", "b0:w1", "w1:w1"]
    assert [value.name for value in graph.graph.outputs][4:] == [f"y_d:{pair}" for pair in pairs]
    found = evaluate(graph, {"x": x})
    for value in graph.graph.outputs:
        assert value.name == "y" or dims_of(value) == found[value.name].shape
    for pair in pairs:
        row, column = pair.split(":")
        block = found[f"y_d:{pair}"]
        assert block.shape == SHAPES[row] + SHAPES[column]
        expected = differences(model, column, lambda each, row=row: slope(each, x, row))
        np.testing.assert_allclose(block, expected, rtol=1e-6, atol=1e-7)
        if row == column:
            square = block.reshape(int(np.prod(SHAPES[row])), -1)
            np.testing.assert_allclose(square, square.T, rtol=1e-12, atol=1e-13)


def slope(model: ir.Model, x: Any, parameter: str) -> Any:
    return evaluate(gradient(model, ["y"], [parameter]), {"x": x})[f"y_d:{parameter}"]


def test_hessian_vector_products_are_products_with_the_hessian() -> None:
    model, x = network(), points()
    generator = np.random.default_rng(3)
    vectors = {name: generator.normal(size=SHAPES[name]) for name in PARAMETERS}
    graph = hessian_vector_product(model, ["y"], PARAMETERS)
    assert [value.name for value in graph.graph.inputs] == ["x", "v:w0", "v:b0", "v:w1"]
    assert [value.name for value in graph.graph.outputs][-3:] == ["y_dv:w0", "y_dv:b0", "y_dv:w1"]
    found = evaluate(graph, {"x": x, **{f"v:{name}": array for name, array in vectors.items()}})
    full = evaluate(hessian(model, ["y"], PARAMETERS), {"x": x})
    for row in PARAMETERS:
        expected = 0.0
        for column, vector in vectors.items():
            if (block := full.get(f"y_d:{row}:{column}")) is not None:
                expected = expected + np.tensordot(block, vector, vector.ndim)
            else:
                expected = expected + np.tensordot(vector, full[f"y_d:{column}:{row}"], vector.ndim)
        np.testing.assert_allclose(found[f"y_dv:{row}"], expected, rtol=1e-11, atol=1e-12)


def test_the_cost_of_a_hessian_vector_product_does_not_grow_with_the_parameters() -> None:
    sizes = [hessian_vector_product(load_model(siren((2, width, 1))), ["y"], ["net.0.weight"]) for width in (8, 64)]
    assert sizes[0].graph.num_nodes() == sizes[1].graph.num_nodes()


def test_jacobians_keep_the_rows_apart() -> None:
    model, x = network(columns=3), points()
    graph = jacobian(model, ["y"], ["w0", "b1"])
    found = evaluate(graph, {"x": x})
    assert found["y_J:w0"].shape == (4, 3, 2, 5)
    assert [dims_of(value) for value in graph.graph.outputs[1:]] == [("N", 3, 2, 5), ("N", 3, 3)]
    for name in ("w0", "b1"):
        expected = differences(model, name, lambda each: evaluate(each, {"x": x})["y"])
        np.testing.assert_allclose(found[f"y_J:{name}"], expected, rtol=1e-7, atol=1e-8)


def mixed_request(model: ir.Model, outputs: list[str]) -> Any:
    return make_request(model, wrt=["x"], outputs=outputs)


def test_reverse_outside_taylor_and_taylor_outside_reverse_are_the_same() -> None:
    """d/dW of Σ d²y/dx0 dx1: the sweep through the expanded graph, and the expansion of the sweep's graph."""
    model, x = network(), points()
    outside = gradient(expand(model, mixed_request(model, ["y_d01", "y_d00"])), ["y_d01", "y_d00"], PARAMETERS)
    assert [value.name for value in outside.graph.outputs][2:5] == ["y_d01:w0", "y_d01:b0", "y_d01:w1"]
    assert derivative_outputs(outside) == {value.name for value in outside.graph.outputs}
    swept = gradient(model, ["y"], PARAMETERS)
    wanted = [f"y_d:{name}_d{index}" for name in PARAMETERS for index in ("01", "00")]
    inside = expand(swept, mixed_request(swept, wanted))
    first, second = evaluate(outside, {"x": x}), evaluate(inside, {"x": x})
    for name in PARAMETERS:
        for index in ("01", "00"):
            a, b = first[f"y_d{index}:{name}"], second[f"y_d:{name}_d{index}"]
            assert np.abs(a).max() > 0.01
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def with_scalar(model: ir.Model, nodes: list[Any], name: str) -> ir.Model:
    """The model with these nodes and their result, one number, as its only output."""
    proto = to_proto(model)
    graph = proto.graph
    graph.node.extend(nodes)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(name, graph.input[0].type.tensor_type.elem_type, []))
    return load_model(proto)


def residual_loss() -> ir.Model:
    """Mean over rows of (u_00 + u_11 + u)² for a network u, from its expanded graph: the loss of a PINN."""
    nodes = [
        helper.make_node("Add", ["y_d00", "y_d11"], ["laplacian"]),
        helper.make_node("Add", ["laplacian", "y"], ["residual"]),
        helper.make_node("Mul", ["residual", "residual"], ["square"]),
        helper.make_node("ReduceMean", ["square"], ["loss"], keepdims=0),
    ]
    expanded = expand(network(), mixed_request(network(), ["y", "y_d00", "y_d11"]))
    return with_scalar(expanded, nodes, "loss")


def test_the_loss_of_a_residual_of_derivatives_is_differentiated_by_weights() -> None:
    model, x = residual_loss(), points()
    found = evaluate(gradient(model, ["loss"], PARAMETERS), {"x": x})
    for name in PARAMETERS:
        expected = differences(model, name, lambda each: evaluate(each, {"x": x})["loss"])
        np.testing.assert_allclose(found[f"loss_d:{name}"], expected, rtol=1e-6, atol=1e-8)


def test_a_gradient_of_a_gradient_is_made_of_the_hessian() -> None:
    """Reverse over reverse."""
    model, x = network(), points()
    total = [helper.make_node("ReduceSum", ["y_d:w1"], ["total"], keepdims=0)]
    scalar = with_scalar(gradient(model, ["y"], ["w1"]), total, "total")
    twice = evaluate(gradient(scalar, ["total"], ["w0"]), {"x": x})["total_d:w0"]
    expected = evaluate(hessian(model, ["y"], ["w0", "w1"]), {"x": x})["y_d:w0:w1"].sum(axis=(2, 3))
    np.testing.assert_allclose(twice, expected, rtol=1e-11, atol=1e-12)


def test_results_run_in_onnxruntime_also_after_optimization() -> None:
    model = load_model(siren((2, 16, 16, 1)))
    names = ["net.0.weight", "net.1.weight", "net.1.bias", "net.2.weight"]
    generator = np.random.default_rng(0)
    small = load_model(perceptron([2, 4, 1], "Sigmoid"))
    graphs = [
        gradient(model, ["y"], names),
        hessian_vector_product(model, ["y"], names),
        hessian(small, ["y"], ["w0", "b0"]),
        jacobian(small, ["y"], ["w0"]),
        gradient(expand(model, mixed_request(model, ["y_d01"])), ["y_d01"], names),
    ]
    for plain in graphs:
        for graph in (plain, optimize(plain)[0]):
            feeds = {
                value.name: generator.uniform(-1, 1, [size if isinstance(size, int) else 5 for size in value.shape])
                for value in graph.graph.inputs
            }
            feeds = {name: array.astype(np.float32) for name, array in feeds.items()}
            expected = evaluate(plain, feeds)
            proto = to_proto(graph)
            session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
            for output, found in zip(session.get_outputs(), session.run(None, feeds), strict=True):
                reference = expected[output.name]
                assert found.shape == reference.shape
                np.testing.assert_allclose(found, reference, atol=1e-3 * max(1e-3, np.abs(reference).max()))


def message(call: Any) -> str:
    with pytest.raises(UserError) as caught:
        call()
    return str(caught.value)


def test_an_output_of_several_columns_has_no_gradient() -> None:
    assert message(lambda: gradient(network(columns=3), ["y"], ["w0"], place="m.onnx")) == (
        "m.onnx: the output 'y' has shape [N, 3], which is not one number; expected one number, or one for each row "
        "(shape [N, 1] or [N]): its gradient is that of the sum over rows\n"
        "hint: ask for a vector-Jacobian product (vjp) that weights the entries, or end the model in a loss"
    )


def test_a_vector_of_a_fixed_number_of_entries_has_no_gradient() -> None:
    model = load_model(
        build_model([helper.make_node("Mul", ["x", "w"], ["y"])], {"x": [3]}, {"y": [3]}, {"w": np.ones(3)})
    )
    assert message(lambda: gradient(model, ["y"], ["w"])).startswith(
        "the output 'y' has shape [3], which is not one number; expected one number, or one for each row"
    )


def test_too_many_entries_for_a_hessian_are_refused_with_an_estimate() -> None:
    model = load_model(siren((2, 64, 64, 1)))
    nodes = gradient(model, ["y"], ["net.1.weight"]).graph.num_nodes()
    assert message(lambda: hessian(model, ["y"], ["net.1.weight"], place="m.onnx")) == (
        "m.onnx: a Hessian by 4096 entries of parameters needs 4096 Taylor coefficients for each value, about "
        f"{4096 * nodes} nodes; expected at most 1000 coefficients\nhint: ask for products with vectors "
        "(Hessian-vector, vjp, jvp), which cost the same for any number of parameters, or choose fewer parameters"
    )
    assert message(lambda: jacobian(model, ["y"], ["net.0.bias"], max_coefficients=63)).startswith(
        "a Jacobian by 64 entries of parameters needs 64 Taylor coefficients for each value, about "
    )


def test_a_parameter_of_unknown_size_has_no_hessian() -> None:
    assert message(lambda: hessian(network(), ["y"], ["x"], place="m.onnx")) == (
        "m.onnx: wrt 'x' has shape [N, 2]; expected known sizes for a Hessian"
    )


def test_names_that_are_taken() -> None:
    nodes = [helper.make_node("Mul", ["x", "w"], ["y"]), helper.make_node("Sin", ["x"], ["y_d:w"])]
    model = load_model(build_model(nodes, {"x": []}, {"y": [], "y_d:w": []}, {"w": np.array(2.0)}))
    assert message(lambda: gradient(model, ["y"], ["w"], place="m.onnx")) == (
        "m.onnx: the name 'y_d:w' of a derivative is taken already\nhint: rename the model's inputs or outputs"
    )


def test_directions_of_hessians_may_be_mixed_with_coordinates() -> None:
    """Along one direction of the weights, the gradient of a partial derivative."""
    model, x = network(), points()
    expanded = expand(model, mixed_request(model, ["y_d0"]))
    graph = hessian_vector_product(expanded, ["y_d0"], ["w0"])
    assert [value.name for value in graph.graph.outputs] == ["y_d0", "y_d0:w0", "y_d0v:w0"]
    vector = np.random.default_rng(0).normal(size=(2, 5))
    found = evaluate(graph, {"x": x, "v:w0": vector})["y_d0v:w0"]
    full = evaluate(hessian(expanded, ["y_d0"], ["w0"]), {"x": x})["y_d0:w0:w0"]
    np.testing.assert_allclose(found, np.tensordot(full, vector, 2), rtol=1e-11, atol=1e-12)


def test_a_derivative_along_weights_agrees_with_the_jacobian() -> None:
    model, x = network(columns=2), points()
    vector = np.random.default_rng(0).normal(size=(2, 5))
    along = evaluate(jacobian_vector_product(model, ["y"], ["w0"]), {"x": x, "v:w0": vector})["y_dv"]
    full = evaluate(jacobian(model, ["y"], ["w0"]), {"x": x})["y_J:w0"]
    np.testing.assert_allclose(along, np.tensordot(full, vector, 2), rtol=1e-12, atol=1e-13)


def a_power() -> ir.Model:
    nodes = [helper.make_node("Pow", ["x", "p"], ["y"], name="power")]
    return load_model(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, {"p": np.array(2.0)}, dtype=np.float64))


def test_a_constant_exponent_is_no_parameter() -> None:
    with pytest.raises(UserError) as caught:
        gradient(a_power(), ["y"], ["p"], place="m.onnx")
    assert str(caught.value) == (
        "m.onnx: node 'power': wrt 'p' is the constant exponent of a Pow: its number is part of the derivatives; "
        "expected parameters that are no exponents\nhint: make the exponent an input of the model"
    )


def test_an_exponent_that_is_an_input_has_a_gradient_and_a_hessian() -> None:
    x, p = 1.7, 2.5
    found = evaluate(hessian(parameters_as_inputs(a_power(), ["p"]), ["y"], ["p"]), {"x": [[x]], "p": p})
    np.testing.assert_allclose(found["y_d:p"], x**p * np.log(x), rtol=1e-14)
    np.testing.assert_allclose(found["y_d:p:p"], x**p * np.log(x) ** 2, rtol=1e-14)
