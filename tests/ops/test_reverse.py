"""Reverse rules of element-wise operators: the adjoint identity against power series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inrarch.derivatives.products import vector_jacobian_product
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.ops import operators
from tests.adjoint import check_adjoint
from tests.models import build_model, node
from tests.ops.test_taylor import BINARY, UNARY


def check(nodes: list[Any], shapes: dict[str, Any], output: list[Any]) -> Any:
    return check_adjoint(build_model(nodes, shapes, {"y": output}, dtype=np.float64))


@pytest.mark.parametrize("operator", UNARY)
def test_unary_operators(operator: str) -> None:
    check([node(operator, ["a"], "y")], {"a": ["N", 4]}, ["N", 4])


@pytest.mark.parametrize("shapes", [(["N", 4], ["N", 4]), (["N", 4], [4]), (["N", 1], [1, 4]), ([], ["N", 4])])
@pytest.mark.parametrize("operator", BINARY)
def test_binary_operators_with_broadcasting(operator: str, shapes: Any) -> None:
    check([node(operator, ["a", "b"], "y")], dict(zip("ab", shapes, strict=True)), ["N", 4])


def test_an_operand_used_twice_receives_both_adjoints() -> None:
    nodes = [node("Mul", ["a", "a"], "s"), node("Div", ["a", "s"], "q"), node("Mul", ["q", "s"], "p")]
    check([*nodes, node("Mul", ["p", "a"], "y")], {"a": [5]}, [5])


@pytest.mark.parametrize("shapes", [(["N", 4], ["N", 4]), (["N", 1], [4])])
def test_where_gives_the_adjoint_to_the_branch_that_is_taken(shapes: Any) -> None:
    nodes = [node("Greater", ["a", "b"], "larger"), node("Where", ["larger", "a", "b"], "y")]
    check(nodes, dict(zip("ab", shapes, strict=True)), ["N", 4])


def test_relu_gives_nothing_back_at_zero() -> None:
    model = build_model([node("Relu", ["a"], "y")], {"a": [3]}, {"y": [3]}, dtype=np.float64)
    feeds = {"a": np.array([-1.0, 0.0, 2.0]), "v:y": np.array([5.0, 6.0, 7.0])}
    graph = vector_jacobian_product(load_model(model), ["y"], ["a"])
    assert evaluate(graph, feeds)["vjp:a"].tolist() == [0.0, 0.0, 7.0]


def test_the_element_wise_operators_have_reverse_rules() -> None:
    for name in (*UNARY, *BINARY, "Where", "Greater"):
        assert callable(operators()[name].reverse)
