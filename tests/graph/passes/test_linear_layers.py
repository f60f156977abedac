import pytest

from inrarch.graph.passes.linear_layers import run
from tests.graph.passes.graphs import graph, lines, rewritten

HEAD = (
    "g (double[N,2] x, double[2,3] u, double[3] t) => (double[N,3] y) "
    "<double[2,3] w = {1, 2, 3, 4, 5, 6}, double[3,2] wt = {1, 4, 2, 5, 3, 6}, double[3] b = {1, 2, 3}, "
    "double[1,3] b2 = {1, 2, 3}, double s = {5}, double[3] z = {0, 0, 0}, double[2] o = {1, -1}> "
)
W = "[[1, 2, 3], [4, 5, 6]]"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{ y = Gemm<transB=1>(x, wt, b) }", [f"y = Gemm(x, {W}, [1, 2, 3])"]),
        ("{ y = Gemm<alpha=2.0, beta=3.0>(x, w, b) }", ["y = Gemm(x, [[2, 4, 6], [8, 10, 12]], [3, 6, 9])"]),
        ("{ y = Gemm(x, w) }", [f"y = MatMul(x, {W})"]),
        ("{ y = Gemm(x, w, z) }", [f"y = MatMul(x, {W})"]),
        ("{ y = Gemm(x, w, s) }", [f"y = Gemm(x, {W}, [5, 5, 5])"]),
        ("{ y = Gemm(x, w, b2) }", [f"y = Gemm(x, {W}, [1, 2, 3])"]),
        ("{ m = MatMul(x, w) y = Add(m, b) }", [f"y = Gemm(x, {W}, [1, 2, 3])"]),
        ("{ m = MatMul(x, w) y = Add(s, m) }", [f"y = Gemm(x, {W}, [5, 5, 5])"]),
        ("{ m = Gemm(x, w, b) y = Add(m, b2) }", [f"y = Gemm(x, {W}, [2, 4, 6])"]),
        ("{ a = Add(x, o) y = MatMul(a, w) }", [f"y = Gemm(x, {W}, [-3, -3, -3])"]),
        ("{ a = Add(x, s) y = Gemm(a, w, b) }", [f"y = Gemm(x, {W}, [26, 37, 48])"]),
        ("{ y = Gemm(x, w, t) }", [f"y/MatMul = MatMul(x, {W})", "y = Add(y/MatMul, t)"]),
        ("{ v = Transpose<perm=[1,0]>(u) y = Gemm<transB=1>(x, v, b) }",
         ["v = Transpose(u)", "y/Transpose = Transpose(v)", "y = Gemm(x, y/Transpose, [1, 2, 3])"]),
    ],
)  # fmt: skip
def test_layers_come_into_one_form(body: str, expected: list[str]) -> None:
    model = graph(HEAD + body)
    while run(model):
        pass
    assert lines(model) == expected
    rewritten(run, HEAD + body)


def test_a_transposed_input_becomes_a_transpose_node() -> None:
    text = "g (double[2,N] x) => (double[N,3] y) <double[2,3] w = {1, 2, 3, 4, 5, 6}> { y = Gemm<transA=1>(x, w) }"
    assert rewritten(run, text) == ["y/Transpose = Transpose(x)", f"y = MatMul(y/Transpose, {W})"]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "{ m = MatMul(x, w) a = Add(m, b) y = Mul(a, m) }",
        HEAD + "{ m = MatMul(x, w) y = Sub(b, m) }",
        HEAD + "{ m = MatMul(x, u) y = Add(m, b) }",
        "g (double[N,4,2] x) => (double[N,4,3] y) <double[2,3] w = {1, 2, 3, 4, 5, 6}, double[3] b = {1, 2, 3}>"
        "{ m = MatMul(x, w) y = Add(m, b) }",
        "g (double[2,2] x) => (double[2,2] y) <double[2,2] w = {1, 2, 3, 4}, double[2,1] b = {1, 2}>"
        "{ m = MatMul(x, w) y = Add(m, b) }",
    ],
    ids=["product used twice", "subtracted from", "computed weight", "rank 3", "offset by rows"],
)
def test_what_is_not_handled_stays(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))


def test_a_bias_that_differs_by_rows_is_added_separately() -> None:
    text = (
        "g (double[2,2] x) => (double[2,2] y) <double[2,2] w = {1, 2, 3, 4}, double[2,2] b = {1, 2, 3, 4}>"
        "{ y = Gemm(x, w, b) }"
    )
    assert rewritten(run, text) == ["y/MatMul = MatMul(x, [[1, 2], [3, 4]])", "y = Add(y/MatMul, [[1, 2], [3, 4]])"]
