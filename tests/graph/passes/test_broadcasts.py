import pytest

from inrarch.graph.passes.broadcasts import run
from tests.graph.passes.graphs import assert_same_results, graph, lines, operators, rewritten

HEAD = "g (double[1,3] r, double[1,3] t, double[4,3] x) => (double[4,K] y) <int64[2] s = {4, 3}, "
WEIGHT = "double[3,2] w = {1, 2, 3, 4, 5, 6}, double[2] b = {1, 2}, double c = {2}> "
TEXT = HEAD + WEIGHT


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{ a = Expand(r, s) b2 = Mul(a, x) y = Sub(b2, a) }", ["b2 = Mul(r, x)", "y = Sub(b2, r)"]),
        ("{ a = Expand(r, s) p = Greater(x, a) y = Where(p, a, x) }", ["p = Greater(x, r)", "y = Where(p, r, x)"]),
        ("{ a = Expand(r, s) b2 = Sin(a) y = Mul(b2, x) }", ["y/Sin = Sin(r)", "y = Mul(y/Sin, x)"]),
        ("{ a = Expand(r, s) b2 = Mul(a, c) y = Mul(b2, x) }", ["y/Mul = Mul(r, 2)", "y = Mul(y/Mul, x)"]),
        ("{ a = Expand(r, s) d = Expand(t, s) y = Add(a, d) }", ["y/Add.1 = Add(r, t)", "y = Expand(y/Add.1, [4, 3])"]),
        ("{ a = Expand(r, s) y = Mul(a, a) }", ["y/Mul.1 = Mul(r, r)", "y = Expand(y/Mul.1, [4, 3])"]),
    ],
)
def test_what_is_the_same_for_all_rows_is_computed_once(body: str, expected: list[str]) -> None:
    found = [line.replace("b2/", "y/") for line in rewritten(run, TEXT + body)]
    assert found == expected


@pytest.mark.parametrize(
    ("body", "product"),
    [
        ("{ a = Expand(r, s) y = MatMul(a, w) }", "MatMul(r, [[1, 2], [3, 4], [5, 6]])"),
        ("{ a = Expand(r, s) y = Gemm(a, w, b) }", "Gemm(r, [[1, 2], [3, 4], [5, 6]], [1, 2])"),
        ("{ a = Expand(r, s) d = Expand(t, s) y = Concat<axis=1>(a, d) }", "Concat(r, t)"),
    ],
)
def test_products_and_joins_of_equal_rows_are_computed_once(body: str, product: str) -> None:
    found = rewritten(run, TEXT + body)
    assert any(line.endswith(product) for line in found)
    assert found[-1].startswith("y = Expand(")


def test_a_product_of_equal_rows_in_a_free_batch_is_computed_once() -> None:
    text = (
        "g (double[1,3] r, double[N,2] x) => (double[N,2] y) <double[3,2] w = {1, 2, 3, 4, 5, 6}, int64[1] t = {3}, "
        "int64[1] zero = {0}, int64[1] one = {1}> "
        "{ s = Shape(x) n = Slice(s, zero, one, zero) k = Concat<axis=0>(n, t) a = Expand(r, k) p = MatMul(a, w) "
        "y = Mul(p, x) }"
    )
    model = graph(text)
    run(model)
    assert_same_results(graph(text), model, 1e-12)
    assert "Expand" not in operators(model)
    assert any("MatMul(r, " in line for line in lines(model))


@pytest.mark.parametrize(
    "text",
    [
        "g (double[4,1] r) => (double[4,2] y) <int64[2] s = {4, 3}, double[3,2] w = {1, 2, 3, 4, 5, 6}> "
        "{ a = Expand(r, s) y = MatMul(a, w) }",
        "g (double[1,3] r) => (double[4,3] y, double[4,3] z) <int64[2] s = {4, 3}> { y = Expand(r, s) z = Sin(y) }",
        "g (double[3] r) => (double[4,3] y) <int64[2] s = {4, 3}> { a = Expand(r, s) y = Sin(a) }",
    ],
    ids=["columns are expanded", "an output", "adds an axis"],
)
def test_expansions_that_are_needed_stay(text: str) -> None:
    assert rewritten(run, text) == lines(graph(text))
