"""The float64 evaluator on the node tests that come with the onnx package: all of every accepted operator."""

from __future__ import annotations

import warnings
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import pytest

from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import OLDEST_OPSET, load_model
from inrarch.ops import operators

DOCUMENT = Path(__file__).parents[2] / "docs" / "derivatives.md"

NUMBERS = {
    onnx.TensorProto.FLOAT,
    onnx.TensorProto.DOUBLE,
    onnx.TensorProto.INT32,
    onnx.TensorProto.INT64,
    onnx.TensorProto.BOOL,
}

TRAINING = "what depends on chance or on the batch in training is refused"

# Tests of accepted operators that cannot be run, and why.
EXCLUDED = {
    "test_identity_opt": "an optional value: not a tensor",
    "test_identity_sequence": "a sequence: not a tensor",
    "test_training_dropout": TRAINING,
    "test_training_dropout_default": TRAINING,
    "test_training_dropout_default_mask": TRAINING,
    "test_training_dropout_mask": TRAINING,
    "test_batchnorm_example_training_mode": TRAINING,
    "test_batchnorm_epsilon_training_mode": TRAINING,
    "test_dropout_default_old": "opset 11, in which Dropout has its ratio as an attribute",
    "test_dropout_random_old": "opset 11, in which Dropout has its ratio as an attribute",
    "test_flexattention_causal_mask_expanded_ver26": "has infinity as a constant, which is refused in models",
}


@cache
def all_node_tests() -> dict[str, Any]:
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {test.name: test for test in load_model_tests(kind="node")}


@cache
def node_tests() -> dict[str, Any]:
    """Tests whose graph consists of accepted operators of the default domain."""
    accepted = set(operators())
    return {
        name: test
        for name, test in all_node_tests().items()
        if {node.op_type for node in test.model.graph.node} <= accepted
        and not any(node.domain for node in test.model.graph.node)
    }


def has_other_types(model: onnx.ModelProto) -> bool:
    values = [*model.graph.input, *model.graph.output]
    return any(value.type.tensor_type.elem_type not in NUMBERS for value in values)


def as_array(data: Any) -> Any:
    """The tests of Cast store tensors instead of arrays."""
    return onnx.numpy_helper.to_array(data) if isinstance(data, onnx.TensorProto) else data


def cases() -> list[Any]:
    listed = []
    for name, test in sorted(node_tests().items()):
        reason = EXCLUDED.get(name)
        if reason is None and has_other_types(test.model):
            reason = "8- and 16-bit integers, unsigned and half floats are not accepted in models"
        listed.append(pytest.param(name, marks=[pytest.mark.skip(reason=reason)] if reason else []))
    return listed


def in_an_accepted_opset(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model, with opset 13 where its operators have the same definition there (And, Or, Xor, Not)."""
    version = model.opset_import[0].version
    if version >= OLDEST_OPSET:
        return model
    for node in model.graph.node:
        assert onnx.defs.get_schema(node.op_type, OLDEST_OPSET).since_version <= version
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.opset_import[0].version = OLDEST_OPSET
    return copy


@pytest.mark.parametrize("name", cases())
def test_the_evaluator_passes_the_node_test(name: str) -> None:
    test = node_tests()[name]
    check_results(test, load_model(in_an_accepted_opset(test.model)))


def check_results(test: Any, model: ir.Model) -> None:
    for given, expected_results in test.data_sets:
        inputs, outputs = ([as_array(each) for each in listed] for listed in (given, expected_results))
        feeds = {value.name: array for value, array in zip(test.model.graph.input, inputs, strict=True)}
        results = evaluate(model, feeds)
        for value, expected in zip(test.model.graph.output, outputs, strict=True):
            found = results[value.name]
            assert found.shape == expected.shape, test.name
            assert found.dtype == (np.float64 if expected.dtype.kind == "f" else expected.dtype), test.name
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6, err_msg=test.name)


@cache
def replaced_by_definitions() -> dict[str, ir.Model]:
    """Models of all other node tests that are loaded: ONNX defines their operators by accepted ones."""
    loaded = {}
    for name in sorted(set(all_node_tests()) - set(node_tests())):
        with suppress(UserError):
            loaded[name] = load_model(all_node_tests()[name].model)
    return loaded


def test_every_other_node_test_is_refused_or_passes() -> None:
    for name, model in replaced_by_definitions().items():
        check_results(all_node_tests()[name], model)


def test_the_document_states_the_figures() -> None:
    """Of the version of onnx that it names."""
    text = DOCUMENT.read_text()
    if f"onnx {onnx.__version__}, " not in text:
        pytest.skip("the document is of another version of onnx")
    ours, others = node_tests(), replaced_by_definitions()
    types = [name for name, test in ours.items() if name not in EXCLUDED and has_other_types(test.model)]
    run = len(ours) - len(types) - len(EXCLUDED)
    sentences = (
        f"Of the {len(all_node_tests())} node tests that come with onnx {onnx.__version__}, {len(ours)} consist of "
        f"accepted operators. {run} of them run and pass in the float64 evaluator; {len(types)} have types that models "
        "may not have (half and 8-bit floats, 2- to 16-bit and unsigned integers, strings), "
        f"{len(EXCLUDED)} have other reasons, listed in `tests/ops/test_node_tests.py`. {len(others)} more consist of "
        "operators that ONNX defines by accepted ones: they pass too. "
        f"The other {len(all_node_tests()) - len(ours) - len(others)} are refused."
    )
    assert sentences in " ".join(text.split())


@pytest.mark.parametrize("operator", sorted(operators()))
def test_every_operator_has_a_node_test_that_runs(operator: str) -> None:
    runnable = [test for name, test in node_tests().items() if name not in EXCLUDED and not has_other_types(test.model)]
    assert any(node.op_type == operator for test in runnable for node in test.model.graph.node)


def test_every_exclusion_is_still_a_node_test() -> None:
    assert set(EXCLUDED) <= set(node_tests())
