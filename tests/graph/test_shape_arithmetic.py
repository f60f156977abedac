"""What a model computes from sizes is computed when it is loaded; the batch stays open."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from inrarch.derivatives.batch import free_batch
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.shapes import dims_of
from tests.models import build_model, node


def operators_of(model: Any) -> list[str]:
    return [each.op_type for each in model.graph]


def output_of(model: Any) -> Any:
    return dims_of(model.graph.outputs[0])


FLATTENED = [
    node("Reshape", ["x", "cube"], "c"),
    node("Shape", ["c"], "sizes"),
    node("Gather", ["sizes", "zero"], "rows"),
    node("Unsqueeze", ["rows", "axes"], "row"),
    node("Concat", ["row", "minus"], "target", axis=0),
    node("Reshape", ["c", "target"], "y"),
]
"""`c.reshape(c.shape[0], -1)` as PyTorch exports it."""

WEIGHTS = {"cube": np.array([-1, 2, 3]), "zero": np.array(0), "axes": np.array([0]), "minus": np.array([-1])}


@pytest.mark.parametrize("batch", ["N", 4])
def test_a_flattening_reshape_has_a_constant_target_and_keeps_the_batch_open(batch: Any) -> None:
    model = load_model(build_model(FLATTENED, {"x": [batch, 6]}, {"y": [batch, 6]}, WEIGHTS))
    assert operators_of(model) == ["Reshape", "Reshape"]
    assert output_of(model) == (batch, 6)
    freed = free_batch(model, ["x"])
    for rows in (1, 5):
        x = np.arange(6.0 * rows).reshape(rows, 6)
        assert (evaluate(freed, {"x": x})["y"] == x).all()


def test_integers_that_follow_from_constants_alone_are_known() -> None:
    """As PyTorch exports a slice without folding constants."""
    nodes = [
        node("Unsqueeze", ["one", "zero"], "start"),
        node("Unsqueeze", ["two", "zero"], "end"),
        node("Slice", ["x", "start", "end", "axes"], "y"),
    ]
    weights = {"one": np.array(1), "two": np.array(2), "zero": np.array([0]), "axes": np.array([1])}
    model = load_model(build_model(nodes, {"x": ["N", 3]}, {"y": ["N", 1]}, weights))
    assert operators_of(model) == ["Slice"]


def test_sizes_that_follow_from_large_weights_are_known() -> None:
    """A layer is cut in halves by its width, which is the first size of its weight."""
    nodes = [
        node("Gemm", ["x", "w"], "h", transB=1),
        node("Shape", ["h"], "sizes"),
        node("Gather", ["sizes", "one"], "width"),
        node("Div", ["width", "two"], "half"),
        node("Slice", ["h", "half", "width", "one"], "y"),
    ]
    weights = {"w": np.ones((256, 2)), "one": np.array([1]), "two": np.array([2])}
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 128]}, weights))
    assert operators_of(model) == ["Gemm", "Slice"]


def test_rows_keep_their_name_through_reshapes() -> None:
    nodes = [node("Reshape", ["x", "cube"], "c"), node("Reshape", ["c", "flat"], "f"), node("Add", ["f", "x"], "y")]
    weights = {"cube": np.array([-1, 2, 3]), "flat": np.array([-1, 6])}
    model = load_model(build_model(nodes, {"x": ["N", 6]}, {"y": ["N", 6]}, weights))
    assert [dims_of(each.outputs[0]) for each in model.graph] == [("N", 2, 3), ("N", 6), ("N", 6)]
    assert model.graph.node(0).inputs[1].const_value.numpy().tolist() == [-1, 2, 3]
    assert len(model.graph.initializers) == 2


def test_rows_that_are_split_do_not_keep_their_name() -> None:
    nodes = [node("Reshape", ["x", "pairs"], "y")]
    model = load_model(build_model(nodes, {"x": ["N", 6]}, {"y": ["M", 3]}, {"pairs": np.array([-1, 3])}))
    assert output_of(model) not in (("N", 3), (None, 3))


def test_an_expand_by_minus_one_is_folded() -> None:
    """`z.expand(-1, 4)`: Where(Equal(shape, -1), 1, shape)."""
    nodes = [
        node("ConstantOfShape", ["two"], "ones", value=helper.make_tensor("one", TensorProto.INT64, [1], [1])),
        node("Mul", ["ones", "minus"], "negative"),
        node("Equal", ["wanted", "negative"], "open"),
        node("Where", ["open", "ones", "wanted"], "sizes"),
        node("Expand", ["x", "sizes"], "y"),
    ]
    weights = {"two": np.array([2]), "minus": np.array(-1), "wanted": np.array([-1, 4])}
    model = load_model(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 4]}, weights))
    assert operators_of(model) == ["Expand"]
    assert model.graph.node(0).inputs[1].const_value.numpy().tolist() == [1, 4]


def test_sizes_that_follow_the_batch_stay() -> None:
    nodes = [
        node("Shape", ["x"], "rows", start=0, end=1),
        node("Concat", ["rows", "four"], "sizes", axis=0),
        node("Expand", ["z", "sizes"], "y"),
    ]
    weights = {"four": np.array([4]), "z": np.ones((1, 4))}
    model = load_model(build_model(nodes, {"x": [3, 2]}, {"y": ["M", 4]}, weights))
    assert operators_of(model) == ["Shape", "Concat", "Expand"]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["M", 4]}, weights))
    assert evaluate(model, {"x": np.zeros((5, 2))})["y"].shape == (5, 4)


def test_numbers_that_follow_from_sizes_are_folded_as_far_as_they_are_integers() -> None:
    nodes = [
        node("Shape", ["x"], "width", start=1, end=2),
        node("Cast", ["width"], "number", to=TensorProto.FLOAT),
        node("Sqrt", ["number"], "root"),
        node("Div", ["x", "root"], "y"),
    ]
    model = load_model(build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 4]}))
    assert operators_of(model) == ["Cast", "Sqrt", "Div"]
    assert evaluate(model, {"x": np.ones((1, 4))})["y"].tolist() == [[0.5] * 4]


def branches(condition: list[Any], weights: dict[str, Any], width: int = 1) -> onnx.ModelProto:
    """y = If(condition, Squeeze(x), sin x), as PyTorch exports a squeeze; the branch not taken need not be known."""
    y = helper.make_tensor_value_info("then_y", TensorProto.FLOAT, None)
    then = helper.make_graph(
        [
            helper.make_node("Constant", [], ["axis"], value_ints=[1]),
            helper.make_node("Squeeze", ["x", "axis"], ["then_y"]),
        ],
        "then",
        [],
        [y],
    )
    other = helper.make_tensor_value_info("else_y", TensorProto.FLOAT, None)
    otherwise = helper.make_graph([helper.make_node("Sin", ["x"], ["else_y"])], "else", [], [other])
    choice = helper.make_node("If", ["condition"], ["y"], name="choice", then_branch=then, else_branch=otherwise)
    return build_model([*condition, choice], {"x": ["N", width]}, {"y": ["M"] if width == 1 else ["M", 2]}, weights)


BY_WIDTH = [
    node("Shape", ["x"], "sizes"),
    node("Gather", ["sizes", "one"], "width"),
    node("Equal", ["width", "one"], "condition"),
]


def test_an_if_takes_the_branch_that_sizes_decide() -> None:
    model = load_model(branches(BY_WIDTH, {"one": np.array(1)}))
    assert operators_of(model) == ["Squeeze", "Identity"]
    assert output_of(model) == ("N",)
    assert evaluate(model, {"x": np.array([[1.0], [2.0]])})["y"].tolist() == [1.0, 2.0]
    model = load_model(branches(BY_WIDTH, {"one": np.array(1)}, width=2))
    assert operators_of(model) == ["Sin", "Identity"]
    assert output_of(model) == ("N", 2)


def test_an_if_inside_a_branch_is_resolved_too() -> None:
    inner = branches(BY_WIDTH, {"one": np.array(1)})
    nodes = list(inner.graph.node)
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    then = helper.make_graph(nodes, "outer_then", [], [result])
    other = helper.make_tensor_value_info("cos", TensorProto.FLOAT, None)
    otherwise = helper.make_graph([helper.make_node("Cos", ["x"], ["cos"])], "outer_else", [], [other])
    outer = helper.make_node("If", ["true"], ["z"], then_branch=then, else_branch=otherwise)
    weights = {"one": np.array(1), "true": np.array(True)}
    model = load_model(build_model([outer], {"x": ["N", 1]}, {"z": ["M"]}, weights))
    assert operators_of(model) == ["Squeeze", "Identity", "Identity"]


def test_an_if_on_the_batch_takes_the_branch_of_the_batch_that_the_model_fixes() -> None:
    condition = [
        node("Shape", ["x"], "sizes"),
        node("Gather", ["sizes", "zero"], "rows"),
        node("Equal", ["rows", "one"], "condition"),
    ]
    weights = {"zero": np.array(0), "one": np.array(1)}
    proto = branches(condition, weights, width=2)
    proto.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 3
    assert "Sin" in operators_of(load_model(proto))
    with pytest.raises(UserError) as caught:
        load_model(branches(condition, weights, width=2))
    assert str(caught.value) == (
        "model: node 'choice': operator 'If' is not supported: its condition does not follow from sizes that are known "
        "when the model is loaded\n"
        "hint: write both branches and choose with Where, or export with the condition as a constant"
    )


def test_a_squeeze_without_axes_lists_those_that_it_removes() -> None:
    nodes = [node("Squeeze", ["x"], "y")]
    model = load_model(build_model(nodes, {"x": [1, 3, 1]}, {"y": [3]}))
    assert model.graph.node(0).inputs[1].const_value.numpy().tolist() == [0, 2]
