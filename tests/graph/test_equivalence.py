import numpy as np
import onnx_ir as ir
import pytest

from inrarch.errors import UserError
from inrarch.graph.cast import with_floats
from inrarch.graph.equivalence import DifferentResultError, check_same_results, differences
from inrarch.graph.evaluate import evaluate
from tests.graph.passes.graphs import graph, random_feeds

TEXT = "g (float[N,2] x) => (float[N,2] y) <float c = {2.0}> { y = Mul(x, c) }"


def with_factor(model: ir.Model, factor: float) -> ir.Model:
    copy = model.clone()
    constant = copy.graph.initializers["c"]
    constant.const_value = ir.Tensor(np.array(factor, dtype=constant.dtype.numpy()), name="c")
    return copy


def check(before: ir.Model, exact: float, rounded: float) -> None:
    feeds = random_feeds(before)
    check_same_results(before, with_factor(before, rounded), lambda model: with_factor(model, exact), feeds)


def test_equal_graphs_agree() -> None:
    check(graph(TEXT), 2.0, 2.0)


def test_rounding_of_constants_is_tolerated_in_float32_only() -> None:
    check(graph(TEXT), 2.0, 2.0 * (1 + 1e-6))
    with pytest.raises(DifferentResultError, match=r"\(in float64; .* by 1e-06 of its largest value, 1e-09 is"):
        check(with_floats(graph(TEXT), ir.DataType.DOUBLE), 2.0, 2.0 * (1 + 1e-6))


def test_a_small_mistake_of_a_rewrite_is_found_although_float32_would_hide_it() -> None:
    with pytest.raises(DifferentResultError) as caught:
        check(graph(TEXT), 2.0 * (1 + 1e-6), 2.0)
    assert isinstance(caught.value, UserError)
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        "output 'y', entry [2, 1] at x = [-1.719905359,  1.869133366]: 3.73827047 after the passes of `optimize` "
        "(in float64 without rounding of constants; beyond rounding, the output changes by 1e-06 of its largest value, "
        "1e-09 is tolerated); expected 3.73826673, as before them\n"
        "hint: this is a fault of inrarch: please report it with the model and its project.yaml"
    )


def test_a_result_of_another_shape_is_told() -> None:
    before, feeds = graph(TEXT), {"x": np.ones((3, 2))}
    after = graph("g (float[N,2] x) => (float[N,1] y) <float[2,1] w = {2, 2}> { y = MatMul(x, w) }")
    with pytest.raises(DifferentResultError) as caught:
        check_same_results(before, after, lambda model: with_floats(after, ir.DataType.DOUBLE), feeds)
    assert str(caught.value).startswith(
        "output 'y': the shape [3, 1] after the passes of `optimize` (in float64 without rounding of constants); "
        "expected [3, 2], as before them\nhint: this is a fault"
    )


def cancelled(first: str, second: str, one: float = 1.0) -> ir.Model:
    """y = a (b c) - (a first) second: zero for b and c in any order, of which rounding leaves something."""
    return graph(f"""g (double[N,1] a, double[N,1] b, double[N,1] c) => (double[N,1] y) <double one = {{{one!r}}}> {{
        bc = Mul(b, c)
        left = Mul(a, bc)
        part = Mul(a, {first})
        right = Mul(part, {second})
        scaled = Mul(right, one)
        y = Sub(left, scaled)
    }}""")


def check_cancelled(after: ir.Model) -> None:
    feeds = {name: np.random.default_rng(seed).uniform(-1, 1, (32, 1)) for seed, name in enumerate("abc")}
    before = cancelled("b", "c")
    difference = differences(evaluate(before, feeds), evaluate(after, feeds))
    assert difference["y"] > 0.5  # of the largest value, which is rounding
    check_same_results(before, after, lambda model: after, feeds)


def test_terms_that_cancel_are_judged_beside_the_rounding_of_the_terms() -> None:
    check_cancelled(cancelled("c", "b"))


def test_a_fault_in_terms_that_cancel_is_found_though_the_result_is_only_rounding() -> None:
    with pytest.raises(DifferentResultError, match=r"in float64 without rounding of constants"):
        check_cancelled(cancelled("c", "b", one=1 + 1e-12))


def test_an_output_that_rounding_alone_decides_is_told() -> None:
    text = """g (double[N,1] a, double[N,1] b, double[N,1] c) => (double[N,1] y) {
        bc = Mul(b, c)
        left = Mul(a, bc)
        part = Mul(a, FIRST)
        right = Mul(part, SECOND)
        error = Sub(left, right)
        size = Abs(error)
        one = Div(error, size)
        y = Mul(one, a)
    }"""
    before, after = (graph(text.replace("FIRST", each[0]).replace("SECOND", each[1])) for each in ("bc", "cb"))
    feeds = {name: np.random.default_rng(seed).uniform(0.1, 1, (32, 1)) for seed, name in enumerate("abc")}
    with pytest.raises(UserError) as caught:
        check_same_results(before, after, lambda model: after, feeds)
    assert caught.value.text() == (
        "output 'y': rounding alone decides its 32 values at the points that were tried "
        "(in float64 without rounding of constants); "
        "expected a function that has a value there: a normal or a curvature needs a gradient that is not 0\n"
        "hint: leave this output out, or choose another `domain`: the model may be constant in this one"
    )


def test_float32_within_a_float64_model_may_round_as_float32_does() -> None:
    text = """g (double[N,2] x) => (double[N,2] y) <float c = {0.7}> {
        narrow = Cast<to = 1>(x)
        scaled = Mul(narrow, c)
        y = Cast<to = 11>(scaled)
    }"""
    check(graph(text), float(np.float32(0.7)), 0.7 * (1 + 2.0**-23))
    with pytest.raises(DifferentResultError, match=r"\(in float64; .* by 9.\de-05 of its largest value, 1e-09 is"):
        check(graph(text), float(np.float32(0.7)), 0.7 * (1 + 1e-4))


def test_differences_are_relative_to_the_largest_magnitude() -> None:
    found = differences({"y": np.array([1.0, -4.0])}, {"y": np.array([1.4, -4.0])})
    assert found == {"y": pytest.approx(0.1)}


def test_points_where_the_original_is_not_finite_do_not_count() -> None:
    assert differences({"y": np.array([1.0, np.nan])}, {"y": np.array([1.0, 0.0])}) == {"y": 0.0}
    assert differences({"y": np.array([1.0])}, {"y": np.array([np.nan])}) == {"y": float("inf")}


def test_another_shape_is_a_difference() -> None:
    assert differences({"y": np.zeros((2, 1))}, {"y": np.zeros(2)}) == {"y": float("inf")}
