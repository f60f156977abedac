import numpy as np
import onnx_ir as ir

from inrarch.graph.cast import with_floats
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
