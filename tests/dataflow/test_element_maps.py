"""Where elements come from, compared with numpy on numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.dataflow.element_maps import ElementMap, element_map, from_runs
from inrarch.dataflow.row_shapes import sizes_of
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.numeric.view import STRUCTURAL
from tests.dataflow.networks import node
from tests.models import build_model


def through(model: Any) -> ElementMap:
    """The map of `y` through all nodes that move numbers."""
    (y,) = model.graph.outputs
    return element_map(y, sizes_of(model), lambda each: each.op_type in STRUCTURAL, "node 'n_y'")


CHAINS: list[tuple[list[Any], dict[str, np.ndarray]]] = [
    (
        [node("Reshape", ["x", "cube"], "a"), node("Transpose", ["a"], "y", perm=[0, 3, 1, 2])],
        {"cube": np.array([0, 2, 3, 2])},
    ),
    ([node("Gather", ["x", "places"], "y", axis=1)], {"places": np.array([[3, -1], [0, 3]])}),
    (
        [node("Tile", ["x", "twice"], "a"), node("Pad", ["a", "pads"], "y")],
        {"twice": np.array([1, 2]), "pads": np.array([0, 1, 0, 2])},
    ),
    (
        [node("Unsqueeze", ["x", "one"], "a"), node("Expand", ["a", "sizes"], "y")],
        {"one": np.array([1]), "sizes": np.array([1, 3, 1])},
    ),
    (
        [node("Slice", ["x", "last", "first", "axis", "back"], "a"), node("Concat", ["a", "x"], "y", axis=1)],
        {"last": np.array([9]), "first": np.array([1]), "axis": np.array([1]), "back": np.array([-3])},
    ),
]

RANKS = (4, 3, 2, 3, 2)


@pytest.mark.parametrize(
    ("nodes", "constants", "rank"), [(*chain, rank) for chain, rank in zip(CHAINS, RANKS, strict=True)]
)
def test_a_map_says_where_the_numbers_go(nodes: list[Any], constants: dict[str, np.ndarray], rank: int) -> None:
    model = load_model(build_model(nodes, {"x": ["N", 12]}, {"y": ["N", *[None] * (rank - 1)]}, constants))
    x = np.random.default_rng(0).normal(size=(3, 12))
    expected = evaluate(model, {"x": x})["y"].reshape(3, -1)
    found = through(model)
    numbers = np.where(np.array(found.source) < 0, 0, x[:, np.array(found.element)])
    np.testing.assert_array_equal(numbers, expected)
    assert found.sources == ("x",)


def test_constants_are_sources() -> None:
    nodes = [node("Sin", ["x"], "s"), node("Expand", ["c", "sizes"], "k"), node("Concat", ["k", "s"], "y", axis=1)]
    constants = {"c": np.array([[5.0, 6.0]]), "sizes": np.array([7, 2])}
    model = load_model(build_model(nodes, {"x": [7, 3]}, {"y": [7, 5]}, constants))
    found = through(model)
    assert sorted(found.sources) == ["c", "s"]
    constant = found.sources.index("c")
    assert found.source == (constant, constant, 1 - constant, 1 - constant, 1 - constant)
    assert found.element == (0, 1, 0, 1, 2)


@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 9)), min_size=1, max_size=40))
def test_runs_are_the_map_in_short(elements: list[tuple[int, int]]) -> None:
    found = ElementMap(("a", "b", "c"), tuple(s for s, _ in elements), tuple(e for _, e in elements))
    assert from_runs(found.sources, found.runs()) == found
    assert sum(run[2] for run in found.runs()) == len(elements)


def test_regular_maps_are_short() -> None:
    found = ElementMap(("a", "b"), (0,) * 256 + (1,) * 3, (*range(256), 0, 1, 2))
    assert found.runs() == ((0, 0, 256, 1), (1, 0, 3, 1))


def test_the_identity_is_known() -> None:
    found = ElementMap(("a",), (0, 0, 0), (0, 1, 2))
    assert found.is_identity("a", 3)
    assert not found.is_identity("b", 3)
    assert not found.is_identity("a", 4)
    assert not ElementMap(("a",), (0, 0, 0), (0, 2, 1)).is_identity("a", 3)
