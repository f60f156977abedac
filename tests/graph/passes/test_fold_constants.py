import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.fold_constants import run
from tests.graph.passes.graphs import constants, graph, lines, rewritten


def test_a_chain_of_constants_becomes_one_constant() -> None:
    text = (
        "g (double[N,2] x) => (double[N,2] y) <double[2] c = {1, 2}, double d = {3}> "
        "{ a = Add(c, d) b = Mul(a, d) y = Mul(x, b) }"
    )
    assert rewritten(run, text) == ["y = Mul(x, [12, 15])"]


def test_size_does_not_matter() -> None:
    text = (
        "g (double[N,300] x) => (double[300,300] y, double[N,300] z) <int64[2] s = {300, 300}, double one = {1}> "
        "{ c = Expand(one, s) d = MatMul(c, c) y = Identity(d) z = MatMul(x, d) }"
    )
    model = graph(text)
    assert run(model) == 2
    assert [node.op_type for node in model.graph] == ["Identity", "MatMul"]


def test_a_chain_is_rounded_once_at_its_end() -> None:
    third = np.float64(np.float32(1 / 3))
    model = graph(
        "g (float[N,2] x) => (float[N,2] y) <float c = {0.33333334}, float big = {16777216}>"
        "{ a = Add(big, c) b = Sub(a, big) y = Mul(x, b) }"
    )
    assert run(model) == 2
    folded = constants(model)["b.1"] if "b.1" in constants(model) else constants(model)["b"]
    assert folded.const_value.numpy() == np.float32(16777216 + third - 16777216)
    assert folded.const_value.numpy() != 0


def test_shapes_that_are_known_are_folded() -> None:
    text = "g (double[2,3] x) => (int64[2] y) { y = Shape(x) }"
    assert rewritten(run, text) == ["y = Identity([2, 3])"]
    text = "g (double[N,3] x) => (int64[1] y) { y = Shape<start=1>(x) }"
    assert rewritten(run, text) == ["y = Identity([3])"]


def test_the_size_of_the_batch_stays() -> None:
    text = "g (double[N,3] x) => (int64[2] y) { y = Shape(x) }"
    assert rewritten(run, text) == ["y = Shape(x)"]


def test_a_constant_output_settles() -> None:
    model = graph("g (double[N,3] x) => (double[2] y) <double[2] c = {1, 2}> { y = Neg(c) }")
    assert run(model) == 1
    assert lines(model) == ["y = Identity([-1, -2])"]
    assert run(model) == 0


def test_what_is_not_finite_stays() -> None:
    text = "g (double[N,2] x) => (double[N,2] y) <double[2] c = {1, 0}> { a = Div(c, c) y = Mul(x, a) }"
    assert run(graph(text)) == 0


def test_constant_nodes_become_initializers() -> None:
    model = graph("g (double[N,2] x) => (double[N,2] y) <double c = {2}> { y = Mul(x, c) }")
    product = next(iter(model.graph))
    node = ir.node("Constant", [], {"value": ir.Tensor(np.array(4.0))}, name="four")
    node.outputs[0].name, node.outputs[0].type = "four_output", ir.TensorType(ir.DataType.DOUBLE)
    model.graph.insert_before(product, node)
    product.replace_input_with(1, node.outputs[0])
    assert run(model) == 1
    assert lines(model) == ["y = Mul(x, 4)"]
