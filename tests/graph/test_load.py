"""Models are brought into one form, or refused with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper, numpy_helper

from inrarch.errors import UserError
from inrarch.graph import load as load_module
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.shapes import dims_of
from inrarch.ops import operators
from tests.models import build_model, siren

SUPPORTED = "one of " + " ".join(operators())


def message(source: Any) -> str:
    with pytest.raises(UserError) as caught:
        load_model(source)
    return str(caught.value)


def sine(**changes: Any) -> onnx.ModelProto:
    """y = sin(x w); keyword arguments replace what the model is made of."""
    parts: dict[str, Any] = {
        "nodes": [helper.make_node("MatMul", ["x", "w"], ["h"], name="mm"), helper.make_node("Sin", ["h"], ["y"])],
        "inputs": [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])],
        "outputs": [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])],
        "weights": [numpy_helper.from_array(np.ones((2, 3), np.float32), "w")],
        "opset": 17,
        **changes,
    }
    graph = helper.make_graph(parts["nodes"], "g", parts["inputs"], parts["outputs"], parts["weights"])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", parts["opset"])], ir_version=8)


def test_a_loaded_model_has_the_canonical_form() -> None:
    model = load_model(sine())
    assert model.opset_imports == {"": 18}
    assert model.ir_version == 8
    assert [node.name for node in model.graph] == ["mm", "Sin_1"]
    assert [str(size) for size in model.graph.inputs[0].shape] == ["x_dim0", "2"]
    assert [str(size) for size in model.graph.outputs[0].shape] == ["x_dim0", "3"]


@pytest.mark.parametrize("opset", [13, 15, 18, 20, 22])
def test_opsets_from_13_on_are_read(opset: int) -> None:
    assert load_model(sine(opset=opset)).opset_imports == {"": 18}


def test_the_given_message_is_not_changed() -> None:
    proto = sine()
    before = proto.SerializeToString(deterministic=True)
    load_model(proto)
    assert proto.SerializeToString(deterministic=True) == before


def test_a_graph_can_be_given() -> None:
    model = ir.from_proto(sine())
    assert [node.op_type for node in load_model(model).graph] == ["MatMul", "Sin"]


def test_constant_nodes_become_initializers() -> None:
    nodes = [
        helper.make_node("Constant", [], ["a"], value=numpy_helper.from_array(np.array([1.0, 2.0], np.float32))),
        helper.make_node("Constant", [], ["b"], value_float=0.5),
        helper.make_node("Constant", [], ["c"], value_floats=[3.0, 4.0]),
        helper.make_node("Constant", [], ["i"], value_ints=[-1, 2]),
        helper.make_node("Constant", [], ["axis"], value_int=0),
        helper.make_node("Mul", ["x", "a"], ["xa"]),
        helper.make_node("Mul", ["xa", "b"], ["xab"]),
        helper.make_node("Add", ["xab", "c"], ["xabc"]),
        helper.make_node("Reshape", ["xabc", "i"], ["y"]),
    ]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}))
    assert "Constant" not in {node.op_type for node in model.graph}
    assert {"a", "b", "c", "i", "axis"} == set(model.graph.initializers)
    assert evaluate(model, {"x": np.array([[2.0, 3.0]])})["y"].tolist() == [[4.0, 7.0]]


def test_an_initializer_that_is_also_an_input_is_a_constant() -> None:
    weight = helper.make_tensor_value_info("w", TensorProto.FLOAT, [2, 3])
    model = load_model(sine(inputs=[*sine().graph.input, weight]))
    assert [value.name for value in model.graph.inputs] == ["x"]


def test_node_names_are_made_unique() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["a"], name="s"), helper.make_node("Sin", ["a"], ["y"], name="s")]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}))
    assert [node.name for node in model.graph] == ["s", "s.1"]


def test_names_of_unknown_sizes_do_not_clash_with_names_in_the_model() -> None:
    nodes = [helper.make_node("Sin", ["x"], ["y"]), helper.make_node("Sin", ["t"], ["z"])]
    model = build_model(nodes, {"x": [None, 2], "t": ["x_dim0", 2]}, {"y": [None, 2], "z": ["x_dim0", 2]})
    assert [str(value.shape[0]) for value in load_model(model).graph.inputs] == ["x_dim0.1", "x_dim0"]


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    assert message(path) == f"{path}: no such file; expected an ONNX model"


def test_a_folder(tmp_path: Path) -> None:
    assert message(tmp_path) == f"{tmp_path}: this is not a file; expected an ONNX model"


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.touch()
    assert message(path) == f"{path}: the file is empty; expected an ONNX model"


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(b"12345")
    monkeypatch.setattr(load_module, "LARGEST_FILE", 4)
    assert message(path) == (
        f"{path}: the file has 5 bytes, more than an ONNX model can have\nhint: save large weights as external data"
    )


@pytest.mark.parametrize("content", [b"hello, world\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\xff" * 100])
def test_a_file_that_is_not_onnx(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    assert message(path) == f"{path}: this is not an ONNX file; expected a protobuf ModelProto"


def test_a_message_without_a_graph(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(onnx.ModelProto(ir_version=8).SerializeToString())
    assert message(path) == f"{path}: this is not an ONNX file: it has no graph"


def test_a_truncated_file(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(siren((2, 8, 1)).SerializeToString()[:-200])
    assert message(path) == f"{path}: this is not an ONNX file; expected a protobuf ModelProto"


def test_an_old_opset() -> None:
    assert message(sine(opset=11)) == (
        "model: the model uses opset 11; expected opset 13 or newer\n"
        "hint: convert it with onnx.version_converter, or export it again"
    )


def test_no_opset() -> None:
    proto = sine()
    del proto.opset_import[:]
    assert message(proto) == "model: the model imports no ONNX operator set"


def test_local_functions_are_inlined() -> None:
    body = [helper.make_node("Mul", ["a", "a"], ["aa"]), helper.make_node("Sin", ["aa"], ["b"])]
    opset = [helper.make_opsetid("", 17)]
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Chirp", ["h"], ["y"], domain="local")]
    proto = sine(nodes=nodes)
    proto.functions.append(helper.make_function("local", "Chirp", ["a"], ["b"], body, opset))
    proto.opset_import.append(helper.make_opsetid("local", 1))
    model = load_model(proto)
    assert [node.op_type for node in model.graph] == ["MatMul", "Mul", "Sin"]
    assert evaluate(model, {"x": np.array([[1.0, 2.0]])})["y"].tolist() == [[np.sin(9.0)] * 3]


def test_sparse_weights_are_refused() -> None:
    proto = sine()
    proto.graph.sparse_initializer.add().values.name = "s"
    assert message(proto) == "model: the initializer 's' is sparse; expected dense weights"


def test_an_unsupported_operator_names_node_operator_and_what_is_supported() -> None:
    proto = sine(
        nodes=[helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Sinc", ["h"], ["y"], name="s")]
    )
    assert message(proto) == (
        f"model: node 's': operator 'Sinc' is not supported; expected {SUPPORTED}\nhint: did you mean 'Sin'?"
    )


def test_an_unnamed_node_is_named_by_its_position() -> None:
    proto = sine(nodes=[helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Loop", ["h"], ["y"])])
    assert message(proto).startswith("model: node 1: operator 'Loop' is not supported: ")


def test_a_constant_of_strings_is_refused() -> None:
    node = helper.make_node("Constant", [], ["c"], name="c", value_string="text")
    assert message(sine(nodes=[node, *sine().graph.node])) == (
        "model: node 'c': the constant is given as 'value_string'; expected a dense tensor of numbers"
    )


def test_a_model_that_does_not_check() -> None:
    text = message(sine(nodes=[helper.make_node("Sin", ["nowhere"], ["y"])]))
    assert text.startswith("model: the model is not valid ONNX: Nodes in a graph must be topologically sorted")


def test_shapes_that_do_not_fit() -> None:
    weight = numpy_helper.from_array(np.ones((5, 3), np.float32), "w")
    text = message(sine(weights=[weight]))
    assert text.startswith("model: the shapes of the model do not fit: ")
    assert "MatMul" in text


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_named(bad: float) -> None:
    array = np.ones((2, 3), np.float32)
    array[0, 1] = bad
    assert message(sine(weights=[numpy_helper.from_array(array, "w")])) == (
        "model: the initializer 'w' has 1 values that are NaN or infinite, of 6; expected finite weights"
    )


def test_a_constant_node_that_is_not_finite_is_named() -> None:
    nodes = [
        helper.make_node("Constant", [], ["c"], value_float=float("nan")),
        helper.make_node("Add", ["x", "c"], ["y"]),
    ]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])]
    assert "the initializer 'c' has 1 values that are NaN" in message(sine(nodes=nodes, outputs=outputs, weights=[]))


def test_half_precision_is_refused() -> None:
    model = sine(
        inputs=[helper.make_tensor_value_info("x", TensorProto.FLOAT16, [None, 2])],
        outputs=[helper.make_tensor_value_info("y", TensorProto.FLOAT16, [None, 3])],
        weights=[numpy_helper.from_array(np.ones((2, 3), np.float16), "w")],
    )
    assert message(model) == (
        "model: the input 'x' has type float16; expected float (32 bits) or double; int32, int64 and bool for shapes "
        "and conditions\nhint: convert the model to float32 first"
    )


def test_a_name_that_is_not_text(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Sin", ["x"], ["middle"], name="first_node"),
        helper.make_node("Sin", ["middle"], ["y"], name="second"),
    ]
    path = tmp_path / "broken.onnx"
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]})
    path.write_bytes(model.SerializeToString().replace(b"first_node", b"\xff" * 10))
    assert message(path) == f"{path}: the model is not valid ONNX: a name is not UTF-8"


def test_an_input_that_is_not_a_tensor_is_refused() -> None:
    value = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)
    assert message(sine(inputs=[*sine().graph.input, value])) == "model: the input 's' is not a tensor"


def test_an_input_without_a_shape_is_refused() -> None:
    value = helper.make_tensor_value_info("s", TensorProto.FLOAT, None)
    assert message(sine(inputs=[*sine().graph.input, value])) == (
        "model: the model is not valid ONNX: Field 'shape' of 'type' is required but missing."
    )


def test_a_cast_to_a_type_that_models_may_not_have_is_refused() -> None:
    half = onnx.TensorProto.FLOAT16
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Cast", ["h"], ["half"], name="c", to=half),
        helper.make_node("Cast", ["half"], ["y"], to=onnx.TensorProto.FLOAT),
    ]
    assert message(sine(nodes=nodes)) == (
        "model: node 'c': the result 'half' of Cast has type float16; "
        "expected float (32 bits) or double; int32, int64 and bool for shapes and conditions\n"
        "hint: convert the model to float32 first"
    )


def test_operators_of_newer_operator_sets_are_accepted() -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Gelu", ["h"], ["g"]),
        helper.make_node("Swish", ["g"], ["y"]),
    ]
    model = load_model(sine(nodes=nodes, opset=24))
    assert [node.op_type for node in model.graph] == ["MatMul", "Gelu", "Swish"]
    assert dims_of(model.graph.node("Gelu_1").outputs[0]) == ("x_dim0", 3)
    assert model.opset_imports == {"": 24}
    assert [node.op_type for node in load_model(model).graph] == ["MatMul", "Gelu", "Swish"]


def test_what_is_no_model_at_all() -> None:
    with pytest.raises(UserError) as caught:
        load_model(b"model")  # type: ignore[arg-type]
    assert caught.value.text() == (
        "a model cannot be a bytes; expected a file, an onnx.ModelProto or an onnx_ir.Model\n"
        "hint: a PyTorch module is exported with torch.onnx.export first"
    )
