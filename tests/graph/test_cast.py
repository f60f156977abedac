import numpy as np
import onnx_ir as ir
import pytest

from inrarch.graph.cast import with_floats
from inrarch.graph.equivalence import check_same_results
from inrarch.graph.evaluate import evaluate
from inrarch.graph.passes.pipeline import optimize
from inrarch.graph.save import to_proto
from tests.graph.passes.graphs import graph

HEAD = "g (float[N,2] x) => (float[2,N] y) <float[2] c = {0.1, 2}, int64[2] s = {2, -1}> "
TEXT = HEAD + "{ a = Mul(x, c) y = Reshape(a, s) }"


def test_all_floats_change_and_integers_stay() -> None:
    double = with_floats(graph(TEXT), ir.DataType.DOUBLE)
    to_proto(double)  # checks that types fit together
    assert double.graph.initializers["c"].const_value.numpy().dtype == np.float64
    assert double.graph.initializers["c"].const_value.numpy()[0] == np.float32(0.1)
    assert double.graph.initializers["s"].dtype == ir.DataType.INT64
    assert {value.dtype for value in [*double.graph.inputs, *double.graph.outputs]} == {ir.DataType.DOUBLE}


def test_the_given_model_stays_and_a_cast_back_is_the_same() -> None:
    model = graph(TEXT)
    before = to_proto(model).SerializeToString(deterministic=True)
    back = with_floats(with_floats(model, ir.DataType.DOUBLE), ir.DataType.FLOAT)
    assert to_proto(model).SerializeToString(deterministic=True) == before
    np.testing.assert_array_equal(back.graph.initializers["c"].const_value.numpy(), np.array([0.1, 2], np.float32))


MIXED = """g (float[N,2] x) => (float[N,2] y) {
    d = Cast<to=11>(x)
    s = Sin(d)
    f = Cast<to=1>(s)
    n = Cast<to=7>(f)
    shape = Shape(n)
    zeros = ConstantOfShape(shape)
    halves = ConstantOfShape<value=float[1] {0.5}>(shape)
    a = Add(f, zeros)
    y = Add(a, halves)
}"""


@pytest.mark.parametrize("dtype", [ir.DataType.FLOAT, ir.DataType.DOUBLE])
def test_what_attributes_say_about_types_changes_too(dtype: ir.DataType) -> None:
    model = graph(MIXED)
    before = to_proto(model).SerializeToString(deterministic=True)
    changed = with_floats(model, dtype)
    to_proto(changed)  # checks that types fit together
    assert to_proto(model).SerializeToString(deterministic=True) == before
    assert [node.outputs[0].dtype for node in changed.graph][:4] == [dtype, dtype, dtype, ir.DataType.INT64]
    feeds = {"x": np.array([[0.5, -2.0]])}
    np.testing.assert_array_equal(evaluate(changed, feeds)["y"], evaluate(model, feeds)["y"])


def test_a_model_of_mixed_precision_is_judged_in_onnx_runtime() -> None:
    model, feeds = graph(MIXED), {"x": np.array([[0.5, -2.0]])}
    agreement = check_same_results(model, optimize(model)[0], lambda each: optimize(each)[0], feeds)
    assert agreement.rewriting <= 1e-15
