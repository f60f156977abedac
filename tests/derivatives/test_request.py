"""Requests are checked against the model; every error names what would have been right."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from inrarch.derivatives.indices import tower
from inrarch.derivatives.request import Request, make_request
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from tests.models import build_model, siren


def two_inputs() -> onnx.ModelProto:
    nodes = [
        helper.make_node("Concat", ["position", "time"], ["joined"], axis=1),
        helper.make_node("Sin", ["joined"], ["u"]),
        helper.make_node("Mul", ["u", "scale"], ["v"]),
    ]
    inputs: dict[str, Any] = {"position": ["N", 2], "time": ["N", 1]}
    return build_model(nodes, inputs, {"u": ["N", 3], "v": ["N", 3]}, {"scale": np.ones(3)})


def request(model: onnx.ModelProto | None = None, **options: Any) -> Request:
    return make_request(load_model(model or siren((2, 4, 1))), **options)


def message(model: onnx.ModelProto | None = None, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        request(model, place="m.onnx", **options)
    return str(caught.value)


def names(asked: Request) -> list[str]:
    return [target.name for target in asked.targets]


def test_a_tower_has_all_partials_in_rising_order() -> None:
    assert names(request(order=2)) == ["y", "y_d0", "y_d1", "y_d00", "y_d01", "y_d11"]


def test_outputs_by_name_come_in_rising_order_and_need_no_more_coefficients() -> None:
    asked = request(outputs=["y_d011", "y_d1", "y_d1"])
    assert names(asked) == ["y_d1", "y_d011"]
    assert asked.space.indices == ((0,), (1,), (0, 1), (1, 1), (0, 1, 1))


def test_coordinates_are_numbered_through_the_inputs_in_the_order_of_wrt() -> None:
    asked = request(two_inputs(), wrt=["time", "position"], order=1)
    assert asked.sizes == (1, 2)
    assert names(asked) == ["u", "u_d0", "u_d1", "u_d2", "v", "v_d0", "v_d1", "v_d2"]
    assert request(two_inputs(), wrt="time", order=1).coordinates == 1


def test_more_than_ten_coordinates_are_joined_by_underscores() -> None:
    asked = request(siren((11, 2, 1)), outputs=["y_d10", "y_d0_10", "y_d3_3"])
    assert names(asked) == ["y_d10", "y_d0_10", "y_d3_3"]
    assert asked.targets[0].index == (10,)
    assert request(siren((10, 2, 1)), outputs=["y_d10"[:-1] + "2"]).targets[0].index == (1, 2)


def test_all_names_of_a_tower_can_be_asked_for() -> None:
    for coordinates in (2, 12):
        model = siren((coordinates, 2, 1))
        listed = names(request(model, order=2))
        assert names(request(model, outputs=listed[::-1])) == listed
        assert len(listed) == len(tower(coordinates, 2))


def test_an_unknown_input() -> None:
    assert message(two_inputs(), wrt=["positon"], order=1) == (
        "m.onnx: wrt 'positon' is not an input of the model; expected one of 'position', 'time'\n"
        "hint: did you mean 'position'?"
    )


def test_a_parameter() -> None:
    assert message(two_inputs(), wrt=["scale"], order=1) == (
        "m.onnx: wrt 'scale' is a parameter of the model; expected an input ('position', 'time')\n"
        "hint: name it in parameters (option --parameters)"
    )


def test_an_input_twice() -> None:
    assert message(two_inputs(), wrt=["time", "time"], order=1) == "m.onnx: wrt lists 'time' twice"


def test_several_inputs_and_no_choice() -> None:
    assert message(two_inputs(), order=1) == (
        "m.onnx: the model has 2 inputs ('position', 'time'); expected wrt to choose"
    )


@pytest.mark.parametrize("order", [0, -1, 1.5, "2", True])
def test_orders_that_are_none(order: Any) -> None:
    assert message(order=order) == f"order is {order!r}; expected a whole number of at least 1"


def test_neither_order_nor_outputs() -> None:
    assert message() == "neither an order nor outputs were asked for; expected order=2, or outputs=['y_d00']"


@pytest.mark.parametrize("step", [0, float("nan"), float("inf"), True, "1"])
def test_steps_that_are_none(step: Any) -> None:
    assert message(order=1, step=step) == f"step is {step!r}; expected a finite number other than 0"


@pytest.mark.parametrize(("step", "size"), [(1e30, "large"), (-1e30, "large"), (1e-30, "small")])
def test_steps_whose_powers_are_no_numbers(step: float, size: str) -> None:
    assert request(order=1, step=step).step == step
    assert message(order=2, step=step) == (
        f"step is {step:g}: derivatives of order 2 are multiplied by its power 2, which is too {size} for FLOAT; "
        "expected a magnitude from 1e-18 to 1e19"
    )


def test_an_unknown_method() -> None:
    assert message(order=1, method="tailor") == (
        "unknown method 'tailor'; expected auto, taylor, reverse, mixed\nhint: did you mean 'taylor'?"
    )


def test_an_unknown_output() -> None:
    assert message(outputs=["z_d0"]) == (
        "m.onnx: output 'z_d0' is not a derivative of an output of the model; expected 'y', 'y_d0', 'y_d1', 'y_d00', "
        "'y_d01', 'y_d11' or an operator: 'y_gradient', 'y_jacobian', 'y_hessian', 'y_laplacian', 'y_biharmonic', "
        "'y_divergence', 'y_curl', 'y_normal', 'y_mean_curvature', 'y_gaussian_curvature', 'y_directional'\n"
        "hint: did you mean 'y_d0'?"
    )
    assert "'v', …" not in message(outputs=["y_d"])
    text = message(siren((3, 2, 1)), outputs=["laplace"], terms={"wave": {"d00": 1, "d11": -1}})
    assert "expected 'y', 'y_d0', 'y_d1', 'y_d2', 'y_d00', 'y_d01', … or an operator: 'y_wave', 'y_gradient'" in text
    assert text.endswith("hint: did you mean 'laplacian'?")


def test_a_coordinate_that_does_not_exist() -> None:
    assert message(outputs=["y_d02"]) == "m.onnx: output 'y_d02' names coordinate 2; expected coordinates 0 to 1"


def test_coordinates_in_falling_order() -> None:
    assert message(outputs=["y_d10"]) == "m.onnx: output 'y_d10' lists coordinates in falling order; expected 'y_d01'"


def test_an_output_above_the_order() -> None:
    assert message(outputs=["y_d0", "y_d000"], order=2) == "output 'y_d000' has order 3, above order 2"


def test_only_values() -> None:
    assert message(outputs=["y"]) == (
        "none of the outputs asked for is a derivative; expected a name like 'y_d0' among them"
    )


def test_coordinates_of_unknown_number() -> None:
    model = build_model([helper.make_node("Sin", ["x"], ["y"])], {"x": ["N", "d"]}, {"y": ["N", "d"]})
    assert message(model, order=1) == (
        "m.onnx: wrt 'x' has shape [N, d]; expected a last axis of known size: the coordinates"
    )


def test_coordinates_that_are_integers() -> None:
    graph = helper.make_graph(
        [helper.make_node("Reshape", ["w", "x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.INT64, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, None])],
        [helper.make_tensor("w", TensorProto.FLOAT, [4], [1.0, 2.0, 3.0, 4.0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    assert message(model, order=1) == "m.onnx: wrt 'x' has type INT64; expected FLOAT or DOUBLE"


def test_an_output_of_integers() -> None:
    graph = helper.make_graph(
        [helper.make_node("Shape", ["x"], ["size"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor_value_info("size", TensorProto.INT64, [2])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    assert message(model, order=1) == "m.onnx: the output 'size' has type INT64; expected FLOAT or DOUBLE outputs"


def test_names_that_are_taken() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["y"]), helper.make_node("Cos", ["x"], ["y_d0"])]
    model = build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1], "y_d0": ["N", 1]})
    expected = (
        "m.onnx: the name 'y_d0' of a derivative is taken already\n"
        "hint: rename the model's inputs or outputs, or choose other outputs by name"
    )
    assert message(model, order=1) == expected
    assert names(request(model, outputs=["y_d0_d0", "y_d00"])) == ["y_d00", "y_d0_d0"]
    taken_by_input = build_model([helper.make_node("Sin", ["y_d0"], ["y"])], {"y_d0": ["N", 1]}, {"y": ["N", 1]})
    assert message(taken_by_input, order=1) == expected


def test_a_factorial_beyond_the_type_of_the_model() -> None:
    assert message(siren((1, 2, 1)), order=35) == (
        "order 35 needs a factor of 41 digits, too large for FLOAT; expected a lower order"
    )
    assert request(siren((1, 2, 1), dtype=np.float64), order=35).space.indices[-1] == (0,) * 35


def test_a_direction_as_an_array() -> None:
    asked = request(outputs=["directional"], direction=np.array([1.0, 2.0]))
    assert asked.targets == request(outputs=["directional"], direction=[1.0, 2.0]).targets


def test_a_method_that_is_no_name() -> None:
    assert message(order=1, method=None) == "unknown method None; expected auto, taylor, reverse, mixed"


def test_a_directional_derivative_of_an_order_without_factorial() -> None:
    assert message(outputs=["directional99999"], direction=[1.0, 1.0]) == (
        "m.onnx: output 'y_directional99999': order 99999; expected at most 170: the factorials of others are "
        "no float64"
    )


def test_outputs_as_one_name() -> None:
    assert request(outputs="laplacian").targets == request(outputs=["laplacian"]).targets


def test_an_output_that_is_no_name() -> None:
    assert message(outputs=[1]) == "m.onnx: outputs lists 1; expected names like 'y_d0'"


@pytest.mark.parametrize(("wrt", "listed"), [(3, 3), ([3], 3), (["x", None], None)])
def test_an_input_that_is_no_name(wrt: Any, listed: Any) -> None:
    assert message(wrt=wrt, order=1) == f"m.onnx: wrt lists {listed!r}; expected names of inputs: 'x'"


def test_a_tower_and_terms_are_asked_for_together() -> None:
    asked = request(order=1, terms={"heat": {"d0": 1, "d11": -0.5}})
    assert names(asked) == ["y", "y_d0", "y_d1", "y_heat"]
    assert names(request(terms={"heat": {"d0": 1}})) == ["y_heat"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"columns": [0]}, "columns is [0]; expected columns by output, like {'y': [0]}"),
        ({"columns": {"y": 0}}, "m.onnx: columns of 'y' are 0; expected a list of numbers"),
        ({"terms": "h=d0"}, "terms is 'h=d0'; expected terms by name, like {'heat': {'d0': 1, 'd11': -0.5}}"),
        ({"coordinates": 0}, "coordinates is 0; expected a list of numbers"),
        ({"max_coefficients": "a"}, "max_coefficients is 'a'; expected a whole number of at least 1"),
        ({"max_coefficients": -1}, "max_coefficients is -1; expected a whole number of at least 1"),
    ],
)
def test_options_of_another_kind(options: dict[str, Any], text: str) -> None:
    assert message(order=1, **options) == text
