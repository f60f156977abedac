import numpy as np
import onnx_ir as ir
import pytest

from inrarch.graph.cast import with_floats
from inrarch.graph.uncertainty import uncertainty
from tests.graph.passes.graphs import graph

ROUNDOFF = [(ir.DataType.FLOAT, 2.0**-24), (ir.DataType.DOUBLE, 2.0**-53)]


def uncertain(text: str, dtype: ir.DataType = ir.DataType.DOUBLE, **feeds: float) -> float:
    """The uncertainty of the only entry of y."""
    arrays = {name: np.array([number]) for name, number in feeds.items()}
    return float(uncertainty(with_floats(graph(text), dtype), arrays)["y"].item())


@pytest.mark.parametrize(("dtype", "roundoff"), ROUNDOFF)
def test_a_product_is_as_certain_as_its_type(dtype: ir.DataType, roundoff: float) -> None:
    found = uncertain("g (double[N] a, double[N] b) => (double[N] y) { y = Mul(a, b) }", dtype, a=0.3, b=0.7)
    assert 16 * roundoff * 0.21 / 2 <= found <= 16 * roundoff * 0.21 * 2


@pytest.mark.parametrize(("dtype", "roundoff"), ROUNDOFF)
def test_a_difference_is_as_uncertain_as_its_terms(dtype: ir.DataType, roundoff: float) -> None:
    text = "g (double[N] a, double[N] b) => (double[N] y) { p = Mul(a, b) q = Mul(b, a) y = Sub(p, q) }"
    found = uncertain(text, dtype, a=300.1, b=0.7)
    assert 16 * roundoff * 210 / 2 <= found <= 16 * roundoff * 210.1 * 6


def test_a_sum_of_a_matrix_product_that_cancels_is_as_uncertain_as_its_terms() -> None:
    model = graph("g (double[N,2] x) => (double[N,1] y) <double[2,1] w = {0.7, -0.7}> { y = MatMul(x, w) }")
    found = uncertainty(model, {"x": np.array([[10.1, 10.1]])})["y"]
    assert found.shape == (1, 1)
    assert 2.0**-49 * 7 / 2 <= found.item() <= 2.0**-49 * 7.1 * 4


def test_a_result_at_a_jump_has_no_value_and_elsewhere_nothing_is_added() -> None:
    model = graph("""g (double[N] x) => (double[N] y) <double third = {0.3333333333333333}, double limit = {0.1}> {
        scaled = Mul(x, third)
        above = Greater(scaled, limit)
        number = Cast<to = 11>(above)
        y = Mul(number, x)
    }""")
    found = uncertainty(model, {"x": np.array([0.3, 0.6])})["y"]
    assert found[0] == np.inf
    assert found[1] < 1e-14


def test_a_quotient_of_rounding_errors_has_no_value() -> None:
    text = """g (double[N] a, double[N] b, double[N] c) => (double[N] y) {
        ab = Mul(a, b)
        abc = Mul(ab, c)
        bc = Mul(b, c)
        other = Mul(a, bc)
        error = Sub(abc, other)
        size = Abs(error)
        one = Div(error, size)
        y = Mul(one, a)
    }"""
    feeds = dict(zip("abc", np.random.default_rng(0).uniform(0.1, 1, (3, 100)), strict=True))
    assert (uncertainty(graph(text), feeds)["y"] == np.inf).all()


def test_what_is_not_finite_after_a_rounding_has_no_value() -> None:
    text = "g (double[N] a, double[N] b) => (double[N] y) { p = Mul(a, b) q = Mul(b, a) d = Sub(p, q) y = Log(d) }"
    assert uncertain(text, a=0.3, b=0.7) == np.inf


def test_whole_numbers_and_comparisons_are_exact() -> None:
    text = """g (double[N] x) => (double[N] y) {
        below = Floor(x)
        again = Floor(x)
        same = Equal(below, again)
        number = Cast<to = 11>(same)
        y = Mul(number, below)
    }"""
    assert uncertain(text, x=5.7) == 0


def test_only_values_of_single_precision_are_uncertain_by_it() -> None:
    wide = "g (double[N] x) => (double[N] y) <double c = {0.7}> { y = Mul(x, c) }"
    mixed = """g (double[N] x) => (double[N] y) <float c = {0.7}> {
        narrow = Cast<to = 1>(x)
        product = Mul(narrow, c)
        y = Cast<to = 11>(product)
    }"""
    feeds = {"x": np.array([0.3])}
    assert uncertainty(graph(wide), feeds)["y"].item() < 1e-15
    assert 1e-8 < uncertainty(graph(mixed), feeds)["y"].item() < 1e-6


def test_it_is_the_same_each_time() -> None:
    model = graph("g (double[N] x) => (double[N] y) { s = Sin(x) y = Mul(s, x) }")
    feeds = {"x": np.linspace(0.1, 1.3, 50)}
    first, second = uncertainty(model, feeds), uncertainty(model, feeds)
    assert first["y"].min() > 0
    np.testing.assert_array_equal(first["y"], second["y"])
