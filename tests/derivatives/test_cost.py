"""Requests that would cost too much are refused before anything is made, with an estimate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import helper

from inrarch.derivatives.request import make_request
from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.graph.load import load_model
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, siren


def message(sizes: tuple[int, ...], **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        make_request(load_model(siren(sizes)), **options)
    return str(caught.value)


def test_a_huge_tower_is_refused_with_its_cost() -> None:
    assert message((2, 256, 256, 256, 256, 3), order=50) == (
        "order 50 in 2 coordinates needs 1326 Taylor coefficients, about 6.32e7 nodes and 2.62e8 MAC per row; "
        "expected at most 1000 coefficients and 1000000 nodes\n"
        "hint: ask for fewer outputs or a lower order, or raise max_coefficients (option --max-coefficients) to 63257"
    )


@pytest.mark.parametrize("order", [10**6, 10**18])
def test_an_absurd_order_is_refused_at_once(order: int) -> None:
    text = message((2, 4, 1), order=order)
    assert text.startswith(f"order {order} in 2 coordinates needs ")
    assert text.endswith("\nhint: ask for fewer outputs or a lower order")


def test_few_coefficients_with_many_products_are_refused() -> None:
    assert "needs 901 Taylor coefficients, about 3.65e8 nodes" in message((1, 4, 1), order=900)


def test_a_named_output_of_absurd_order_is_refused() -> None:
    text = message((2, 4, 1), outputs=["y_d" + "0" * 3000 + "1" * 3000])
    assert text.startswith("order 6000 in 2 coordinates needs 9.00e6 Taylor coefficients, ")


def test_the_limit_can_be_raised_and_lowered() -> None:
    assert "at most 5 coefficients" in message((2, 4, 1), order=2, max_coefficients=5)
    model = load_model(siren((2, 4, 1)))
    assert len(make_request(model, order=2, max_coefficients=6).targets) == 6
    assert len(make_request(model, order=5, max_coefficients=100).targets) == 21


def test_a_single_output_is_judged_by_the_coefficients_that_it_needs() -> None:
    model = load_model(siren((9, 4, 1)))
    assert len(make_request(model, outputs=["y_d0000"], max_coefficients=5).space.indices) == 4


@pytest.mark.parametrize(("coordinates", "order"), [(1, 4), (2, 2), (2, 4), (3, 3), (5, 2)])
def test_the_estimate_of_nodes_is_of_the_right_size(coordinates: int, order: int) -> None:
    sizes = (coordinates, 4, 4, 4, 4, 1)
    text = message(sizes, order=order, max_coefficients=1)
    estimate = float(text.split("about ")[1].split(" nodes")[0])
    actual = count(derive_unoptimized(siren(sizes), order)).nodes
    assert actual / 4 <= estimate <= actual * 4


def test_operators_that_only_move_or_sum_entries_take_one_node_for_each_coefficient() -> None:
    nodes, value = [], "x"
    for layer in range(8):
        nodes.append(helper.make_node("Gather", [value, "places"], [f"g{layer}"], axis=1, name=f"g{layer}"))
        nodes.append(helper.make_node("Unsqueeze", [f"g{layer}", "axis"], [f"u{layer}"], name=f"u{layer}"))
        nodes.append(helper.make_node("ReduceSum", [f"u{layer}", "axis"], [f"s{layer}"], keepdims=0, name=f"s{layer}"))
        value = f"s{layer}"
    nodes.append(helper.make_node("Sin", [value], ["y"], name="sine"))
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, {"places": np.array([1, 0]), "axis": np.array([1])})
    with pytest.raises(UserError) as caught:
        make_request(load_model(model), order=4, max_coefficients=1)
    estimate = float(caught.value.found.split("about ")[1].split(" nodes")[0])
    assert estimate == 15 * 24 + 70 * 2
