"""Taylor rules: each operator to order 4 in 1 to 3 coordinates, against power series along a random direction."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest

from inrarch.ops import operators
from tests.derive_and_compare import check_against_series, derive_unoptimized
from tests.models import build_model, node
from tests.pointwise_cases import POINTWISE
from tests.structural_cases import CASES

WIDTH = 4

UNARY = ("Sin", "Cos", "Tanh", "Sigmoid", "Exp", "Relu", "Softplus", "Neg", "Identity")
BINARY = ("Add", "Sub", "Mul", "Div")

STRUCTURAL = {each.op_type for case in CASES for each in case.nodes} | {"Squeeze", "GatherND", "ScatterND"}
"""In test_taylor_structural.py."""


def jets(coordinates: int, generator: np.random.Generator) -> tuple[list[onnx.NodeProto], dict[str, Any]]:
    """Nodes for values u, v [N, WIDTH] with coefficients of every order, v away from zero; x is [N, coordinates]."""
    weights = {
        name: generator.uniform(-1, 1, (coordinates, WIDTH)) for name in ("jet_a", "jet_b", "jet_c", "jet_d")
    } | {"jet_three": np.array(3.0)}
    nodes = [node("MatMul", ["x", f"jet_{k}"], f"x{k}") for k in "abcd"]
    nodes += [
        node("Sin", ["xa"], "sa"),
        node("Mul", ["xb", "xc"], "xbc"),
        node("Mul", ["xbc", "xd"], "xbcd"),
        node("Add", ["sa", "xbcd"], "u"),
        node("Cos", ["xd"], "cd"),
        node("Mul", ["cd", "xa"], "cda"),
        node("Add", ["cda", "jet_three"], "v"),
    ]
    return nodes, weights


def model_of(
    nodes: list[onnx.NodeProto],
    coordinates: int,
    shape: list[Any],
    extra: dict[str, Any] | None = None,
    seed: int = 0,
    opset: int = 18,
    dtype: type = np.float64,
) -> onnx.ModelProto:
    first, weights = jets(coordinates, np.random.default_rng(seed))
    return build_model(
        first + nodes, {"x": ["N", coordinates]}, {"y": shape}, weights | (extra or {}), dtype=dtype, opset=opset
    )


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("operator", UNARY)
def test_unary_operators_to_order_4(operator: str, coordinates: int) -> None:
    check_against_series(model_of([node(operator, ["u"], "y")], coordinates, ["N", WIDTH]), 4)


@pytest.mark.parametrize("operator", ["Sin", "Tanh", "Softplus"])
def test_unary_operators_to_order_8_in_one_coordinate(operator: str) -> None:
    check_against_series(model_of([node(operator, ["u"], "y")], 1, ["N", WIDTH]), 8, tolerance=1e-9)


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("operator", BINARY)
def test_binary_operators_to_order_4(operator: str, coordinates: int) -> None:
    check_against_series(model_of([node(operator, ["u", "v"], "y")], coordinates, ["N", WIDTH]), 4)


@pytest.mark.parametrize("operator", BINARY)
@pytest.mark.parametrize("operands", [["u", "constant"], ["constant", "v"], ["column", "v"]])
def test_binary_operators_with_constants_and_broadcasting(operator: str, operands: list[str]) -> None:
    extra = {"constant": np.array([1.5, -2.0, 0.5, 4.0]), "first": np.eye(WIDTH)[:, :1]}
    nodes = [node("MatMul", ["u", "first"], "column"), node(operator, operands, "y")]
    check_against_series(model_of(nodes, 2, ["N", WIDTH], extra), 3)


def test_a_square_shares_its_products() -> None:
    graph = derive_unoptimized(model_of([node("Mul", ["u", "u"], "y")], 1, ["N", WIDTH]), 3)
    products = [n for n in graph.graph if n.op_type == "Mul" and n.name.startswith(("Mul_y/", "Mul_y_"))]
    # 2 u0 u1; 2 u0 u2 + u1²; 2 (u0 u3 + u1 u2)
    assert len(products) == 8
    check_against_series(model_of([node("Mul", ["u", "u"], "y")], 2, ["N", WIDTH]), 4)


@pytest.mark.parametrize("transA", [0, 1])
@pytest.mark.parametrize("transB", [0, 1])
def test_gemm_with_jets_in_all_operands(transA: int, transB: int) -> None:
    """One row of coordinates, so that the matrix product may mix what it likes."""
    extra = {"square": np.array([2, 2]), "flat": np.array([1, 4])}
    nodes = [
        node("Reshape", ["u", "square"], "a"),
        node("Reshape", ["v", "square"], "b"),
        node("Slice", ["u", "zero", "two", "one"], "c"),
        node("Gemm", ["a", "b", "c"], "ab", alpha=0.75, beta=-1.25, transA=transA, transB=transB),
        node("Reshape", ["ab", "flat"], "y"),
    ]
    extra |= {"zero": np.array([0]), "two": np.array([2]), "one": np.array([1])}
    first, weights = jets(2, np.random.default_rng(1))
    model = build_model(first + nodes, {"x": [1, 2]}, {"y": [1, 4]}, weights | extra, dtype=np.float64)
    check_against_series(model, 3)


@pytest.mark.parametrize("transB", [0, 1])
def test_gemm_with_constant_weights(transB: int) -> None:
    generator = np.random.default_rng(5)
    weight = generator.normal(size=(3, WIDTH) if transB else (WIDTH, 3))
    extra = {"w": weight, "b": generator.normal(size=3)}
    nodes = [node("Gemm", ["u", "w", "b"], "y", alpha=0.5, beta=2.0, transB=transB)]
    check_against_series(model_of(nodes, 2, ["N", 3], extra), 4)


def test_gemm_with_a_constant_left_operand_and_transposed_rows() -> None:
    nodes = [node("Transpose", ["u"], "ut", perm=[1, 0]), node("Gemm", ["w", "ut"], "z"), node("Transpose", ["z"], "y")]
    extra = {"w": np.random.default_rng(0).normal(size=(3, WIDTH))}
    check_against_series(model_of(nodes, 2, ["N", 3], extra), 3)


def test_gemm_reads_a_transposed_row_constant_coefficient_in_full() -> None:
    """The coefficients of a coordinate are one row for all rows: with transA they must be repeated first."""
    nodes = [node("Transpose", ["x"], "t", perm=[1, 0]), node("Gemm", ["t", "w"], "y", transA=1)]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 3]}, {"w": np.arange(6.0).reshape(2, 3)}, dtype=np.float64)
    check_against_series(model, 2)


@pytest.mark.parametrize("left", [True, False])
def test_stacked_matmul_of_two_jets(left: bool) -> None:
    """Per row a product of matrices [2, 2] x [2, 2], or of a vector with a matrix."""
    extra = {"square": np.array([-1, 2, 2]), "row": np.array([-1, 1, 4]), "flat": np.array([-1, 4])}
    extra["w"] = np.random.default_rng(2).normal(size=(4, 4))
    nodes = [node("Reshape", ["u", "square"], "a"), node("Reshape", ["v", "square"], "b")]
    nodes += [node("MatMul", ["a", "b"] if left else ["b", "a"], "ab"), node("Reshape", ["ab", "row"], "r")]
    nodes += [node("MatMul", ["r", "w"], "rw"), node("Reshape", ["rw", "flat"], "y")]
    check_against_series(model_of(nodes, 2, ["N", 4], extra), 3)


def test_matmul_with_a_vector() -> None:
    extra = {"w": np.arange(1.0, 5.0)}
    check_against_series(model_of([node("MatMul", ["u", "w"], "y")], 2, ["N"], extra), 3)


def test_matmul_with_a_vector_on_the_left_of_one_row() -> None:
    nodes = [node("Reshape", ["x", "flat"], "v"), node("MatMul", ["v", "w"], "y")]
    weights = {"flat": np.array([-1]), "w": np.arange(6.0).reshape(2, 3)}
    check_against_series(build_model(nodes, {"x": [1, 2]}, {"y": [3]}, weights, dtype=np.float64), 2)


def test_matmul_with_a_vector_of_jets_on_the_right() -> None:
    nodes = [node("Tanh", ["x"], "t"), node("MatMul", ["w", "t"], "y")]
    model = build_model(nodes, {"x": [2]}, {"y": [3]}, {"w": np.arange(6.0).reshape(3, 2)}, dtype=np.float64)
    check_against_series(model, 3)


def test_matmul_contracts_an_axis_that_was_broadcast() -> None:
    """x [N, 1] + row [1, 4] has coefficients [1, 1] that must be repeated before they are contracted."""
    nodes = [node("Add", ["x", "row"], "a"), node("MatMul", ["a", "w"], "y")]
    weights = {"row": np.arange(4.0)[None], "w": np.arange(8.0).reshape(4, 2)}
    check_against_series(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 2]}, weights, dtype=np.float64), 2)


@pytest.mark.parametrize(
    ("starts", "ends", "axes", "steps"),
    [
        ([1], [3], [1], None),
        ([-1], [-10], [1], [-1]),
        ([-2], [2**62], [-1], None),
        ([0, 0], [2**62, 2], None, None),
        ([3], [0], [1], [-2]),
    ],
)
@pytest.mark.parametrize("source", ["u", "x"])
def test_slices(
    source: str, starts: list[int], ends: list[int], axes: list[int] | None, steps: list[int] | None
) -> None:
    extra = {"starts": np.array(starts), "ends": np.array(ends)}
    inputs = [source, "starts", "ends"]
    if axes is not None:
        extra["axes"] = np.array(axes)
        inputs.append("axes")
    if steps is not None:
        extra["steps"] = np.array(steps)
        inputs.append("steps")
    columns = len(range(WIDTH if source == "u" else 4)[_python_slice(starts[-1], ends[-1], (steps or [1])[0])])
    check_against_series(model_of([node("Slice", inputs, "y")], 4, ["N", columns], extra), 2)


def _python_slice(start: int, end: int, step: int) -> slice:
    return slice(start, None if end < -WIDTH else end, step)


def test_a_slice_of_an_axis_that_was_broadcast() -> None:
    nodes = [node("Add", ["x", "row"], "a"), node("Slice", ["a", "one", "three", "one"], "y")]
    weights = {"row": np.arange(4.0)[None], "one": np.array([1]), "three": np.array([3])}
    check_against_series(build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 2]}, weights, dtype=np.float64), 2)


def test_concat_of_jets_of_coordinates_and_of_constants() -> None:
    extra = {"row": np.array([[1.0, 2.0]]), "like": np.array([[1.0]])}
    nodes = [
        node("Shape", ["x"], "size", start=0, end=1),
        node("Concat", ["size", "one"], "sizes", axis=0),
        node("Expand", ["like", "sizes"], "ones"),
        node("Concat", ["x", "u", "ones", "v"], "y", axis=1),
    ]
    extra["one"] = np.array([1])
    check_against_series(model_of(nodes, 2, ["N", 2 + 2 * WIDTH + 1], extra), 3)


def test_concat_of_coordinates_alone_stays_one_row() -> None:
    """Fourier features without phases: linear in the coordinates, so all first coefficients are constants."""
    extra = {"w": np.random.default_rng(0).normal(size=(2, 3))}
    nodes = [
        node("MatMul", ["x", "w"], "xw"),
        node("Concat", ["x", "xw"], "joined", axis=-1),
        node("Sin", ["joined"], "y"),
    ]
    model = build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 5]}, extra, dtype=np.float64)
    check_against_series(model, 4)
    graph = derive_unoptimized(model, 2)
    joined = [n for n in graph.graph if n.op_type == "Concat"]
    assert [list(n.outputs[0].shape) for n in joined[1:]] == [[1, 5], [1, 5]]
    assert not any(n.op_type == "Expand" and n.name.startswith("Concat") for n in graph.graph)


def test_concat_where_one_input_has_coefficients_and_another_none_of_the_same_order() -> None:
    nodes = [node("Mul", ["xa", "xb"], "square"), node("Concat", ["xa", "square", "u"], "y", axis=1)]
    check_against_series(model_of(nodes, 2, ["N", 3 * WIDTH]), 3)


def test_concat_of_two_inputs_by_both() -> None:
    nodes = [node("Concat", ["x", "t"], "joined", axis=-1), node("Tanh", ["joined"], "y")]
    model = build_model(nodes, {"x": ["N", 2], "t": ["N", 1]}, {"y": ["N", 3]}, dtype=np.float64)
    check_against_series(model, 3, wrt=("t", "x"))


def test_transpose_without_a_permutation_reverses_axes() -> None:
    nodes = [node("Reshape", ["u", "cube"], "c"), node("Transpose", ["c"], "t"), node("Transpose", ["t"], "y")]
    check_against_series(model_of(nodes, 2, ["N", 2, 2], {"cube": np.array([0, 2, 2])}), 3)


def test_reshape_of_coordinates() -> None:
    nodes = [node("Reshape", ["x", "cube"], "c"), node("Sin", ["c"], "s"), node("Reshape", ["s", "flat"], "y")]
    weights = {"cube": np.array([-1, 2, 2]), "flat": np.array([0, -1])}
    model = build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 4]}, weights, dtype=np.float64)
    check_against_series(model, 3)


def test_expand_of_coordinates_and_of_a_lower_rank() -> None:
    nodes = [node("Expand", ["x", "sizes"], "e"), node("Mul", ["e", "e"], "y")]
    model = build_model(nodes, {"x": [2, 1]}, {"y": [3, 2, 4]}, {"sizes": np.array([3, 1, 4])}, dtype=np.float64)
    check_against_series(model, 3)


@pytest.mark.parametrize("branches", [["u", "v"], ["u", "nothing"], ["nothing", "u"]])
def test_where_follows_the_branch_that_is_taken(branches: list[str]) -> None:
    nodes = [node("Greater", ["v", "u"], "larger"), node("Where", ["larger", *branches], "y")]
    check_against_series(model_of(nodes, 2, ["N", WIDTH], {"nothing": np.array(0.0)}), 3)


def test_softplus_with_beta_as_pytorch_exports_it() -> None:
    """Where(Greater(beta u, 20), u, Softplus(beta u) / beta): on both sides of the threshold."""
    nodes = [
        node("Mul", ["u", "beta"], "bu"),
        node("Greater", ["bu", "limit"], "large"),
        node("Softplus", ["bu"], "soft"),
        node("Div", ["soft", "beta"], "divided"),
        node("Where", ["large", "u", "divided"], "y"),
    ]
    extra = {"beta": np.array(100.0), "limit": np.array(20.0)}
    check_against_series(model_of(nodes, 2, ["N", WIDTH], extra), 3, tolerance=1e-9)


def test_relu_is_zero_with_all_derivatives_at_zero() -> None:
    from inrarch.graph.evaluate import evaluate

    graph = derive_unoptimized(build_model([node("Relu", ["x"], "y")], {"x": ["N", 1]}, {"y": ["N", 1]}), 2)
    values = evaluate(graph, {"x": np.array([[-1.0], [0.0], [2.0]])})
    assert values["y_d0"].tolist() == [[0.0], [0.0], [1.0]]
    assert values["y_d00"].tolist() == [[0.0], [0.0], [0.0]]


def test_every_operator_has_a_test_of_its_taylor_rule() -> None:
    tested = {*UNARY, *BINARY, "Gemm", "MatMul", "Slice", "Concat", "Transpose", "Reshape", "Expand", "Where"}
    without_coefficients = {"Shape", "Greater", "Constant", "ConstantOfShape", "Range"}
    assert tested | without_coefficients | STRUCTURAL | {*POINTWISE, "CastLike"} == set(operators())
