from inrarch.graph.passes.dead_code import run
from tests.graph.passes.graphs import constants, graph, lines


def test_unused_nodes_and_constants_disappear() -> None:
    model = graph(
        "g (double[N,3] x, double[N,3] z) => (double[N,3] y) <double c = {2}, double d = {3}> "
        "{ p = Sin(x) q = Mul(p, c) r = Cos(q) y = Mul(x, d) }"
    )
    assert run(model) == 4
    assert lines(model) == ["y = Mul(x, 3)"]
    assert set(constants(model)) == {"d"}
    assert [value.name for value in model.graph.inputs] == ["x", "z"]


def test_outputs_and_what_they_need_stay() -> None:
    model = graph("g (double[N,3] x) => (double[N,3] p, double[N,3] y) { p = Sin(x) q = Cos(x) y = Exp(q) }")
    assert run(model) == 0
