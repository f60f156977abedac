"""Sums of products are written with few nodes, and the cost that is foretold is the cost."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import onnx_ir as ir
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.sums import count_of_products, merge_products, sum_of_products, weighted_sum
from inrarch.graph.evaluate import evaluate
from inrarch.graph.needed import needed

VALUES = {"a": 2.0, "b": 3.0, "c": -5.0, "d": 7.0}


def operands() -> list[ir.Value]:
    return [ir.Value(name=name, shape=ir.Shape([1]), type=ir.TensorType(ir.DataType.DOUBLE)) for name in VALUES]


def result(emit: Emitter, inputs: list[ir.Value], value: ir.Value) -> float:
    nodes, used = needed(emit.nodes, [value])
    weights = [each for each in emit.constants if each in used]
    graph = ir.Graph(inputs, [value], nodes=nodes, initializers=weights, opset_imports={"": 18}, name="g")
    feeds = {name: np.array([number]) for name, number in VALUES.items()}
    return float(evaluate(ir.Model(graph, ir_version=8), feeds)[value.name][0])


weights = st.fractions(-3, 3, max_denominator=6)


@given(terms=st.lists(st.tuples(weights, st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6))
def test_sums_of_products_have_the_right_value_and_the_foretold_cost(terms: list[Any]) -> None:
    emit, inputs = Emitter(list(VALUES)), operands()
    listed = [(weight, inputs[a], inputs[b]) for weight, a, b in terms]
    cost = count_of_products(emit, listed)
    value = sum_of_products(emit, listed)
    numbers = list(VALUES.values())
    expected = float(sum(weight * Fraction(numbers[a]) * Fraction(numbers[b]) for weight, a, b in terms))
    if value is None:
        assert expected == 0
        assert not emit.nodes
        return
    assert result(emit, inputs, value) == pytest.approx(expected, abs=1e-12)
    signs = sum(node.op_type == "Neg" for node in emit.nodes)
    assert len(emit.nodes) - signs <= cost


def test_equal_products_are_merged_in_any_order_and_cancel() -> None:
    a, b, *_ = operands()
    half = Fraction(1, 2)
    assert merge_products([(half, a, b), (half, b, a)]) == [(Fraction(1), a, b)]
    assert merge_products([(half, a, b), (-half, b, a)]) == []


def test_a_common_factor_is_taken_out() -> None:
    emit, (a, b, c, d) = Emitter(), operands()
    weighted_sum(emit, [(Fraction(1, 3), value) for value in (a, b, c, d)])
    assert sorted(node.op_type for node in emit.nodes) == ["Add", "Add", "Add", "Mul"]


def test_negative_terms_are_subtracted() -> None:
    emit, (a, b, *_) = Emitter(), operands()
    weighted_sum(emit, [(Fraction(-1), a), (Fraction(1), b)])
    assert [node.op_type for node in emit.nodes] == ["Sub"]


def test_no_terms_are_no_nodes() -> None:
    emit, (a, *_) = Emitter(), operands()
    assert weighted_sum(emit, []) is None
    assert weighted_sum(emit, [(Fraction(1), a), (Fraction(-1), a)]) is None
    assert not emit.nodes
