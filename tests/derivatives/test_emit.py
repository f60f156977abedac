"""Nodes are written once, with unique names that recall where they come from."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.emit import Emitter
from inrarch.graph.shapes import dims_of


def value(name: str, *dims: int | str) -> ir.Value:
    return ir.Value(name=name, shape=ir.Shape(list(dims)), type=ir.TensorType(ir.DataType.FLOAT))


def test_equal_nodes_are_written_once_whatever_the_order_of_commutative_operands() -> None:
    emit, a, b = Emitter(), value("a", "N", 3), value("b", "N", 3)
    assert emit.multiply(a, b) is emit.multiply(b, a)
    assert emit.subtract(a, b) is not emit.subtract(b, a)
    assert emit.apply("Transpose", (a,), {"perm": [0, 1]}) is not emit.apply("Transpose", (a,), {"perm": [1, 0]})
    assert len(emit.nodes) == 5


def test_a_fresh_node_is_written_again() -> None:
    emit, a = Emitter(), value("a", "N", 3)
    assert emit.zeros(a) is not emit.zeros(a, fresh=True)


def test_results_have_shape_and_type() -> None:
    emit, a, b = Emitter(), value("a", "N", 3), value("b", 1, 3)
    total = emit.add(a, b)
    assert dims_of(total) == ("N", 3)
    assert total.dtype == ir.DataType.FLOAT
    assert emit.shape(total).dtype == ir.DataType.INT64


def test_names_start_with_the_scope_and_never_repeat() -> None:
    emit, a, b = Emitter(["layer/Mul", "layer/Mul_output"]), value("a", 1), value("b", 1)
    emit.enter("layer")
    product = emit.multiply(a, b)
    assert product.producer().name == "layer/Mul.1"
    emit.name(product, "layer_d0", "h_d0")
    assert (product.producer().name, product.name) == ("layer_d0", "h_d0")
    emit.name(product, "other", "other")
    assert product.name == "h_d0"


def test_constants_are_shared_by_value_and_type() -> None:
    emit, single = Emitter(), value("a", 1)
    double = ir.Value(name="b", type=ir.TensorType(ir.DataType.DOUBLE))
    assert emit.number(2, single) is emit.number(2, single)
    assert emit.number(2, single) is not emit.number(2, double)
    assert emit.number(1 / 3, single).const_value.numpy() == np.float32(1 / 3)
    assert [each.name for each in emit.constants] == ["number_2", "number_2.1", "number_0.333333"]


def test_full_repeats_only_what_is_not_certainly_full() -> None:
    emit, like = Emitter(), value("like", "N", 3)
    whole, row = value("a", "N", 3), value("row", 1, 3)
    assert emit.full(whole, like) is whole
    assert emit.full_along(row, like, [1]) is row
    for thin, axes in ((row, [0]), (value("vector", 3), []), (value("other", "M", 3), [0])):
        repeated = emit.full_along(thin, like, axes)
        assert repeated.producer().op_type == "Expand"
        assert dims_of(repeated) == ("N", 3)
