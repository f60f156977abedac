"""Outputs that need no hardware are refused all at once, with their values and a way on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx_ir as ir
import pytest
from onnx import helper

from inrarch.config.yaml12 import parse_yaml
from inrarch.dataflow.partition import partition
from inrarch.derivatives.api import derive_graph
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.graph.lowering.pipeline import lower
from inrarch.graph.recorded_batch import record_batch
from tests.models import build_model, perceptron


def refused(graph: ir.Model) -> UserError:
    with pytest.raises(UserError) as error:
        partition(graph)
    return error.value


def test_all_second_derivatives_of_a_relu_network_are_named_and_the_line_to_write() -> None:
    model = load_model(perceptron((2, 8, 1), "Relu"))
    graph = derive_graph(model, order=2, optimize=True, max_coefficients=100)
    assert refused(graph).text() == (
        "these outputs are the same for every row (constants): y_d00 = 0, y_d01 = 0, y_d11 = 0; expected outputs that "
        "depend on an input\nhint: build the others: `derivatives: {outputs: [y, y_d0, y_d1]}`, wrt as it is"
    )
    partition(derive_graph(model, outputs=["y", "y_d0", "y_d1"], method="taylor", optimize=True, max_coefficients=100))


def test_a_linear_model_has_its_derivatives_in_the_message() -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], name="layer")]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, {"w": np.array([[1.5, -2.0], [0.25, 4.0]])})
    graph = derive_graph(load_model(model), order=1, method="taylor", optimize=True, max_coefficients=100)
    assert refused(graph).text() == (
        "these outputs are the same for every row (constants): y_d0 = [1.5, -2], y_d1 = [0.25, 4]; expected outputs "
        "that depend on an input\nhint: every derivative asked for is constant: these numbers need no hardware"
    )


def test_long_constants_are_cut_short() -> None:
    nodes = [helper.make_node("Identity", ["c"], ["k"], name="n"), helper.make_node("Sin", ["x"], ["y"], name="s")]
    shapes = {"y": ["N", 2], "k": [1, 8]}
    model = build_model(nodes, {"x": ["N", 2]}, shapes, {"c": np.arange(8.0)[None]})
    assert "k = [0, 1, 2, 3, 4, 5, …]" in refused(load_model(model)).text()


@pytest.mark.parametrize("name", ["y", 'a "b": c', "true", "layer/Add:0", "1e3", "é, [x]"])
def test_the_line_is_yaml_for_any_name(name: str) -> None:
    nodes = [helper.make_node("Identity", ["c"], ["k"], name="n"), helper.make_node("Sin", ["x"], [name], name="s")]
    shapes = {name: ["N", 2], "k": [1, 1]}
    model = build_model(nodes, {"x": ["N", 2]}, shapes, {"c": np.ones((1, 1))})
    line = str(refused(load_model(model)).hint).split("`")[1]
    assert parse_yaml(line, Path("line.yaml")).value == {"derivatives": {"outputs": [name]}}


def test_a_gradient_that_no_row_changes_names_the_parameter_to_leave_out() -> None:
    """The sum over 5 rows of the last bias has the gradient 5."""
    graph = derive_graph(load_model(perceptron((2, 4, 1), "Tanh")), parameters=("w0", "b1"))
    record_batch(graph, 5)
    assert refused(lower(graph)[0]).text() == (
        "these outputs are the same for every row (constants): y_d:b1 = 5; expected outputs that depend on an input\n"
        "hint: their derivatives are the same for every batch: leave these parameters out of `derivatives.parameters`"
    )
