"""Memory: weights are shared, and what must be computed from them is computed once, without copies in float64."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx_ir as ir
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize
from tests.models import perceptron, siren

WIDTH = 1024
WEIGHT = 4 * WIDTH * WIDTH
"""bytes of one square weight"""


def traced(action: Callable[[], Any]) -> tuple[Any, float, float]:
    """The result, the memory that stays allocated, and the peak on the way; both in weights."""
    gc.collect()
    tracemalloc.start()
    result = action()
    peak = tracemalloc.get_traced_memory()[1]
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return result, kept / WEIGHT, peak / WEIGHT


def large(model: ir.Model) -> list[Any]:
    arrays = [value.const_value.numpy() for value in model.graph.initializers.values()]
    return [array for array in arrays if array.nbytes >= WEIGHT]


@pytest.mark.parametrize("order", [1, 3])
def test_a_tower_keeps_one_scaled_copy_of_each_weight_whatever_its_order(order: int) -> None:
    """Two large weights; each is transposed and scaled by w0, and needs a new array for that."""
    loaded = load_model(siren((2, WIDTH, WIDTH, WIDTH, 1)))
    tower = derive_graph(loaded, order=order, method="taylor", optimize=False)
    (after, _), kept, peak = traced(lambda: optimize(tower))
    assert len(large(after)) == 2
    assert kept < 2.2
    assert peak < 3.5


def test_weights_that_need_no_rewriting_are_shared() -> None:
    loaded = load_model(perceptron((2, WIDTH, WIDTH, 1), "Tanh"))
    tower = derive_graph(loaded, order=2, method="taylor", optimize=False)
    (after, _), kept, peak = traced(lambda: optimize(tower))
    (given,), (found,) = large(loaded), large(after)
    assert np.shares_memory(given, found)
    assert kept < 0.3
    assert peak < 0.6


def test_expanding_copies_no_weight() -> None:
    loaded = load_model(siren((2, WIDTH, WIDTH, WIDTH, 1)))
    derive_graph(loaded, order=1, method="taylor", optimize=False)  # operators are imported once
    tower, kept, _ = traced(lambda: derive_graph(loaded, order=2, method="taylor", optimize=False))
    assert kept < 0.3
    for given, found in zip(large(loaded), large(tower), strict=True):
        assert np.shares_memory(given, found)


def test_equal_weights_become_one_without_being_copied() -> None:
    proto = perceptron((2, WIDTH, WIDTH, WIDTH, 1), "Tanh")
    weights = {tensor.name: tensor for tensor in proto.graph.initializer}
    weights["w2"].raw_data = weights["w1"].raw_data
    loaded = load_model(proto)
    (after, _), kept, peak = traced(lambda: optimize(loaded))
    assert len(large(after)) == 1
    assert kept < 0.1
    assert peak < 0.6
