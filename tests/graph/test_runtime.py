import numpy as np
import pytest

from inrarch.graph.runtime import open_session, run
from tests.graph.passes.graphs import graph

TEXT = "g (float[N,2] x) => (float[N,2] y, float[2] z) <float[2] c = {1, 2}> { y = Mul(x, c) z = Neg(c) }"


@pytest.mark.parametrize("rewriting", [True, False])
def test_outputs_are_computed_in_float32(rewriting: bool) -> None:
    session = open_session(graph(TEXT), threads=2, rewriting=rewriting)
    y, z = session.run(None, {"x": np.ones((3, 2), dtype=np.float32)})
    assert y.dtype == np.float32
    assert (y.tolist(), z.tolist()) == ([[1.0, 2.0]] * 3, [-1.0, -2.0])


def test_results_have_their_names() -> None:
    found = run(graph(TEXT), {"x": np.ones((1, 2))})
    assert {name: array.tolist() for name, array in found.items()} == {"y": [[1.0, 2.0]], "z": [-1.0, -2.0]}


def test_a_graph_of_constants_only_runs() -> None:
    text = "g (float[N,2] x) => (float[2] z) <float[2] c = {1, 2}> { z = Neg(c) }"
    assert run(graph(text), {"x": np.ones((1, 2))})["z"].tolist() == [-1.0, -2.0]
