"""Named operators and operators of the user's, against the combination of the partial derivatives of a tower."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, perceptron, siren
from tests.random_graphs import models

Array = np.ndarray[Any, np.dtype[Any]]


def field(coordinates: int, columns: int) -> onnx.ModelProto:
    """A network with products and quotients of its activations: x [N, coordinates] to y [N, columns]."""
    generator = np.random.default_rng(coordinates)
    nodes = [
        helper.make_node("Gemm", ["x", "w0", "b0"], ["h"]),
        helper.make_node("Sin", ["h"], ["s"]),
        helper.make_node("Gemm", ["s", "w1"], ["g"]),
        helper.make_node("Tanh", ["g"], ["t"]),
        helper.make_node("Mul", ["t", "s"], ["p"]),
        helper.make_node("Exp", ["t"], ["e"]),
        helper.make_node("Div", ["p", "e"], ["q"]),
        helper.make_node("Gemm", ["q", "w2"], ["y"]),
    ]
    weights = {
        "w0": generator.normal(size=(coordinates, 5)),
        "b0": generator.normal(size=5),
        "w1": generator.normal(size=(5, 5)) / 2,
        "w2": generator.normal(size=(5, columns)),
    }
    return build_model(nodes, {"x": ["N", coordinates]}, {"y": ["N", columns]}, weights, dtype=np.float64)


def evaluated(model: onnx.ModelProto, optimize: bool = False, **asked: Any) -> dict[str, Array]:
    loaded = load_model(model)
    x = np.random.default_rng(1).uniform(-1, 1, (3, loaded.graph.inputs[0].shape[-1]))
    return evaluate(derive_unoptimized(loaded, asked.pop("order", None), optimize=optimize, **asked), {"x": x})


def partial(tower: dict[str, Array], *coordinates: int) -> Array:
    return tower["y" + ("_d" + "".join(map(str, sorted(coordinates))) if coordinates else "")]


def expected(operator: str, tower: dict[str, Array], d: int) -> Array:
    """An operator put together from all partial derivatives, straight from its definition."""
    first = [partial(tower, i) for i in range(d)]
    match operator:
        case "gradient":
            return np.concatenate(first, axis=-1)
        case "jacobian":
            return np.stack(first, axis=-1)
        case "hessian":
            return np.stack([np.stack([partial(tower, i, j) for j in range(d)], -1) for i in range(d)], -2)
        case "laplacian":
            return sum(partial(tower, i, i) for i in range(d))
        case "biharmonic":
            return sum(partial(tower, i, i, j, j) for i in range(d) for j in range(d))
        case "divergence":
            return sum(first[i][:, i : i + 1] for i in range(d))
        case "curl" if d == 2:
            return first[0][:, 1:2] - first[1][:, 0:1]
        case "curl":
            turns = [(1, 2), (2, 0), (0, 1)]
            return np.concatenate([first[a][:, b : b + 1] - first[b][:, a : a + 1] for a, b in turns], axis=-1)
        case "directional3":
            v = [0.5, -1.5, 2.0, 0.25, 1.0][:d]
            return sum(v[i] * v[j] * v[k] * partial(tower, i, j, k) for i, j, k in product(range(d), repeat=3))
    raise AssertionError(operator)


EVERYWHERE = ("jacobian", "hessian", "laplacian", "biharmonic", "divergence", "directional3")


def cases() -> list[tuple[str, int, int]]:
    """operator, coordinates, columns."""
    every = [(name, d, d if name == "divergence" else 2) for name in EVERYWHERE for d in range(1, 6)]
    return [*every, *(("gradient", d, 1) for d in range(1, 6)), ("curl", 2, 2), ("curl", 3, 3)]


@pytest.mark.parametrize(("operator", "coordinates", "columns"), cases())
def test_an_operator_is_its_combination_of_partial_derivatives(operator: str, coordinates: int, columns: int) -> None:
    model = field(coordinates, columns)
    direction = [0.5, -1.5, 2.0, 0.25, 1.0][:coordinates]
    order = {"biharmonic": 4, "directional3": 3}.get(operator, 2)
    reference = expected(operator, evaluated(model, order=order), coordinates)
    for optimize in (False, True):
        found = evaluated(model, optimize, outputs=[operator], direction=direction)
        assert list(found) == [f"y_{operator}"]
        assert found[f"y_{operator}"].shape == reference.shape
        np.testing.assert_allclose(
            found[f"y_{operator}"], reference, rtol=0, atol=1e-12 * max(1.0, float(np.abs(reference).max()))
        )


def test_operators_on_chosen_coordinates() -> None:
    model = field(3, 2)
    tower = evaluated(model, order=2)
    names = ["laplacian", "curl", "jacobian", "y_d0", "directional"]
    found = evaluated(model, outputs=names, coordinates=[2, 1], direction=[3.0, -1.0])
    assert list(found) == ["y_d0", "y_laplacian", "y_curl", "y_jacobian", "y_directional"]
    close(found["y_laplacian"], tower["y_d11"] + tower["y_d22"])
    close(found["y_curl"], tower["y_d2"][:, 1:] - tower["y_d1"][:, :1])
    close(found["y_jacobian"], np.stack([tower["y_d2"], tower["y_d1"]], axis=-1))
    close(found["y_directional"], 3 * tower["y_d2"] - tower["y_d1"])


def test_a_tower_in_chosen_coordinates_keeps_their_numbers() -> None:
    found = evaluated(field(3, 1), order=2, coordinates=[0, 2])
    assert list(found) == ["y", "y_d0", "y_d2", "y_d00", "y_d02", "y_d22"]


def test_terms_of_several_orders_with_the_value() -> None:
    model = field(2, 2)
    tower = evaluated(model, order=3)
    terms = {"mine": {"d001": 0.1, "d1": -2, "": 4.0, "d11": 3}, "wave": {"d00": 1, "d11": -1}}
    mine = 0.1 * tower["y_d001"] - 2 * tower["y_d1"] + 4 * tower["y"] + 3 * tower["y_d11"]
    found = evaluated(model, terms=terms)
    assert list(found) == ["y_mine", "y_wave"]
    close(found["y_mine"], mine)
    close(found["y_wave"], tower["y_d00"] - tower["y_d11"])
    close(evaluated(model, terms=terms, outputs=["y_mine", "y_d0"])["y_mine"], mine)
    step = 0.5
    scaled = 0.1 * step**3 * tower["y_d001"] - 2 * step * tower["y_d1"] + 4 * tower["y"] + 3 * step**2 * tower["y_d11"]
    close(evaluated(model, terms=terms, step=step)["y_mine"], scaled)


def close(found: Array, reference: Array) -> None:
    assert found.shape == reference.shape
    np.testing.assert_allclose(found, reference, rtol=0, atol=1e-12 * max(1.0, float(np.abs(reference).max())))


@st.composite
def combinations(draw: st.DrawFn) -> dict[str, float]:
    name = st.lists(st.sampled_from("01"), max_size=4).map(
        lambda listed: "d" + "".join(sorted(listed)) if listed else ""
    )
    weight = st.floats(-3, 3).filter(lambda number: abs(number) > 0.01)
    terms = draw(st.dictionaries(name, weight, min_size=1, max_size=5))
    return terms | {"d01": 1.0}


@settings(max_examples=25, deadline=None)
@given(combinations())
def test_random_operators_agree_with_the_tower(terms: dict[str, float]) -> None:
    model = field(2, 2)
    tower = evaluated(model, order=4)
    reference = sum(weight * tower["y" + (f"_{name}" if name else "")] for name, weight in terms.items())
    found = evaluated(model, terms={"p": terms})["y_p"]
    scale = max(
        1.0, *(float(np.abs(weight * tower["y" + (f"_{k}" if k else "")]).max()) for k, weight in terms.items())
    )
    np.testing.assert_allclose(found, reference, rtol=0, atol=1e-10 * scale)


@settings(max_examples=25, deadline=None)
@given(models())
def test_the_laplacian_of_random_graphs_agrees_with_the_tower(model: onnx.ModelProto) -> None:
    coordinates = load_model(model).graph.inputs[0].shape[-1]
    tower = evaluated(model, order=2)
    pieces = [tower[f"y_d{i}{i}"] for i in range(coordinates)]
    found = evaluated(model, outputs=["laplacian"])["y_laplacian"]
    scale = max(1.0, *(float(np.abs(piece).max()) for piece in tower.values()))
    np.testing.assert_allclose(found, sum(pieces), rtol=0, atol=1e-10 * scale)


def test_operators_that_are_exactly_zero_have_their_shape() -> None:
    model = build_model([helper.make_node("Identity", ["x"], ["y"])], {"x": ["N", 3]}, {"y": ["N", 3]})
    names = ["laplacian", "hessian", "curl", "divergence", "jacobian"]
    graph = derive_unoptimized(model, None, outputs=names)
    session = onnxruntime.InferenceSession(to_proto(graph).SerializeToString(), providers=["CPUExecutionProvider"])
    found = dict(zip(names, session.run(None, {"x": np.ones((4, 3), np.float32)}), strict=True))
    assert {name: array.shape for name, array in found.items()} == {
        "laplacian": (4, 3),
        "hessian": (4, 3, 3, 3),
        "curl": (4, 3),
        "divergence": (4, 1),
        "jacobian": (4, 3, 3),
    }
    assert found["jacobian"][0].tolist() == np.eye(3).tolist()
    assert np.all(found["divergence"] == 3)
    assert not found["curl"].any()


def test_operators_run_in_onnxruntime() -> None:
    model = perceptron([3, 8, 8, 3], "Tanh")
    names = ["y", "y_d0", "laplacian", "biharmonic", "curl", "divergence", "hessian", "jacobian"]
    graph = derive_unoptimized(model, None, outputs=names)
    x = np.random.default_rng(0).uniform(-1, 1, (7, 3)).astype(np.float32)
    session = onnxruntime.InferenceSession(to_proto(graph).SerializeToString(), providers=["CPUExecutionProvider"])
    reference = evaluate(graph, {"x": x})
    for (name, values), found in zip(reference.items(), session.run(None, {"x": x}), strict=True):
        assert found.shape == values.shape
        assert np.abs(found - values).max() <= 1e-4 * max(1.0, np.abs(values).max()), name


def test_the_gradient_of_an_output_without_axes() -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Sin", ["h"], ["y"])]
    model = build_model(nodes, {"x": [2]}, {"y": []}, {"w": np.array([2.0, 3.0])}, dtype=np.float64)
    x = np.array([0.1, 0.2])
    found = evaluate(derive_unoptimized(model, None, outputs=["gradient", "hessian"]), {"x": x})
    np.testing.assert_allclose(found["y_gradient"], np.cos(0.8) * np.array([2.0, 3.0]), rtol=1e-14)
    np.testing.assert_allclose(found["y_hessian"], -np.sin(0.8) * np.array([[4.0, 6.0], [6.0, 9.0]]), rtol=1e-14)


def message(model: onnx.ModelProto, *outputs: str, **asked: Any) -> str:
    with pytest.raises(UserError) as caught:
        derive_unoptimized(model, None, outputs=list(outputs), place="m.onnx", **asked)
    return str(caught.value)


def test_the_gradient_of_a_vector() -> None:
    assert message(siren((2, 4, 3)), "gradient") == (
        "m.onnx: output 'y_gradient': 3 columns; expected a field of 1 column\n"
        "hint: ask for its jacobian, or choose a column (columns)"
    )


def test_the_divergence_of_a_field_that_does_not_fit() -> None:
    assert message(siren((2, 4, 3)), "y_divergence") == (
        "m.onnx: output 'y_divergence': 3 columns; expected 2, one for each coordinate\n"
        "hint: choose them (columns, coordinates)"
    )


def test_the_curl_in_four_coordinates() -> None:
    assert message(siren((4, 4, 4)), "curl") == (
        "m.onnx: output 'y_curl': 4 coordinates; expected 2 or 3\nhint: choose them (coordinates)"
    )


def test_a_directional_derivative_without_a_direction() -> None:
    assert message(siren((2, 4, 1)), "directional2") == (
        "m.onnx: output 'y_directional2': no direction; expected the vector (direction), one number for each coordinate"
    )


@pytest.mark.parametrize("direction", [[1.0], [0.0, 0.0], [1.0, float("nan")], ["a", 1]])
def test_directions_that_are_none(direction: Any) -> None:
    assert message(siren((2, 4, 1)), "directional", direction=direction) == (
        f"direction is {direction!r}; expected 2 finite numbers, one for each coordinate, not all 0"
    )


def test_coordinates_that_are_none() -> None:
    model = siren((2, 4, 1))
    assert message(model, "laplacian", coordinates=[2]) == "coordinates lists 2; expected numbers from 0 to 1"
    assert message(model, "laplacian", coordinates=["x"]) == "coordinates lists 'x'; expected numbers from 0 to 1"
    assert message(model, "laplacian", coordinates=[1, 1]) == "coordinates lists 1 twice"


def test_an_operator_above_the_order() -> None:
    with pytest.raises(UserError) as caught:
        derive_unoptimized(siren((2, 4, 1)), 1, outputs=["y_d0", "laplacian"])
    assert str(caught.value) == "output 'y_laplacian' has order 2, above order 1"


def test_an_operator_of_too_many_coefficients() -> None:
    assert message(siren((50, 4, 1)), "biharmonic") == (
        "operators of order 4 in 50 coordinates need more than 1000 Taylor coefficients; expected at most 1000\n"
        "hint: ask for fewer outputs or a lower order, or raise max_coefficients (option --max-coefficients)"
    )


def test_the_laplacian_of_many_coordinates_is_cheap() -> None:
    graph = derive_unoptimized(siren((784, 4, 1)), None, outputs=["laplacian"])
    assert [value.name for value in graph.graph.outputs] == ["y_laplacian"]
