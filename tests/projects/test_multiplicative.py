"""The multiplicative filter network against the zone plate that it was trained on."""

from __future__ import annotations

import numpy as np

from inrarch.graph.evaluate import evaluate
from tests.projects.example import model, project


def test_it_multiplies_computed_values_and_has_no_other_nonlinearity_between_layers() -> None:
    graph = model("multiplicative").graph
    products = [node for node in graph if node.op_type == "Mul"]
    assert len(products) == 3
    for node in products:
        assert sorted(value.producer().op_type for value in node.inputs) == ["Gemm", "Sin"]
    (variant,) = project("multiplicative").variants
    assert variant.derivatives.order == 2


def test_it_shows_the_zone_plate_above_55_db() -> None:
    at = np.random.default_rng(0).uniform(-1, 1, (8000, 2))
    target = np.cos(18 * (at**2).sum(axis=1, keepdims=True))
    error = evaluate(model("multiplicative"), {"xy": at})["brightness"] - target
    assert 10 * np.log10(4 / np.mean(error**2)) > 55  # its README says 58.1
