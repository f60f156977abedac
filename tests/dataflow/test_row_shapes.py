"""How tensors of a graph become streams."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

from inrarch.dataflow.row_shapes import RowShape, row_shapes, sizes_of, stream_shape
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from tests.dataflow.networks import node
from tests.models import build_model


def graph(nodes: list[onnx.NodeProto], shape: list[Any], output: list[Any], **constants: np.ndarray) -> Any:
    return load_model(build_model(nodes, {"x": shape}, {"y": output}, constants))


def layouts() -> Any:
    return graph(
        [
            node("Sin", ["x"], "s"),
            node("Reshape", ["s", "target"], "r"),
            node("ReduceSum", ["r", "last"], "inner", keepdims=0),
            node("ReduceSum", ["inner", "last"], "row", keepdims=0),
            node("ReduceSum", ["r", "first"], "total", keepdims=0),
            node("Transpose", ["r"], "moved", perm=[2, 0, 1]),
            node("Shape", ["x"], "sizes"),
            node("Reshape", ["r", "sizes"], "y"),
        ],
        ["N", 12],
        ["N", 12],
        target=np.array([0, 3, 4]),
        last=np.array([-1]),
        first=np.array([0]),
    )


def test_inner_axes_repeat_rows_and_the_last_axis_is_the_features() -> None:
    shapes = row_shapes(layouts())
    assert shapes["x"] == shapes["s"] == shapes["y"] == RowShape(1, 12)
    assert shapes["r"] == RowShape(3, 4)
    assert shapes["inner"] == RowShape(1, 3)
    assert shapes["row"] == RowShape(1, 1)
    assert (shapes["r"].elements, shapes["row"].elements) == (12, 1)


def test_a_sum_over_the_batch_is_one_row_per_invocation() -> None:
    assert row_shapes(layouts())["total"] == RowShape(0, 12)


def test_a_batch_that_is_moved_is_no_stream() -> None:
    sizes = sizes_of(layouts())
    assert "moved" not in row_shapes(layouts())
    with pytest.raises(UserError) as error:
        stream_shape(sizes, "moved", "node 'n_moved'")
    assert "node 'n_moved'" in error.value.text()
    assert "tensor 'moved' has shape [4, N, 3], in which the rows of the batch do not come first" in error.value.text()


@pytest.mark.parametrize("shape", [["N", 7], [10, 7], [1, 7], ["N", "P", 7], ["N", 5, 7], [2, 3, 7]])
def test_all_axes_of_an_input_but_the_last_are_rows(shape: list[Any]) -> None:
    model = graph(
        [node("Sin", ["x"], "s"), node("Reshape", ["s", "flat"], "y")], shape, [None, 7], flat=np.array([-1, 7])
    )
    assert row_shapes(model) == {"x": RowShape(1, 7), "s": RowShape(1, 7), "y": RowShape(1, 7)}


def test_integers_that_follow_from_shapes_are_known() -> None:
    nodes = [
        node("Reshape", ["x", "flat"], "f"),
        node("Shape", ["x"], "sizes"),
        node("Reshape", ["f", "sizes"], "y"),
    ]
    sizes = sizes_of(graph(nodes, ["N", "P", 12], ["N", "P", 12], flat=np.array([-1, 12])))
    batch, inner, coordinates = sizes.integers["sizes"].tolist()
    assert (batch * inner, coordinates) == (sizes.rows, 12)
    assert batch != inner


def test_coordinates_must_have_a_known_number() -> None:
    model = graph([node("Sin", ["x"], "y")], ["N", "C"], ["N", "C"])
    with pytest.raises(UserError, match="has shape") as error:
        row_shapes(model)
    assert "input 'x'" in error.value.text()
    assert "[rows, …, features]" in error.value.text()
