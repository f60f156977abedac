"""Element-wise operators: Taylor and reverse rules against power series, and what they are where they are singular."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.save import to_proto
from inrarch.ops import operators
from tests.adjoint import check_adjoint
from tests.derive_and_compare import check_against_series, derive_unoptimized
from tests.models import build_model, node
from tests.ops.test_taylor import WIDTH, model_of
from tests.pointwise_cases import PIECEWISE_CASES, SMOOTH_CASES, Case, identified

CASES = identified((*SMOOTH_CASES, *PIECEWISE_CASES))


def model(case: Case, coordinates: int) -> Any:
    return model_of(case.nodes(), coordinates, ["N", WIDTH], case.weights(), opset=case.opset)


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("case", CASES)
def test_derivatives_to_order_4(case: Case, coordinates: int) -> None:
    check_against_series(model(case, coordinates), 4 if coordinates < 3 else 3)


@pytest.mark.parametrize("case", CASES)
def test_the_adjoint_identity(case: Case) -> None:
    check_adjoint(model(case, 2), constants=tuple(case.constants))


@pytest.mark.parametrize("exponent", [[1.0, 2.0, 3.0, 0.5], [-1.0, 2.5, 0.3, 0.0]])
def test_the_adjoint_of_an_exponent(exponent: list[float]) -> None:
    nodes = Case("Pow", ("positive", "exponent")).nodes()
    weights = Case("Pow", ("positive",)).weights() | {"exponent": np.array(exponent)}
    check_adjoint(model_of(nodes, 2, ["N", WIDTH], weights))


@pytest.mark.parametrize("operator", ["Erf", "Atan", "Asinh"])
def test_derivatives_to_order_8_in_one_coordinate(operator: str) -> None:
    check_against_series(model(Case(operator, ("u",)), 1), 8, tolerance=1e-9)


@pytest.mark.parametrize("operator", ["Floor", "Ceil", "Round", "Sign"])
def test_steps_have_no_derivatives(operator: str) -> None:
    nodes = [node("Mul", ["u", "three"], "w"), node(operator, ["w"], "s"), node("Mul", ["s", "v"], "y")]
    check_against_series(model_of(nodes, 2, ["N", WIDTH], {"three": np.array(3.0)}), 3)
    check_adjoint(model_of(nodes, 2, ["N", WIDTH], {"three": np.array(3.0)}))


@pytest.mark.parametrize("logic", ["And", "Or", "Xor"])
@pytest.mark.parametrize("comparison", ["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal"])
def test_conditions_choose_between_branches(comparison: str, logic: str) -> None:
    nodes = [
        node(comparison, ["u", "limit"], "first"),
        node("Greater", ["v", "three"], "greater"),
        node("Not", ["greater"], "second"),
        node(logic, ["first", "second"], "condition"),
        node("Where", ["condition", "u", "v"], "y"),
    ]
    extra = {"limit": np.array([0.0, 0.1, -0.2, 0.5]), "three": np.array(3.0)}
    check_against_series(model_of(nodes, 2, ["N", WIDTH], extra), 2)
    check_adjoint(model_of(nodes, 2, ["N", WIDTH], extra))


def derivatives_at(points: list[float], case: Case, order: int = 2) -> list[list[float]]:
    """By order: the derivatives of a function of x at these points."""
    nodes = [node(case.operator, ["x", *case.operands[1:]], "y", **case.attributes)]
    built = build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, case.constants, dtype=np.float64, opset=case.opset)
    values = evaluate(derive_unoptimized(built, order), {"x": np.array(points)[:, None]})
    return [values["y" + ("_d" + "0" * k if k else "")][:, 0].tolist() for k in range(order + 1)]


BOUNDS = {"low": np.array(-1.0), "high": np.array(2.0)}


@pytest.mark.parametrize(
    ("case", "points", "slopes", "curvatures"),
    [
        (Case("Abs", ("x",)), [0.0], [0.0], [0.0]),
        (Case("LeakyRelu", ("x",), {"alpha": 0.25}), [0.0], [1.0], [0.0]),
        (Case("PRelu", ("x", "slope"), {}, {"slope": np.array([0.25])}), [0.0], [1.0], [0.0]),
        (Case("ThresholdedRelu", ("x",), {"alpha": 2.0}), [2.0], [0.0], [0.0]),
        (Case("Elu", ("x",), {"alpha": 1.5}), [0.0], [1.5], [1.5]),
        (Case("Celu", ("x",), {"alpha": 0.5}, opset=28), [0.0], [1.0], [2.0]),
        (Case("Selu", ("x",), {"alpha": 1.5, "gamma": 2.0}), [0.0], [3.0], [3.0]),
        (Case("HardSigmoid", ("x",), {"alpha": 0.25, "beta": 0.5}), [-2.0, 0.0, 2.0], [0.0, 0.25, 0.0], [0.0] * 3),
        (Case("HardSwish", ("x",)), [-3.0, 3.0], [0.0, 1.0], [0.0, 0.0]),
        (Case("Softsign", ("x",)), [0.0], [1.0], [0.0]),
        (Case("Clip", ("x", "low", "high"), {}, BOUNDS), [-1.5, -1.0, 2.0, 2.5], [0.0, 1.0, 1.0, 0.0], [0.0] * 4),
        (Case("Max", ("x", "low"), {}, BOUNDS), [-1.0], [1.0], [0.0]),
        (Case("Min", ("x", "low"), {}, BOUNDS), [-1.0], [1.0], [0.0]),
        (Case("Sign", ("x",)), [0.0], [0.0], [0.0]),
        (Case("Round", ("x",)), [0.5], [0.0], [0.0]),
    ],
    ids=lambda value: value.operator if isinstance(value, Case) else None,
)
def test_what_is_taken_at_a_kink(case: Case, points: list[float], slopes: list[float], curvatures: list[float]) -> None:
    assert derivatives_at(points, case)[1:] == [slopes, curvatures]


@pytest.mark.parametrize(
    ("exponent", "points", "expected"),
    [
        (0.0, [-2.0, 0.0], [[1, 1], [0, 0], [0, 0], [0, 0]]),
        (1.0, [-2.0, 0.0], [[-2, 0], [1, 1], [0, 0], [0, 0]]),
        (2.0, [-2.0, 0.0], [[4, 0], [-4, 0], [2, 2], [0, 0]]),
        (3.0, [-2.0, 0.0], [[-8, 0], [12, 0], [-12, 0], [6, 6]]),
        (5, [-2.0, 0.0], [[-32, 0], [80, 0], [-160, 0], [240, 0]]),
        (70.0, [-1.0, 0.0], [[1, 0], [-70, 0], [4830, 0], [-328440, 0]]),
        (-1.0, [-2.0], [[-0.5], [-0.25], [-0.25], [-0.375]]),
        (-2.0, [-2.0], [[0.25], [0.25], [0.375], [0.75]]),
        (2.5, [0.0], [[0], [0], [0]]),
    ],
)
def test_powers_of_zero_and_of_negative_numbers_are_exact(
    exponent: float, points: list[float], expected: list[list[float]]
) -> None:
    case = Case("Pow", ("x", "n"), {}, {"n": np.array(exponent)})
    assert derivatives_at(points, case, len(expected) - 1) == expected


def test_different_constant_exponents_are_exact_at_zero_as_well() -> None:
    case = Case("Pow", ("x", "n"), {}, {"n": np.array([[2.0], [3.0], [0.0], [1.0]])})
    assert derivatives_at([0.0, 0.0, 0.0, 0.0], case, 3) == [[0, 0, 1, 0], [0, 0, 0, 1], [2, 0, 0, 0], [0, 6, 0, 0]]


def test_the_slope_of_a_root_at_zero_is_infinite() -> None:
    assert derivatives_at([0.0], Case("Sqrt", ("x",)), 1)[1] == [np.inf]
    assert derivatives_at([0.0], Case("Pow", ("x", "n"), {}, {"n": np.array(0.5)}), 1)[1] == [np.inf]


@pytest.mark.parametrize(("exponent", "products"), [(2.0, 6), (3.0, 11)])
def test_squares_and_cubes_need_no_power_function(exponent: float, products: int) -> None:
    """(u²)₂ = 2 u₀ u₂ + u₁²; B₂ = u₁²/2, (u³)₂ = 3 u₀² u₂ + 6 u₀ B₂."""
    graph = derive_unoptimized(model(Case("Pow", ("u", "n"), {}, {"n": np.array(exponent)}), 1), 2)
    written = [each.op_type for each in graph.graph if each.name.startswith(("Pow_y/", "Pow_y_"))]
    assert "Pow" not in written
    assert written.count("Mul") <= products


@pytest.mark.parametrize("to", ["INT64", "INT32", "BOOL"])
def test_a_cast_to_integers_stops_derivatives(to: str) -> None:
    number, double = getattr(onnx.TensorProto, to), onnx.TensorProto.DOUBLE
    nodes = [node("Cast", ["x"], "whole", to=number), node("Cast", ["whole"], "back", to=double)]
    nodes += [node("Add", ["back", "x"], "y")]
    built = build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, dtype=np.float64)
    values = evaluate(derive_unoptimized(built, 2), {"x": np.array([[-1.7], [0.0], [2.9]])})
    whole = {"BOOL": [1.0, 0.0, 1.0]}.get(to, [-1.0, 0.0, 2.0])
    assert values["y"][:, 0].tolist() == [-0.7 - 0.0 if to == "BOOL" else -2.7, whole[1], whole[2] + 2.9]
    assert values["y_d0"][:, 0].tolist() == [1.0, 1.0, 1.0]


def test_no_derivative_is_written_with_composite_operators() -> None:
    """They would not be decomposed any more."""
    composite = {name for name, operator in operators().items() if operator.decompose is not None}
    for case in (*SMOOTH_CASES, *PIECEWISE_CASES):
        written = {each.op_type for each in derive_unoptimized(model(case, 2), 2).graph}
        written |= {each.op_type for each in check_adjoint(model(case, 2), constants=tuple(case.constants)).graph}
        assert not composite & written


def test_a_celu_with_a_negative_alpha_is_refused() -> None:
    built = build_model([node("Celu", ["x"], "y", alpha=-1.0)], {"x": ["N", 1]}, {"y": ["N", 1]})
    with pytest.raises(UserError) as caught:
        derive_unoptimized(built, 1)
    assert str(caught.value) == (
        "node 'Celu_y': Celu cannot be differentiated here: its alpha is -1; expected a positive alpha"
    )


@pytest.mark.parametrize("case", CASES)
def test_models_in_float64_stay_valid(case: Case) -> None:
    """Not every operator has float64 at opset 18: Celu has it from 28 on."""
    onnx.checker.check_model(to_proto(derive_unoptimized(model(case, 2), 1)), full_check=True)
