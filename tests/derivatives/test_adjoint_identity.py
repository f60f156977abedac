"""The reverse sweep on random graphs and on every operator: it is the transpose of the forward derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import numpy_helper

from inrarch.derivatives.parameters import parameters_as_inputs
from inrarch.derivatives.products import vector_jacobian_product
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from inrarch.ops import operators
from tests.adjoint import check_by_series, check_products_agree, weights_of, with_free_weights
from tests.derive_and_compare import derive_unoptimized
from tests.fuzz.graphs import random_case
from tests.ops.test_node_tests import EXCLUDED, as_array, has_other_types, node_tests
from tests.random_graphs import models

# Node tests that use an operator in a way that cannot be differentiated, and what is said of it.
REFUSED = {
    "test_constant_pad": "the value that it fills in is computed",
    "test_constant_pad_axes": "the value that it fills in is computed",
    "test_constant_pad_negative_axes": "the value that it fills in is computed",
    "test_reduce_prod_empty_set": "a reduced axis has no entries",
    "test_scatternd_max": "its reduction is 'max'",
    "test_scatternd_max_with_element_indices": "its reduction is 'max'",
    "test_scatternd_min": "its reduction is 'min'",
    "test_scatternd_min_with_element_indices": "its reduction is 'min'",
    "test_scatternd_multiply": "its reduction is 'mul'",
    "test_training_dropout_zero_ratio": "it drops entries at random",
    "test_training_dropout_zero_ratio_mask": "it drops entries at random",
}

SINGULAR = {
    "test_acosh_example": "at 1",
    "test_pow": "a base of 0 with an exponent that varies",
    "test_reduce_l2_empty_set": "the root of 0",
    "test_reduce_log_sum_empty_set": "the logarithm of 0",
    "test_reduce_log_sum_exp_empty_set": "the logarithm of 0",
}

FLOAT32_RESULTS = {"test_cast_DOUBLE_to_FLOAT", "test_castlike_DOUBLE_to_FLOAT_expanded"}

RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large]
ROWS = 3


def check_random_graph(model: onnx.ModelProto) -> None:
    loaded = load_model(model)
    x = np.random.default_rng(0).uniform(-1, 1, (ROWS, loaded.graph.inputs[0].shape[-1]))
    check_by_series(with_free_weights(loaded), {"x": x, **weights_of(loaded)})


@given(model=models())
@settings(max_examples=100, deadline=None, suppress_health_check=RELAXED)
def test_adjoints_of_inputs_and_weights_of_random_graphs_agree_with_power_series(model: onnx.ModelProto) -> None:
    check_random_graph(model)


@given(model=models(largest=6), order=st.integers(1, 2))
@settings(max_examples=40, deadline=None, suppress_health_check=RELAXED)
def test_sweeps_through_expanded_graphs_agree_with_power_series(model: onnx.ModelProto, order: int) -> None:
    """Reverse over Taylor, and Taylor over that."""
    expanded = derive_unoptimized(model, order)
    x = np.random.default_rng(0).uniform(-1, 1, (ROWS, expanded.graph.inputs[0].shape[-1]))
    check_by_series(with_free_weights(expanded), {"x": x, **weights_of(expanded)})


@pytest.mark.slow
@given(model=models(largest=14))
@settings(max_examples=1000, deadline=None, suppress_health_check=RELAXED)
def test_a_thousand_random_graphs_agree_with_power_series(model: onnx.ModelProto) -> None:
    check_random_graph(model)


def check_random_operators(seed: int) -> bool:
    """A random graph over all operators by its inputs and weights; whether it could be differentiated backwards."""
    model = load_model(random_case(seed).model)
    generator = np.random.default_rng(seed)
    feeds = {
        value.name: generator.uniform(-1, 1, [size if isinstance(size, int) else ROWS for size in value.shape])
        for value in model.graph.inputs
    }
    # a negative base has no derivative by its exponent; what Pad fills in has to be constant
    fixed = {
        node.inputs[place].name
        for node in model.graph
        for operator, place in (("Pow", 1), ("Pad", 2))
        if node.op_type == operator and len(node.inputs) > place and node.inputs[place] is not None
    }
    weights = {name: array for name, array in weights_of(model).items() if name not in fixed}
    outputs = [value.name for value in model.graph.outputs]
    free = parameters_as_inputs(model, list(weights))
    try:
        vector_jacobian_product(free, outputs, [*feeds, *weights])
    except UserError:
        return False
    # smallest: softmax of one entry, or its sum, has derivatives that are 0 but for rounding
    check_products_agree(free, feeds | weights, outputs, smallest=1e-4)
    return True


@pytest.mark.parametrize("seeds", [range(start, start + 20) for start in range(0, 100, 20)], ids=str)
def test_random_graphs_over_all_operators(seeds: range) -> None:
    assert sum(map(check_random_operators, seeds)) >= 0.9 * len(seeds)


@pytest.mark.slow
def test_two_thousand_random_graphs_over_all_operators() -> None:
    assert sum(map(check_random_operators, range(1000, 3000))) >= 1900


@given(model=models(dtype=np.float32, largest=6))
@settings(max_examples=20, deadline=None, suppress_health_check=RELAXED)
def test_reverse_sweeps_of_random_graphs_run_in_onnxruntime(model: onnx.ModelProto) -> None:
    loaded = load_model(model)
    weights = weights_of(loaded)
    graph = vector_jacobian_product(loaded, ["y"], ["x", *weights])
    generator = np.random.default_rng(1)
    x = generator.uniform(-1, 1, (4, loaded.graph.inputs[0].shape[-1])).astype(np.float32)
    vector = generator.normal(size=(4, loaded.graph.outputs[0].shape[-1])).astype(np.float32)
    expected = evaluate(graph, {"x": x, "v:y": vector})
    session = onnxruntime.InferenceSession(to_proto(graph).SerializeToString(), providers=["CPUExecutionProvider"])
    for output, found in zip(session.get_outputs(), session.run(None, {"x": x, "v:y": vector}), strict=True):
        assert found.dtype == np.float32
        assert found.shape == expected[output.name].shape
        scale = max(1.0, float(np.abs(expected[output.name]).max()))
        assert float(np.abs(found - expected[output.name]).max()) <= 2e-3 * scale, output.name


def differentiable_node_tests() -> list[str]:
    """Node tests of one node with floating-point inputs and outputs."""
    return [
        name
        for name, test in sorted(node_tests().items())
        if name not in {*EXCLUDED, *SINGULAR, *FLOAT32_RESULTS}
        and len(test.model.graph.node) == 1
        and not has_other_types(test.model)
        and any(is_float(value) for value in test.model.graph.input)
        and is_float(test.model.graph.output[0])
    ]


def is_float(value: onnx.ValueInfoProto) -> bool:
    return value.type.tensor_type.elem_type in (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE)


def in_float64(proto: onnx.ModelProto, arrays: list[Any]) -> onnx.ModelProto:
    """The model of a node test for floating-point inputs in float64; other inputs (axes, shapes) are constants."""
    model = onnx.ModelProto()
    model.CopyFrom(proto)
    inputs = list(model.graph.input)
    del model.graph.input[:]
    for value, array in zip(inputs, arrays, strict=True):
        if is_float(value):
            value.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
            model.graph.input.append(value)
        else:
            model.graph.initializer.append(numpy_helper.from_array(array, value.name))
    if model.graph.node[0].op_type == "LayerNormalization":
        del model.graph.output[1:]  # mean and deviation stay float32
    for value in model.graph.output:
        if is_float(value):
            value.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    return model


@pytest.mark.parametrize("name", differentiable_node_tests())
def test_the_reverse_rule_is_the_transpose_of_the_taylor_rule(name: str) -> None:
    test = node_tests()[name]
    inputs = [as_array(array) for array in test.data_sets[0][0]]
    floats = {
        value.name: np.asarray(array, dtype=np.float64)
        for value, array in zip(test.model.graph.input, inputs, strict=True)
        if is_float(value)
    }
    loaded = load_model(in_float64(test.model, inputs))
    outputs = [value.name for value in loaded.graph.outputs if value.dtype == ir.DataType.DOUBLE]
    if name in REFUSED:
        with pytest.raises(UserError, match=REFUSED[name]):
            check_products_agree(loaded, floats, outputs)
        return
    check_products_agree(loaded, floats, outputs)


def test_every_operator_with_a_derivative_is_among_them() -> None:
    constant = {name for name, each in operators().items() if "derivatives are 0" in each.smooth}
    tested = {node.op_type for name in differentiable_node_tests() for node in node_tests()[name].model.graph.node}
    assert set(operators()) - constant <= tested
