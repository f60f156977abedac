"""Outputs can be left out again, with everything that only they needed."""

from __future__ import annotations

import numpy as np
import pytest

from inrarch.derivatives.parameters import gradient, hessian_vector_product
from inrarch.derivatives.recorded import derivative_outputs
from inrarch.derivatives.transform import keep_outputs
from inrarch.graph.count import count
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from tests.models import siren


def test_outputs_that_are_left_out_cost_nothing() -> None:
    model = load_model(siren((2, 8, 8, 1)))
    both = gradient(model, ["y"], ["net.0.weight", "net.2.weight"])
    kept = keep_outputs(both, ["y_d:net.2.weight"])
    assert [value.name for value in kept.graph.outputs] == ["y_d:net.2.weight"]
    assert count(kept).matmuls == 4  # three layers (y says how many rows), and the product for the weight
    assert count(both).matmuls == 7
    assert derivative_outputs(kept) == {"y_d:net.2.weight"}
    to_proto(kept)


def test_outputs_come_in_the_order_asked_for_and_the_given_model_stays() -> None:
    model = hessian_vector_product(load_model(siren((2, 8, 1), dtype=np.float64)), ["y"], ["net.0.weight"])
    before = to_proto(model).SerializeToString(deterministic=True)
    kept = keep_outputs(model, ["y_dv:net.0.weight", "y"])
    assert to_proto(model).SerializeToString(deterministic=True) == before
    assert [value.name for value in kept.graph.outputs] == ["y_dv:net.0.weight", "y"]
    assert derivative_outputs(kept) == {"y_dv:net.0.weight"}
    feeds = {"x": np.ones((3, 2)), "v:net.0.weight": np.ones((8, 2))}
    expected = evaluate(model, feeds)
    for name, array in evaluate(kept, feeds).items():
        np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("names", [["y"], ["y", "y_d:net.0.bias"]])
def test_weights_are_shared(names: list[str]) -> None:
    model = load_model(siren((2, 64, 1)))
    kept = keep_outputs(gradient(model, ["y"], ["net.0.bias"]), names)
    for name in ("net.0.weight", "net.1.weight"):
        assert kept.graph.initializers[name].const_value is model.graph.initializers[name].const_value
