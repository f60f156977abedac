import pytest

from inrarch.graph.passes.concatenated_layers import run
from tests.graph.passes.graphs import assert_same_results, constants, graph, lines, operators, rewritten

HEAD = (
    "g (double[N,2] h, double[N,2] k, double[N,1] x) => (double[N,2] y, double[N,2] z) "
    "<double[3,2] w = {1, 2, 3, 4, 5, 6}, double[2] b = {7, 8}, double[1,1] one = {1}, double zero = {0}> "
)
SPLIT = [
    "y/MatMul = MatMul(h, [[1, 2], [3, 4]])",
    "y/MatMul.1 = MatMul(x, [[5, 6]])",
    "y/Add = Add(y/MatMul, [7, 8])",
    "y = Add(y/Add, y/MatMul.1)",
]


def test_a_constant_row_joins_the_bias_and_the_weight_is_dealt_out() -> None:
    body = (
        "{ s = Shape(x) e = Expand(one, s) c = Concat<axis=1>(h, x) d = Concat<axis=1>(k, e) "
        "y = Gemm(c, w, b) z = MatMul(d, w) }"
    )
    assert rewritten(run, HEAD + body) == [
        *SPLIT,
        "z/MatMul = MatMul(k, [[1, 2], [3, 4]])",
        "z = Add(z/MatMul, [5, 6])",
    ]
    model = graph(HEAD + body)
    run(model)
    weights = {node.inputs[1].name for node in model.graph if node.op_type == "MatMul"}
    assert len(weights) == 2


def test_zeros_vanish() -> None:
    body = (
        "{ s = Shape(x) e = Expand(zero, s) c = Concat<axis=1>(h, x) d = Concat<axis=-1>(k, e) "
        "y = Gemm(c, w, b) z = MatMul(d, w) }"
    )
    assert rewritten(run, HEAD + body) == [*SPLIT, "z = MatMul(k, [[1, 2], [3, 4]])"]


def test_known_pieces_that_meet_several_pieces_of_other_products_are_divided() -> None:
    text = (
        "g (double[N,1] a, double[N,1] b, double[N,1] c) => (double[N,1] y, double[N,1] z) "
        "<double[3,1] w = {1, 2, 3}, double[1,2] row = {4, 5}, double[N,2] n = {1, 1}> "
        "{ s = Shape(a) e = Expand(row, s) p = Concat<axis=1>(a, b, c) q = Concat<axis=1>(a, e) "
        "y = MatMul(p, w) z = MatMul(q, w) }"
    ).replace(", double[N,2] n = {1, 1}", "")
    model = graph(text)
    assert run(model) == 2
    assert_same_results(graph(text), model, 1e-12)
    assert lines(model)[-1] == "z = Add(z/MatMul, [23])"


def test_pieces_that_are_known_together_stay_together_also_when_they_are_not_neighbours() -> None:
    text = (
        "g (double[N,1] a, double[N,1] b, double[N,1] c) => (double[N,1] y, double[N,1] z) "
        "<double[3,1] w = {1, 2, 3}, double zero = {0}> "
        "{ s = Shape(a) e = Expand(zero, s) p = Concat<axis=1>(a, b, c) q = Concat<axis=1>(a, e, c) "
        "y = MatMul(p, w) z = MatMul(q, w) }"
    )
    model = graph(text)
    assert run(model) == 2
    assert_same_results(graph(text), model, 1e-12)
    assert operators(model).count("MatMul") == 3
    assert lines(model)[-1] == "z = MatMul(z/Concat, [[1], [3]])"


@pytest.mark.parametrize(
    "body",
    [
        "{ c = Concat<axis=1>(h, x) y = MatMul(c, w) d = Concat<axis=1>(k, x) z = MatMul(d, w) }",
        "{ s = Shape(x) e = Expand(one, s) c = Concat<axis=1>(h, e) y = MatMul(c, w) v = Sin(c) z = MatMul(v, w) }",
        "{ s = Shape(x) e = Expand(one, s) c = Concat<axis=1>(h, e) y = MatMul(c, w) z = Add(h, k) u = Sin(w) }",
        "{ s = Shape(x) e = Expand(one, s) c = Concat<axis=1>(e, e, e) y = MatMul(c, w) d = Concat<axis=1>(h, e) "
        "z = MatMul(d, w) }",
    ],
    ids=["nothing is known", "a product of something else", "another use of the weight", "all is known"],
)
def test_other_layers_stay(body: str) -> None:
    assert rewritten(run, HEAD + body) == lines(graph(HEAD + body))
    assert "w" in constants(graph(HEAD + body))
