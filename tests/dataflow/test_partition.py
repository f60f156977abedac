"""Which nodes become which units, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

from inrarch import derive
from inrarch.dataflow.kernels.fork import Fork
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.kernels.pointwise import Region
from inrarch.dataflow.kernels.reorder import Reorder
from inrarch.dataflow.kernels.sink import Sink
from inrarch.dataflow.kernels.source import Source
from inrarch.dataflow.naming import Names, unit_name
from inrarch.dataflow.partition import partition
from inrarch.dataflow.units import Units
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.view import SUPPORTED
from tests.dataflow.networks import branches, matmuls, node, skip_network
from tests.models import build_model, perceptron, siren


def units_of(model: onnx.ModelProto, order: int = 0) -> Units:
    return partition(load_model(derive(model, order=order, method="taylor") if order else model))


def refused(model: onnx.ModelProto) -> str:
    with pytest.raises(UserError) as error:
        units_of(model)
    return error.value.text()


def model_of(nodes: list[onnx.NodeProto], *, features: int = 4, **weights: Any) -> onnx.ModelProto:
    return build_model(nodes, {"x": ["N", features]}, {"y": ["N", features]}, weights)


@pytest.mark.parametrize(("order", "coefficients"), [(1, 3), (2, 6), (3, 10)])
def test_all_coefficients_of_a_layer_share_one_unit(order: int, coefficients: int) -> None:
    units = units_of(siren((2, 8, 8, 1)), order)
    assert [unit.coefficients for unit in matmuls(units)] == [1, coefficients, coefficients]
    assert [(unit.K, unit.M) for unit in matmuls(units)] == [(2, 8), (8, 8), (8, 1)]


def test_a_siren_is_a_chain_of_matmuls_and_regions_without_forks() -> None:
    units = units_of(siren((2, 8, 8, 1)), 2)
    kinds = [type(unit) for unit in units.units if not (isinstance(unit, Region) and unit.features == 1)]
    assert kinds == [Source, Matmul, Region, Matmul, Region, Matmul, Sink]
    assert [(link.writer, link.reader) for link in units.links] == [
        (one.name, other.name) for one, other in zip(units.units, units.units[1:], strict=False)
    ]


def test_all_outputs_leave_through_one_sink_in_the_order_of_the_graph() -> None:
    (sink,) = [unit for unit in units_of(siren((2, 8, 8, 1)), 2).units if isinstance(unit, Sink)]
    assert sink.outputs == ("y", "y_d0", "y_d1", "y_d00", "y_d01", "y_d11")


def test_names_follow_the_model_and_do_not_change() -> None:
    units = units_of(siren((2, 8, 8, 1)), 1)
    assert units == units_of(siren((2, 8, 8, 1)), 1)
    assert [unit.name for unit in matmuls(units)] == ["net_0", "net_1", "net_2"]


def test_a_residual_block_reads_an_earlier_stream_through_a_fork() -> None:
    units = units_of(skip_network())
    (fork,) = [unit for unit in units.units if isinstance(unit, Fork)]
    readers = [link.reader for link in units.outgoing(fork.name)]
    assert readers == ["n_z1", "n_s"]
    (join,) = [unit for unit in units.units if isinstance(unit, Region) and len(unit.inputs) == 2]
    assert join.nodes == ("n_s", "n_sum", "n_t")
    assert {read.unit for read in join.inputs} == {"n_z1", "n_h"}


def test_two_branches_from_one_source_meet_in_one_region() -> None:
    units = units_of(branches())
    assert [unit.name for unit in matmuls(units)] == ["n_a", "n_b"]
    (region,) = [unit for unit in units.units if isinstance(unit, Region)]
    assert region.nodes == ("n_s", "n_t", "n_y")


def test_equal_weights_of_different_levels_are_different_units() -> None:
    weight = np.eye(4) / 2
    model = model_of(
        [node("MatMul", ["x", "w"], "a"), node("Sin", ["a"], "b"), node("MatMul", ["b", "v"], "y")], w=weight, v=weight
    )
    assert [unit.weight for unit in matmuls(units_of(model))] == ["w", "v"]


def test_equal_weights_of_one_level_and_input_are_one_unit_whatever_their_names() -> None:
    weight = np.arange(16.0).reshape(4, 4)
    model = model_of(
        [
            node("Sin", ["x"], "a"),
            node("Cos", ["x"], "b"),
            node("MatMul", ["a", "w"], "c"),
            node("MatMul", ["b", "v"], "d"),
            node("Add", ["c", "d"], "y"),
        ],
        w=weight,
        v=weight,
    )
    (unit,) = matmuls(units_of(model))
    assert unit.operands == ("a", "b")
    assert unit.fields == ("c", "d")


def test_comparisons_are_repeated_where_they_are_used() -> None:
    units = units_of(perceptron((2, 6, 6, 1), "Relu"), 1)
    for region in [unit for unit in units.units if isinstance(unit, Region)]:
        assert any("Greater" in name for name in region.nodes)
        assert not any("Greater" in field for field in region.fields)


def test_a_comparison_used_one_level_later_is_computed_there_and_its_operand_travels() -> None:
    model = model_of(
        [
            node("MatMul", ["x", "w"], "a"),
            node("Greater", ["a", "zero"], "positive"),
            node("Sin", ["a"], "s"),
            node("MatMul", ["s", "w"], "b"),
            node("Where", ["positive", "b", "zero"], "y"),
        ],
        w=np.eye(4),
        zero=np.zeros(1),
    )
    units = units_of(model)
    (last,) = [unit for unit in units.units if isinstance(unit, Region) and unit.fields == ("y",)]
    assert last.nodes == ("n_positive", "n_y")
    assert {(read.unit, read.fields) for read in last.inputs} == {("n_a", ("a",)), ("n_b", ("b",))}


def test_an_output_that_equals_an_input_or_another_output_is_mapped() -> None:
    model = build_model(
        [node("MatMul", ["x", "w"], "y"), node("Identity", ["y"], "again"), node("Identity", ["x"], "through")],
        {"x": ["N", 4]},
        {"y": ["N", 4], "again": ["N", 4], "through": ["N", 4]},
        {"w": np.eye(4)},
    )
    sinks = [unit for unit in units_of(model).units if isinstance(unit, Sink)]
    assert sorted(name for sink in sinks for name in sink.outputs) == ["again", "through", "y"]


@pytest.mark.parametrize(
    ("last", "operator"), [(node("Div", ["s", "x"], "y"), "Div"), (node("Sign", ["s"], "y"), "Sign")]
)
def test_operators_without_hardware_are_refused_by_node_and_operator(last: onnx.NodeProto, operator: str) -> None:
    text = refused(model_of([node("Sin", ["x"], "s"), last]))
    listed = " ".join(sorted(SUPPORTED))
    assert text.startswith("node 'n_")
    assert f": {operator} of a computed tensor is not mapped to hardware yet; expected one of {listed}" in text
    assert f"\nhint: {operator}: " in text


def test_a_batch_that_is_moved_is_refused() -> None:
    model = build_model(
        [node("Transpose", ["x"], "t", perm=[1, 0]), node("Sin", ["t"], "y")], {"x": ["N", 4]}, {"y": [4, "N"]}
    )
    assert refused(model) == (
        "node 'n_y': tensor 'y' has shape [4, N], in which the rows of the batch do not come first; expected "
        "[batch, …, features]: a stream carries one row of the batch after the other"
    )


def test_rows_that_use_other_rows_are_refused() -> None:
    model = build_model(
        [node("Sin", ["x"], "s"), node("Gather", ["s", "turned"], "y", axis=0)],
        {"x": [3, 4]},
        {"y": [3, 4]},
        {"turned": np.array([2, 1, 0])},
    )
    assert refused(model) == (
        "node 'n_y': rows of 'y' use other rows of 's'; expected rows of the batch that are independent, and alike: a "
        "stream carries one after the other"
    )


def test_a_truth_value_that_is_moved_is_refused() -> None:
    model = model_of(
        [
            node("Greater", ["x", "zero"], "p"),
            node("Slice", ["p", "first", "last", "one"], "q"),
            node("Where", ["q", "x", "zero"], "y"),
        ],
        zero=np.zeros(1),
        first=np.array([0]),
        last=np.array([1]),
        one=np.array([1]),
    )
    assert refused(model) == (
        "node 'n_q': Slice of a truth value is not mapped to hardware yet; expected Slice of numbers"
    )


def test_two_transpositions_of_the_batch_are_no_unit() -> None:
    model = model_of(
        [
            node("Sin", ["x"], "s"),
            node("Transpose", ["s"], "t", perm=[1, 0]),
            node("Transpose", ["t"], "u", perm=[1, 0]),
            node("Tanh", ["u"], "y"),
        ]
    )
    kinds = [type(unit) for unit in units_of(model).units]
    assert kinds == [Source, Region, Reorder, Region, Sink]


def test_a_product_of_computed_tensors_is_refused() -> None:
    model = build_model([node("MatMul", ["x", "x"], "y")], {"x": [4, 4]}, {"y": [4, 4]})
    assert refused(model) == (
        "node 'n_y': MatMul of two computed tensors is not mapped to hardware yet; "
        "expected a computed left operand and a constant right operand"
    )


def test_a_constant_left_operand_is_refused() -> None:
    model = build_model([node("MatMul", ["w", "x"], "y")], {"x": [4, 4]}, {"y": [4, 4]}, {"w": np.eye(4)})
    assert "MatMul with the constant as left operand is not mapped to hardware yet" in refused(model)


def test_a_constant_per_row_is_refused() -> None:
    model = build_model([node("Mul", ["x", "c"], "y")], {"x": [3, 4]}, {"y": [3, 4]}, {"c": np.ones((3, 1))})
    assert refused(model) == (
        "node 'n_y': the layout of 'c' differs from row to row; expected rows of the batch that are independent, and "
        "alike: a stream carries one after the other"
    )


def test_a_sum_over_the_batch_that_every_row_uses_is_refused() -> None:
    model = build_model(
        [node("ReduceSum", ["x", "axes"], "s", keepdims=1), node("Mul", ["x", "s"], "y")],
        {"x": ["N", 4]},
        {"y": ["N", 4]},
        {"axes": np.array([0])},
    )
    assert refused(model) == (
        "node 'n_y': all rows use 's', which is a sum over the batch; expected rows of the batch that are independent, "
        "and alike: a stream carries one after the other"
    )


def test_a_constant_output_is_refused() -> None:
    model = build_model(
        [node("Sin", ["x"], "y"), node("Identity", ["c"], "k")],
        {"x": ["N", 4]},
        {"y": ["N", 4], "k": [1, 4]},
        {"c": np.ones((1, 4))},
    )
    assert refused(model) == (
        "these outputs are the same for every row (constants): k = [1, 1, 1, 1]; expected outputs that depend on an "
        "input\nhint: build the others: `derivatives: {outputs: [y]}`, wrt as it is"
    )


def test_an_input_that_nothing_needs_is_refused() -> None:
    model = build_model([node("Sin", ["x"], "y")], {"x": ["N", 4], "z": ["N", 1]}, {"y": ["N", 4]})
    assert refused(model) == "no output depends on input 'z'\nhint: take it out of the model"


def test_a_truth_value_as_output_is_refused() -> None:
    graph = load_model(model_of([node("Greater", ["x", "c"], "p"), node("Where", ["p", "x", "c"], "y")], c=np.ones(1)))
    graph.graph.outputs.append(next(iter(graph.graph)).outputs[0])
    with pytest.raises(UserError) as error:
        partition(graph)
    assert error.value.text() == "output 'p' is a truth value; expected numbers"


def test_unknown_numbers_of_features_are_refused() -> None:
    model = build_model([node("Sin", ["x"], "y")], {"x": ["N", "F"]}, {"y": ["N", "F"]})
    assert refused(model) == (
        "input 'x': tensor 'x' has shape ['N', 'F']; expected rows and a known number of features, [rows, …, features]"
    )


@pytest.mark.parametrize(
    ("name", "operator", "expected"),
    [
        ("/net/net.0/linear/Gemm", "Gemm", "net_net_0_linear"),
        ("node_sin_1", "Sin", "sin_1"),
        ("0/Mul.2", "Mul", "n0_Mul_2"),
        ("Gemm", "Gemm", "Gemm"),
        ("λ", "Sin", "sin"),
        ("a b;rm -rf", "Sin", "a_b_rm_rf"),
    ],
)
def test_unit_names_are_legal_and_recognisable(name: str, operator: str, expected: str) -> None:
    assert unit_name(name, operator) == expected


def test_names_differ_even_where_case_is_ignored() -> None:
    names = Names()
    assert [names.unique(each) for each in ("sin", "Sin", "sin", "sin_2")] == ["sin", "Sin_2", "sin_3", "sin_2_2"]
