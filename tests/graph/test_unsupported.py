"""What cannot be served is refused with the node, the operator, the reason, and what would help."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.graph.unsupported import _REASONS
from inrarch.ops import operators


def message(proto: onnx.ModelProto) -> str:
    with pytest.raises(UserError) as caught:
        load_model(proto)
    return str(caught.value)


def model(
    *nodes: onnx.NodeProto, element: int = TensorProto.FLOAT, domains: tuple[str, ...] = (), **inputs: Any
) -> onnx.ModelProto:
    """x [N, 2] to y through these nodes; more inputs by name."""
    listed = [helper.make_tensor_value_info("x", element, ["N", 2]), *inputs.values()]
    result = helper.make_tensor_value_info("y", element, ["N", 2])
    imports = [helper.make_opsetid("", 18), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(helper.make_graph(list(nodes), "g", listed, [result]), opset_imports=imports, ir_version=8)


def node(operator: str, inputs: list[str], **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(operator, inputs, ["y"], name="here", **attributes)


def body(*nodes: onnx.NodeProto, inputs: list[Any], outputs: list[str]) -> onnx.GraphProto:
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 2]) for name in outputs]
    return helper.make_graph(list(nodes), "body", inputs, results)


def test_a_loop() -> None:
    steps = helper.make_tensor_value_info("steps", TensorProto.INT64, [])
    given = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("on", TensorProto.BOOL, []),
        helper.make_tensor_value_info("h", TensorProto.FLOAT, ["N", 2]),
    ]
    inner = [helper.make_node("Sin", ["h"], ["s"]), helper.make_node("Identity", ["on"], ["still"])]
    graph = body(*inner, inputs=given, outputs=["still", "s"])
    assert message(model(node("Loop", ["steps", "", "x"], body=graph), steps=steps)) == (
        "model: node 'here': operator 'Loop' is not supported: it repeats a subgraph\n"
        "hint: export with a fixed number of steps, so that the exporter unrolls it"
    )


def test_a_scan() -> None:
    inner = helper.make_node("Sin", ["h"], ["s"])
    graph = body(inner, inputs=[helper.make_tensor_value_info("h", TensorProto.FLOAT, [2])], outputs=["s"])
    assert message(model(node("Scan", ["x"], body=graph, num_scan_inputs=1))) == (
        "model: node 'here': operator 'Scan' is not supported: it repeats a subgraph\n"
        "hint: export with a fixed number of steps, so that the exporter unrolls it"
    )


def test_an_if_whose_condition_is_computed_from_values() -> None:
    branches = {
        f"{name}_branch": body(helper.make_node(operator, ["x"], ["r"]), inputs=[], outputs=["r"])
        for name, operator in (("then", "Sin"), ("else", "Cos"))
    }
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["held"]),
        node("If", ["held"], **branches),
    ]
    proto = model(*nodes)
    proto.graph.initializer.append(numpy_helper.from_array(np.zeros((), np.float32), "zero"))
    assert message(proto) == (
        "model: node 'here': operator 'If' is not supported: its condition does not follow from sizes that are known "
        "when the model is loaded\n"
        "hint: write both branches and choose with Where, or export with the condition as a constant"
    )


@pytest.mark.parametrize("operator", ["RNN", "GRU", "LSTM"])
def test_a_recurrent_layer(operator: str) -> None:
    assert message(model(node(operator, ["x", "w", "r"], hidden_size=4))) == (
        f"model: node 'here': operator {operator!r} is not supported: it is recurrent over a sequence\n"
        "hint: write the cell with MatMul, Sigmoid and Tanh, for a fixed number of steps"
    )


@pytest.mark.parametrize("operator", ["QuantizeLinear", "DequantizeLinear", "QLinearMatMul", "MatMulInteger"])
def test_a_quantised_model(operator: str) -> None:
    assert message(model(node(operator, ["x", "s"]))) == (
        f"model: node 'here': operator {operator!r} is not supported: it works on quantised integers, which have no "
        "derivatives\n"
        "hint: give the model as it was before it was quantised: fixed-point formats are chosen here"
    )


def test_random_numbers() -> None:
    assert message(model(node("RandomNormalLike", ["x"]))) == (
        "model: node 'here': operator 'RandomNormalLike' is not supported: its result is random\n"
        "hint: make the random numbers an input of the model"
    )


def test_sequences() -> None:
    nodes = [helper.make_node("SequenceConstruct", ["x", "x"], ["s"], name="join"), node("SequenceAt", ["s", "i"])]
    assert message(model(*nodes)) == (
        "model: node 'join': operator 'SequenceConstruct' is not supported: its values are sequences or optional "
        "values\nhint: export a model whose values are tensors"
    )


def test_text() -> None:
    assert message(model(node("StringNormalizer", ["x"]))) == (
        "model: node 'here': operator 'StringNormalizer' is not supported: it works on text\n"
        "hint: turn text into numbers outside of the model"
    )


def test_an_input_of_strings() -> None:
    text = helper.make_tensor_value_info("t", TensorProto.STRING, [2])
    assert message(model(node("Sin", ["x"]), t=text)) == (
        "model: the input 't' has type string; expected float (32 bits) or double; int32, int64 and bool for shapes "
        "and conditions"
    )


def test_choices_by_value() -> None:
    assert message(model(node("TopK", ["x", "k"]))) == (
        "model: node 'here': operator 'TopK' is not supported: which entries it takes, or how many, depends on their "
        "values\nhint: choose with Where and comparisons"
    )


def test_interpolation_in_an_image() -> None:
    assert message(model(node("GridSample", ["x", "grid"]))) == (
        "model: node 'here': operator 'GridSample' is not supported: it interpolates in an image\n"
        "hint: interpolate in the model, with Floor, Gather, Mul and Add"
    )


def test_a_determinant() -> None:
    assert message(model(node("Det", ["x"]))) == (
        "model: node 'here': operator 'Det' is not supported: determinants are not differentiated\n"
        "hint: write the determinant of a small matrix with Mul and Sub"
    )


def test_a_fourier_transform() -> None:
    assert message(model(node("DFT", ["x"]))) == (
        "model: node 'here': operator 'DFT' is not supported: its result is complex\n"
        "hint: write a fixed transform as MatMul with its cosines and sines"
    )


@pytest.mark.parametrize(
    ("domain", "hint"),
    [
        (
            "com.microsoft",
            "ONNX Runtime writes such nodes when it optimises a model: give the model from before",
        ),
        ("ai.onnx.ml", "trees, tables and other classical models are not neural fields: give the network alone"),
        ("org.pytorch.aten", "PyTorch's exporter found no ONNX operator for it: write the layer with others"),
        ("my.company", "define it as a function in the model, from operators of ONNX"),
    ],
)
def test_operators_of_other_domains(domain: str, hint: str) -> None:
    assert message(model(node("Fused", ["x"], domain=domain), domains=(domain,))) == (
        f"model: node 'here': operator 'Fused' of domain {domain!r} is not supported; expected operators of ONNX "
        f"itself\nhint: {hint}"
    )


@pytest.mark.parametrize(("element", "name"), [(TensorProto.FLOAT16, "float16"), (TensorProto.BFLOAT16, "bfloat16")])
def test_half_precision(element: int, name: str) -> None:
    assert message(model(node("Sin", ["x"]), element=element)) == (
        f"model: the input 'x' has type {name}; expected float (32 bits) or double; int32, int64 and bool for shapes "
        "and conditions\nhint: convert the model to float32 first"
    )


def test_an_input_of_sequences() -> None:
    sequence = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)
    assert message(model(node("Sin", ["x"]), s=sequence)) == "model: the input 's' is not a tensor"


def test_an_operator_that_nobody_knows() -> None:
    assert message(model(node("Sine", ["x"]))) == (
        f"model: node 'here': operator 'Sine' is not supported; expected one of {' '.join(operators())}\n"
        "hint: did you mean 'Sin'?"
    )


def test_only_operators_of_onnx_that_are_not_accepted_have_a_reason() -> None:
    defined = {schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain}
    assert set(_REASONS) <= defined
    assert set(_REASONS) & set(operators()) == set()
