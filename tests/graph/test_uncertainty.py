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
    assert found == pytest.approx(2 * roundoff * 0.21, rel=1)


@pytest.mark.parametrize(("dtype", "roundoff"), ROUNDOFF)
def test_a_difference_is_as_uncertain_as_its_terms(dtype: ir.DataType, roundoff: float) -> None:
    text = "g (double[N] a, double[N] b) => (double[N] y) { p = Mul(a, b) q = Mul(b, a) y = Sub(p, q) }"
    found = uncertain(text, dtype, a=300.1, b=0.7)
    assert roundoff * 210 <= found <= 6 * roundoff * 210.1


def test_a_sum_of_a_matrix_product_that_cancels_is_as_uncertain_as_its_terms() -> None:
    model = graph("g (double[N,2] x) => (double[N,1] y) <double[2,1] w = {0.7, -0.7}> { y = MatMul(x, w) }")
    found = uncertainty(model, {"x": np.array([[10.1, 10.1]])})["y"]
    assert found.shape == (1, 1)
    assert 2.0**-53 * 7 <= found.item() <= 2.0**-53 * 8 * 7.1


def test_near_a_jump_all_is_uncertain_and_elsewhere_nothing_is_added() -> None:
    model = graph("""g (double[N] x) => (double[N] y) <double third = {0.3333333333333333}, double limit = {0.1}> {
        scaled = Mul(x, third)
        above = Greater(scaled, limit)
        number = Cast<to = 11>(above)
        y = Mul(number, x)
    }""")
    found = uncertainty(model, {"x": np.array([0.3, 0.6])})["y"]
    assert found[0] > 0.2
    assert found[1] < 1e-15


def test_what_may_have_no_value_is_infinitely_uncertain() -> None:
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
    assert uncertainty(graph(wide), feeds)["y"].item() < 1e-16
    assert 1e-9 < uncertainty(graph(mixed), feeds)["y"].item() < 1e-7


def test_it_is_the_same_each_time() -> None:
    model = graph("g (double[N] x) => (double[N] y) { s = Sin(x) y = Mul(s, x) }")
    feeds = {"x": np.linspace(0.1, 1.3, 50)}
    first, second = uncertainty(model, feeds), uncertainty(model, feeds)
    assert first["y"].min() > 0
    np.testing.assert_array_equal(first["y"], second["y"])
