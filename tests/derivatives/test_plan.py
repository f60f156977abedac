"""The planner: all ways compute the same, the one with the fewest operations is chosen, and it says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from inrarch.derivatives.api import derive_plan
from inrarch.derivatives.plan import Costed, Plan, explained
from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.derivatives.test_operators import field
from tests.models import build_model, perceptron, siren

TAYLOR, TOWER = "Taylor expansion, smallest space", "Taylor expansion, full tower"
OUTSIDE, INSIDE = "Taylor expansion of reverse sweeps", "Reverse sweeps of Taylor expansion"
SWEEPS = "Reverse sweeps"


def plan(model: onnx.ModelProto, **asked: Any) -> Plan:
    return derive_plan(load_model(model), **asked)


def ways(found: Plan) -> dict[str, Costed]:
    return {each.way.title: each for each in found.ways}


def chosen(model: onnx.ModelProto, **asked: Any) -> str:
    return plan(model, **asked).ways[0].way.title


REQUESTS: list[tuple[int, int, dict[str, Any]]] = [
    (3, 1, {"outputs": ["gradient"]}),
    (1, 2, {"order": 3}),
    (4, 1, {"order": 2}),
    (2, 2, {"order": 3, "step": 0.5}),
    (3, 3, {"outputs": ["laplacian", "curl", "divergence", "y", "jacobian", "hessian", "y_d012"]}),
    (2, 1, {"terms": {"p": {"d0": 1, "d011": -2, "": 3}}}),
    (3, 2, {"order": 2, "coordinates": [2, 0]}),
]


@pytest.mark.parametrize(("coordinates", "columns", "asked"), REQUESTS)
@pytest.mark.parametrize("optimize", [False, True])
def test_all_methods_give_the_same_outputs(
    coordinates: int, columns: int, asked: dict[str, Any], optimize: bool
) -> None:
    model = field(coordinates, columns)
    first = asked.get("order") == 1 or asked.get("outputs") == ["gradient"]
    x = {"x": np.random.default_rng(0).uniform(-1, 1, (4, coordinates))}
    reference = evaluate(plan(model, method="taylor", optimize=optimize, **asked).graph, x)
    for method in ("reverse" if first else "mixed", "auto"):
        found = evaluate(plan(model, method=method, optimize=optimize, **asked).graph, x)
        assert list(found) == list(reference)
        for name, values in reference.items():
            scale = max(1.0, float(np.abs(values).max()))
            np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-12 * scale, err_msg=f"{method} {name}")


@pytest.mark.parametrize(("coordinates", "columns", "asked"), REQUESTS[1:4])
def test_a_sweep_may_stand_outside_or_inside(coordinates: int, columns: int, asked: dict[str, Any]) -> None:
    from inrarch.derivatives.expand import expand
    from inrarch.derivatives.mixed import taylor_inside
    from inrarch.derivatives.request import make_request

    model = load_model(field(coordinates, columns))
    request = make_request(model, **asked)
    x = {"x": np.random.default_rng(0).uniform(-1, 1, (4, coordinates))}
    reference, found = evaluate(expand(model, request), x), evaluate(taylor_inside(model, request), x)
    for name, values in reference.items():
        scale = max(1.0, float(np.abs(values).max()))
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-12 * scale)


def test_taylor_expansion_is_chosen_where_there_are_few_coordinates_for_each_column() -> None:
    for order in (1, 2, 3):
        assert chosen(siren((2, 32, 32, 3)), order=order) == TAYLOR
    assert chosen(siren((5, 32, 32, 1)), outputs=["laplacian"]) == TAYLOR
    assert chosen(siren((5, 32, 32, 1)), outputs=["biharmonic"]) == TAYLOR
    assert chosen(siren((1, 32, 32, 1)), order=1) == TAYLOR
    assert chosen(siren((2, 32, 32, 1)), order=2) == TAYLOR
    assert chosen(siren((3, 32, 32, 3)), order=1) == TAYLOR


def test_a_reverse_sweep_is_chosen_where_there_are_more_coordinates_than_order_times_columns() -> None:
    assert chosen(siren((2, 32, 32, 1)), order=1) == SWEEPS
    assert chosen(siren((8, 32, 32, 3)), order=1) == SWEEPS
    assert chosen(siren((3, 32, 32, 1)), order=2) == OUTSIDE


def test_the_chosen_way_has_the_fewest_operations_of_those_that_were_counted() -> None:
    found = plan(siren((3, 32, 32, 1)), outputs=["hessian"])
    counted = [each for each in found.ways if each.macs is not None]
    assert [each.way.title for each in counted] == [OUTSIDE, TAYLOR]
    assert ways(found)[INSIDE].remark == "not counted: as many passes"
    operations = [(each.macs or 0) + (each.pointwise or 0) for each in counted]
    assert operations == sorted(operations)
    assert (counted[0].macs, counted[0].pointwise) == (
        count(found.graph).macs_per_row,
        count(found.graph).pointwise_per_row,
    )
    assert counted[0].remark == "chosen: the fewest operations"


def test_what_a_bound_decides_is_not_made() -> None:
    found = ways(plan(siren(), order=4))
    assert [found[title].way.passes for title in (TAYLOR, OUTSIDE, INSIDE)] == [15, 40, 115]
    assert found[TAYLOR].remark == "chosen: the fewest passes"
    assert {found[title].remark for title in (OUTSIDE, INSIDE)} == {"not counted: more passes"}
    assert found[SWEEPS].remark == "not possible: they give first derivatives only"


def test_a_thorough_plan_counts_every_way_and_chooses_the_same() -> None:
    model = siren((3, 16, 1))
    quick, thorough = (ways(plan(model, outputs=["laplacian"], thorough=each)) for each in (False, True))
    assert [title for title, each in quick.items() if each.macs is not None] == [TAYLOR]
    assert [title for title, each in thorough.items() if each.macs is not None] == [TAYLOR, OUTSIDE, INSIDE]
    assert [each.remark for each in thorough.values()][:3] == [
        "chosen: the fewest passes",
        "more passes",
        "more passes",
    ]
    assert all((thorough[TAYLOR].macs or 0) < (thorough[title].macs or 0) for title in (OUTSIDE, INSIDE))
    for title, method in ((OUTSIDE, "mixed"), (SWEEPS, "reverse")):
        asked: dict[str, Any] = {"outputs": ["laplacian"]} if method == "mixed" else {"order": 1}
        alone = plan(model, method=method, **asked)
        assert alone.ways[0].way.title == title
        assert ways(plan(model, thorough=True, **asked))[title].macs == count(alone.graph).macs_per_row


def test_what_takes_very_many_passes_is_not_counted_even_then() -> None:
    found = ways(plan(siren((6, 4, 1)), order=4, thorough=True))
    assert found[INSIDE].remark == "not counted: above 200 passes"
    assert found[OUTSIDE].macs is not None


def test_a_full_tower_is_listed_where_the_space_is_smaller() -> None:
    found = ways(plan(siren((3, 8, 1)), outputs=["biharmonic"]))
    assert (found[TAYLOR].way.passes, found[TOWER].way.passes) == (14, 35)
    assert TOWER not in ways(plan(siren((3, 8, 1)), order=2))


def test_first_derivatives_by_more_coordinates_than_coefficients_are_allowed() -> None:
    found = plan(siren((1200, 4, 1)), outputs=["gradient"])
    assert found.ways[0].way.title == SWEEPS
    assert found.ways[0].remark == "chosen: the only way"
    assert ways(found)[TAYLOR].remark.startswith(
        "not possible: order 1 in 1200 coordinates needs 1201 Taylor coefficients"
    )
    with pytest.raises(UserError) as caught:
        plan(siren((1200, 4, 1)), outputs=["gradient"], method="taylor")
    assert str(caught.value).startswith("order 1 in 1200 coordinates needs 1201 Taylor coefficients")


def test_a_method_that_cannot_serve_the_request() -> None:
    with pytest.raises(UserError) as caught:
        plan(siren((2, 4, 1)), order=2, method="reverse")
    assert str(caught.value) == (
        "the method 'reverse' cannot be used: they give first derivatives only; expected auto or taylor or mixed"
    )
    with pytest.raises(UserError) as caught:
        plan(siren((2, 4, 1)), order=1, method="mixed")
    assert str(caught.value) == (
        "the method 'mixed' cannot be used: the derivatives are of order 1; expected auto or taylor or reverse"
    )


def test_where_sweeps_are_not_possible_taylor_expansion_is_left() -> None:
    """One row of coordinates for three rows of the output: a sweep would add up their derivatives."""
    nodes = [helper.make_node("Mul", ["x", "scales"], ["h"]), helper.make_node("MatMul", ["h", "w"], ["y"])]
    weights = {"scales": np.arange(6.0).reshape(3, 2), "w": np.ones((2, 1))}
    model = build_model(nodes, {"x": [2]}, {"y": [3, 1]}, weights, dtype=np.float64)
    found = plan(model, order=1)
    assert found.ways[0].way.title == TAYLOR
    assert found.ways[0].remark == "chosen: the only way"
    assert ways(found)[SWEEPS].remark == "not possible: 'y' has shape [3, 1]"
    values = evaluate(found.graph, {"x": np.array([2.0, 3.0])})
    assert values["y_d1"].tolist() == [[1.0], [3.0], [5.0]]
    with pytest.raises(UserError, match="the same rows for all coordinates and outputs"):
        plan(model, order=1, method="reverse")


def test_the_method_that_was_asked_for_is_explained() -> None:
    found = plan(perceptron([4, 8, 1], "Tanh"), order=2, method="taylor")
    lines = explained(found).splitlines()
    assert lines[0].split() == ["way", "passes", "MAC", "per", "row", "element-wise", "per", "row"]
    assert lines[1].startswith("*  Taylor expansion, smallest space")
    assert lines[1].endswith("chosen: asked for")
    assert lines[2].endswith("not asked for (method taylor)")
