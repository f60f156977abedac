"""Older operator sets and functions are brought to one form."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import inrarch
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import build_model, node

X = np.array([[1.0, -2.0, 3.0, 4.0], [0.5, 1.5, -1.0, 2.0]])


def value_of(nodes: list[onnx.NodeProto], output: list[Any], opset: int, weights: dict[str, Any] | None = None) -> Any:
    model = load_model(build_model(nodes, {"x": ["N", 4]}, {"y": output}, weights, opset=opset, dtype=np.float64))
    assert model.opset_imports == {"": 18}
    return evaluate(model, {"x": X})["y"]


REDUCTIONS = {
    "ReduceMean": np.mean,
    "ReduceMax": np.max,
    "ReduceMin": np.min,
    "ReduceProd": np.prod,
    "ReduceL1": lambda x, **options: np.sum(np.abs(x), **options),
    "ReduceL2": lambda x, **options: np.sqrt(np.sum(x * x, **options)),
    "ReduceSumSquare": lambda x, **options: np.sum(x * x, **options),
    "ReduceLogSumExp": lambda x, **options: np.log(np.sum(np.exp(x), **options)),
}


@pytest.mark.parametrize("operator", REDUCTIONS)
@pytest.mark.parametrize("opset", [13, 17, 18, 20, 23])
def test_axes_of_reductions_may_be_attributes_or_inputs(operator: str, opset: int) -> None:
    expected = REDUCTIONS[operator](X, axis=1, keepdims=True)
    if opset < 18:
        found = value_of([node(operator, ["x"], "y", axes=[1])], ["N", 1], opset)
    else:
        found = value_of([node(operator, ["x", "axes"], "y")], ["N", 1], opset, {"axes": np.array([1])})
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("opset", [13, 17])
def test_a_reduction_without_axes_is_over_everything(opset: int) -> None:
    found = value_of([node("ReduceMean", ["x"], "y", keepdims=0)], [], opset)
    assert found == X.mean()


def test_two_reductions_of_one_opset_have_their_own_axes() -> None:
    nodes = [
        node("ReduceMax", ["x"], "y_", axes=[1]),
        node("ReduceMin", ["x"], "y_axes", axes=[1]),
        node("Add", ["y_", "y_axes"], "y"),
    ]
    np.testing.assert_array_equal(value_of(nodes, ["N", 1], 13), [[2.0], [1.0]])


@pytest.mark.parametrize("opset", [13, 17])
def test_a_split_has_as_many_parts_as_outputs(opset: int) -> None:
    nodes = [node("Split", ["x"], "a", "b", axis=1), node("Sub", ["a", "b"], "y")]
    assert value_of(nodes, ["N", 2], opset).tolist() == [[-2.0, -6.0], [1.5, -0.5]]


def test_an_operator_that_onnx_defines_by_others_is_replaced_by_them() -> None:
    """MeanVarianceNormalization is no operator here; it consists of means and powers."""
    nodes = [node("MeanVarianceNormalization", ["x"], "y", axes=[1])]
    model = load_model(build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 4]}))
    assert "MeanVarianceNormalization" not in {each.op_type for each in model.graph}
    found = evaluate(model, {"x": X})["y"]
    expected = (X - X.mean(1, keepdims=True)) / X.std(1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def functions(body: list[onnx.NodeProto], opset: int = 17) -> onnx.ModelProto:
    proto = build_model([node("Sin", ["x"], "y")], {"x": ["N", 4]}, {"y": ["N", 4]}, opset=17)
    del proto.graph.node[:]
    proto.graph.node.append(helper.make_node("Chirp", ["x"], ["y"], domain="local", name="chirp"))
    proto.functions.append(helper.make_function("local", "Chirp", ["a"], ["b"], body, [helper.make_opsetid("", opset)]))
    proto.opset_import.append(helper.make_opsetid("local", 1))
    return proto


@pytest.mark.parametrize("opset", [13, 18, 22])
def test_a_definition_has_the_default_attributes_of_its_operator(opset: int) -> None:
    model = build_model(
        [helper.make_node("MeanVarianceNormalization", ["x"], ["y"])],
        {"x": [2, 3, 4, 5]},
        {"y": [2, 3, 4, 5]},
        opset=opset,
    )
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    centred = x - x.mean((0, 2, 3), keepdims=True)
    expected = centred / x.std((0, 2, 3), keepdims=True)
    np.testing.assert_allclose(evaluate(load_model(model), {"x": x})["y"], expected, rtol=1e-6)


def test_functions_of_functions_are_inlined() -> None:
    proto = functions(
        [helper.make_node("Square", ["a"], ["aa"], domain="local"), helper.make_node("Sin", ["aa"], ["b"])]
    )
    square = [helper.make_node("Mul", ["a", "a"], ["b"])]
    proto.functions.append(helper.make_function("local", "Square", ["a"], ["b"], square, [helper.make_opsetid("", 17)]))
    proto.functions[0].opset_import.append(helper.make_opsetid("local", 1))
    model = load_model(proto)
    assert [each.op_type for each in model.graph] == ["Mul", "Sin"]
    np.testing.assert_allclose(evaluate(model, {"x": X})["y"], np.sin(X * X), rtol=1e-12)


def test_a_function_that_is_only_declared_is_no_matter() -> None:
    proto = build_model([node("Sin", ["x"], "y")], {"x": ["N", 4]}, {"y": ["N", 4]}, opset=17)
    proto.functions.add(name="Gabor", domain="local")
    assert [each.op_type for each in load_model(proto).graph] == ["Sin"]


def test_a_function_of_another_operator_set_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        load_model(functions([helper.make_node("Sin", ["a"], ["b"])], opset=13))
    assert str(caught.value) == (
        "model: the function 'Chirp' of the model cannot be inlined\n"
        "hint: it may call itself, or use another operator set than the model"
    )


def test_the_type_of_a_sum_of_integers_stays() -> None:
    nodes = [node("Cast", ["x"], "i", to=TensorProto.INT64), node("ReduceSum", ["i", "axes"], "s")]
    nodes.append(node("Cast", ["s"], "y", to=TensorProto.DOUBLE))
    assert value_of(nodes, ["N", 1], 13, {"axes": np.array([1])}).tolist() == [[6.0], [2.0]]


@pytest.mark.parametrize("operator", ["Cast", "CastLike"])
def test_how_casts_round_to_8_bits_is_no_matter(operator: str) -> None:
    """Opset 19 knows `saturate`, opset 18 does not."""
    options: dict[str, Any] = {"saturate": 0, **({"to": onnx.TensorProto.FLOAT} if operator == "Cast" else {})}
    nodes = [node(operator, ["x"] if operator == "Cast" else ["x", "x"], "c", **options), node("Sin", ["c"], "y")]
    model = build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, opset=19)
    onnx.checker.check_model(inrarch.derive(model, order=1), full_check=True)
