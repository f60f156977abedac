"""Normals and curvatures of level sets, against surfaces whose curvature is known and against torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, perceptron

Array = np.ndarray[Any, np.dtype[Any]]

ALL = ("normal", "mean_curvature", "gaussian_curvature")


def ball(coordinates: int, radius: float) -> onnx.ModelProto:
    """Signed distance to a ball: |x| - radius."""
    nodes = [
        helper.make_node("ReduceL2", ["x", "axes"], ["r"], keepdims=1),
        helper.make_node("Sub", ["r", "radius"], ["y"]),
    ]
    weights = {"axes": np.array([-1]), "radius": np.array(radius)}
    return build_model(nodes, {"x": ["N", coordinates]}, {"y": ["N", 1]}, weights, dtype=np.float64)


def torus(big: float, small: float) -> onnx.ModelProto:
    """Signed distance to a torus around the third axis: hypot(hypot(x, y) - big, z) - small."""
    nodes = [
        helper.make_node("Split", ["x"], ["xy", "z"], axis=1, num_outputs=2),
        helper.make_node("ReduceL2", ["xy", "axes"], ["around"], keepdims=1),
        helper.make_node("Sub", ["around", "big"], ["off"]),
        helper.make_node("Concat", ["off", "z"], ["section"], axis=1),
        helper.make_node("ReduceL2", ["section", "axes"], ["r"], keepdims=1),
        helper.make_node("Sub", ["r", "small"], ["y"]),
    ]
    weights = {"axes": np.array([-1]), "big": np.array(big), "small": np.array(small)}
    return build_model(nodes, {"x": ["N", 3]}, {"y": ["N", 1]}, weights, dtype=np.float64)


def evaluated(model: onnx.ModelProto, x: Array, *, optimize: bool = True, **asked: Any) -> dict[str, Array]:
    return evaluate(derive_unoptimized(load_model(model), None, optimize=optimize, **asked), {"x": x})


def points(coordinates: int, rows: int = 50) -> Array:
    signs = [1.0, -1.0, 1.0, -1.0, 1.0][:coordinates]
    return np.random.default_rng(coordinates).uniform(0.2, 1, (rows, coordinates)) * signs


def refusal(model: onnx.ModelProto, **asked: Any) -> str:
    with pytest.raises(UserError) as caught:
        derive_unoptimized(load_model(model), None, **asked)
    return caught.value.text()


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("coordinates", [2, 3, 4, 5])
def test_the_level_sets_of_a_distance_to_a_ball_are_spheres(coordinates: int, optimize: bool) -> None:
    x = points(coordinates)
    radius = np.linalg.norm(x, axis=1, keepdims=True)
    names = ALL if coordinates == 3 else ALL[:2]
    found = evaluated(ball(coordinates, 0.4), x, optimize=optimize, outputs=["y", *names])
    assert list(found) == ["y", *(f"y_{name}" for name in names)]
    np.testing.assert_allclose(found["y_normal"], x / radius, rtol=1e-12)
    np.testing.assert_allclose(found["y_mean_curvature"], 1 / radius, rtol=1e-12)
    if coordinates == 3:
        np.testing.assert_allclose(found["y_gaussian_curvature"], 1 / radius**2, rtol=1e-12)


def test_the_level_sets_of_a_distance_to_a_torus() -> None:
    """With the tube's radius r and angle t, the principal curvatures are 1 / r and cos t / (big + r cos t)."""
    generator = np.random.default_rng(0)
    big, rows = 0.7, 200
    r = generator.uniform(0.05, 0.6, (rows, 1))
    t, turn = generator.uniform(-np.pi, np.pi, (2, rows, 1))
    out = big + r * np.cos(t)
    x = np.concatenate([out * np.cos(turn), out * np.sin(turn), r * np.sin(t)], axis=1)
    normal = np.concatenate([np.cos(t) * np.cos(turn), np.cos(t) * np.sin(turn), np.sin(t)], axis=1)
    first, second = 1 / r, np.cos(t) / out
    found = evaluated(torus(big, 0.2), x, outputs=ALL)
    np.testing.assert_allclose(found["y_normal"], normal, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["y_mean_curvature"], (first + second) / 2, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(found["y_gaussian_curvature"], first * second, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("coordinates", [2, 3])
def test_they_do_not_depend_on_how_fast_the_field_grows(coordinates: int) -> None:
    """The level sets of exp(3 y) are those of y; its gradient is no unit vector."""
    model = ball(coordinates, 0.4)
    model.graph.node[-1].output[0] = "distance"
    model.graph.node.extend(
        [helper.make_node("Mul", ["distance", "three"], ["p"]), helper.make_node("Exp", ["p"], ["y"])]
    )
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(3.0), "three"))
    x = points(coordinates)
    names = ALL if coordinates == 3 else ALL[:2]
    expected, found = evaluated(ball(coordinates, 0.4), x, outputs=names), evaluated(model, x, outputs=names)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-11)


def test_a_field_that_falls_outwards_has_the_opposite_normal_and_mean_curvature() -> None:
    model = ball(3, 0.4)
    model.graph.node[-1].output[0] = "distance"
    model.graph.node.append(helper.make_node("Neg", ["distance"], ["y"]))
    x = points(3)
    expected, found = evaluated(ball(3, 0.4), x, outputs=ALL), evaluated(model, x, outputs=ALL)
    np.testing.assert_allclose(found["y_normal"], -expected["y_normal"], rtol=1e-12)
    np.testing.assert_allclose(found["y_mean_curvature"], -expected["y_mean_curvature"], rtol=1e-12)
    np.testing.assert_allclose(found["y_gaussian_curvature"], expected["y_gaussian_curvature"], rtol=1e-11)


def test_a_step_makes_curvatures_those_per_pixel() -> None:
    x = points(3)
    expected, found = evaluated(torus(0.7, 0.2), x, outputs=ALL), evaluated(torus(0.7, 0.2), x, outputs=ALL, step=0.25)
    for name, factor in zip(ALL, (1.0, 0.25, 0.0625), strict=True):
        np.testing.assert_allclose(found[f"y_{name}"], factor * expected[f"y_{name}"], rtol=1e-11, atol=1e-14)


def test_on_chosen_coordinates_they_are_those_of_a_section() -> None:
    """At fixed z, the level sets of the distance to a torus are circles around the axis."""
    x = points(3)
    names = ["normal", "mean_curvature"]
    found = evaluated(torus(0.7, 0.2), x, outputs=names, coordinates=[0, 1])
    radius = np.linalg.norm(x[:, :2], axis=1, keepdims=True)
    side = np.sign(radius - 0.7)
    np.testing.assert_allclose(found["y_normal"], side * x[:, :2] / radius, rtol=1e-10)
    np.testing.assert_allclose(found["y_mean_curvature"], side / radius, rtol=1e-9)


@pytest.mark.parametrize("method", ["taylor", "reverse", "mixed"])
def test_all_methods_give_them(method: str) -> None:
    model = perceptron([3, 8, 8, 1], "Tanh", dtype=np.float64)
    names = ALL[:1] if method == "reverse" else ALL
    x = points(3)
    expected, found = evaluated(model, x, outputs=names), evaluated(model, x, outputs=names, method=method)
    assert list(found) == [f"y_{name}" for name in names]
    for name in found:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-12)


def test_of_one_column_of_a_vector_field() -> None:
    model = perceptron([3, 8, 2], "Tanh", dtype=np.float64)
    x = points(3)
    gradient = evaluated(model, x, outputs=["y_gradient"], columns={"y": [1]})["y_gradient"]
    found = evaluated(model, x, outputs=["y_normal"], columns={"y": [1]})["y_normal"]
    np.testing.assert_allclose(found, gradient / np.linalg.norm(gradient, axis=1, keepdims=True), rtol=1e-12)


def test_a_field_without_axes_has_a_normal_of_shape_d() -> None:
    nodes = [helper.make_node("ReduceL2", ["x"], ["y"], keepdims=0)]
    model = build_model(nodes, {"x": [3]}, {"y": []}, {}, dtype=np.float64)
    x = np.array([0.3, -0.2, 0.6])
    np.testing.assert_allclose(evaluated(model, x, outputs=["y_normal"])["y_normal"], x / np.linalg.norm(x), rtol=1e-12)


def test_only_simple_elementwise_operators_follow_the_expansion() -> None:
    """The hardware computes each partial derivative on a stream; only the normal is joined, at the end."""
    model = load_model(perceptron([3, 8, 1], "Tanh"))
    tower = count(derive_unoptimized(model, 2, optimize=True)).operators
    found = count(derive_unoptimized(model, None, optimize=True, outputs=["y", *ALL])).operators
    assert {name for name in found if found[name] > tower.get(name, 0)} <= {
        "Mul", "Add", "Sub", "Sqrt", "Reciprocal", "Concat",
    }  # fmt: skip
    assert (found["Sqrt"], found["Reciprocal"], found["Concat"]) == (1, 1, 1)


def test_what_has_no_meaning_is_refused() -> None:
    vector, line, flat = (perceptron(sizes, "Tanh") for sizes in ([3, 4, 2], [1, 4, 1], [2, 4, 1]))
    hint = "expected a field of 1 column\nhint: choose a column (columns)"
    for name in ALL:
        assert refusal(vector, outputs=[name]) == f"output 'y_{name}': 2 columns; {hint}"
    assert refusal(line, outputs=["mean_curvature"]) == (
        "output 'y_mean_curvature': 1 coordinate; expected at least 2: level sets of a function of one are points"
    )
    for model, number in ((line, "1 coordinate"), (flat, "2 coordinates")):
        assert refusal(model, outputs=["gaussian_curvature"]) == (
            f"output 'y_gaussian_curvature': {number}; expected 3\nhint: choose them (coordinates)"
        )


@pytest.mark.oracle
@pytest.mark.parametrize("coordinates", [2, 3])
def test_they_agree_with_torch(coordinates: int) -> None:
    torch = pytest.importorskip("torch")
    model = perceptron([coordinates, 8, 8, 1], "Tanh", dtype=np.float64)
    weights = {each.name: torch.from_numpy(onnx.numpy_helper.to_array(each).copy()) for each in model.graph.initializer}

    def network(point: Any) -> Any:
        at = {"x": point, **weights}
        for node in model.graph.node:
            operands = [at[name] for name in node.input]
            if node.op_type == "Tanh":
                at[node.output[0]] = torch.tanh(operands[0])
            else:
                assert node.op_type in ("Gemm", "MatMul")
                transposed = any(each.name == "transB" and each.i for each in node.attribute)
                matrix = operands[1].T if transposed else operands[1]
                at[node.output[0]] = operands[0] @ matrix + (operands[2] if len(operands) > 2 else 0)
        return at["y"][..., 0]

    def unit(point: Any) -> Any:
        gradient = torch.func.grad(network)(point)
        return gradient / gradient.norm()

    names = ALL if coordinates == 3 else ALL[:2]
    x = points(coordinates, 20)
    found = evaluated(model, x, outputs=names)
    for row, point in enumerate(torch.from_numpy(x)):
        shape = torch.func.jacfwd(unit)(point)  # the shape operator: its eigenvalues are 0 and the principal curvatures
        values = sorted(torch.linalg.eigvals(shape).real.tolist(), key=abs)[1:]
        np.testing.assert_allclose(found["y_normal"][row], unit(point).numpy(), rtol=1e-10)
        np.testing.assert_allclose(found["y_mean_curvature"][row, 0], np.mean(values), rtol=1e-8, atol=1e-10)
        if coordinates == 3:
            np.testing.assert_allclose(found["y_gaussian_curvature"][row, 0], np.prod(values), rtol=1e-7, atol=1e-10)
