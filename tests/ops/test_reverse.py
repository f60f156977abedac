"""Reverse rules of element-wise operators: the adjoint identity against power series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inrarch.ops import operators
from tests.adjoints import check_adjoint_identity, sweep
from tests.models import build_model
from tests.ops.test_taylor import BINARY, UNARY, node


def points(shape: tuple[int, ...], low: float = -2.0, high: float = 2.0, seed: int = 3) -> Any:
    return np.random.default_rng(seed).uniform(low, high, shape)


@pytest.mark.parametrize("operator", UNARY)
def test_unary_operators_satisfy_the_adjoint_identity(operator: str) -> None:
    model = build_model([node(operator, ["a"], "y")], {"a": [5, 4]}, {"y": [5, 4]}, dtype=np.float64)
    check_adjoint_identity(model, {"a": points((5, 4))})


@pytest.mark.parametrize("shapes", [((5, 4), (5, 4)), ((5, 4), (4,)), ((5, 1), (1, 4)), ((), (5, 4))])
@pytest.mark.parametrize("operator", BINARY)
def test_binary_operators_satisfy_the_adjoint_identity(operator: str, shapes: Any) -> None:
    inputs = dict(zip("ab", shapes, strict=True))
    model = build_model([node(operator, ["a", "b"], "y")], inputs, {"y": [5, 4]}, dtype=np.float64)
    check_adjoint_identity(model, {"a": points(shapes[0]), "b": points(shapes[1], 0.5, 2.0)})


def test_an_operand_used_twice_receives_both_adjoints() -> None:
    nodes = [node("Mul", ["a", "a"], "s"), node("Div", ["a", "s"], "q"), node("Mul", ["q", "s"], "y")]
    model = build_model(nodes, {"a": [5]}, {"y": [5]}, dtype=np.float64)
    check_adjoint_identity(model, {"a": points((5,), 0.5)})


@pytest.mark.parametrize("shapes", [((5, 4), (5, 4)), ((5, 1), (4,))])
def test_where_gives_the_adjoint_to_the_branch_that_is_taken(shapes: Any) -> None:
    nodes = [node("Greater", ["a", "b"], "larger"), node("Where", ["larger", "a", "b"], "y")]
    model = build_model(nodes, dict(zip("ab", shapes, strict=True)), {"y": [5, 4]}, dtype=np.float64)
    check_adjoint_identity(model, {"a": points(shapes[0]), "b": points(shapes[1], seed=4)})


def test_relu_gives_nothing_back_at_zero() -> None:
    from inrarch.graph.load import load_model

    model = build_model([node("Relu", ["a"], "y")], {"a": [3]}, {"y": [3]}, dtype=np.float64)
    adjoints = sweep(load_model(model), {"a": np.array([-1.0, 0.0, 2.0])}, np.array([5.0, 6.0, 7.0]))
    assert adjoints["a"].tolist() == [0.0, 0.0, 7.0]


def test_the_element_wise_operators_have_reverse_rules() -> None:
    for name in (*UNARY, *BINARY, "Where", "Greater"):
        assert callable(operators()[name].reverse)
