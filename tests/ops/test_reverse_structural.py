"""Reverse rules of structural, linear and reducing operators: the adjoint identity to 1e-10."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from tests.adjoint import check_adjoint, check_by_series, weights_of, with_free_weights
from tests.models import build_model, node
from tests.structural_cases import CASES, Case

GENERATOR = np.random.default_rng(11)


def normal(*shape: int) -> Any:
    return GENERATOR.normal(size=shape)


def check(
    nodes: list[Any], inputs: dict[str, Any], output: list[Any], weights: dict[str, Any] | None = None, **options: Any
) -> Any:
    return check_adjoint(build_model(nodes, inputs, {"y": output}, weights, dtype=np.float64), **options)


@pytest.mark.parametrize(
    ("a", "b", "y"),
    [
        (["N", 4], [4, 3], ["N", 3]),
        (["N", 5, 4], [4, 3], ["N", 5, 3]),
        ([4], [4, 3], [3]),
        (["N", 5, 4], [4], ["N", 5]),
        ([4], [4], []),
        ([4], ["N", 4, 3], ["N", 3]),
        (["N", 1, 5, 4], [2, 4, 3], ["N", 2, 5, 3]),
        ([5, 4], ["N", 4, 3], ["N", 5, 3]),
        (["N", 4], [4], ["N"]),
        (["N", 5, "K"], ["K", 3], ["N", 5, 3]),
    ],
)
def test_matmul(a: list[Any], b: list[Any], y: list[Any]) -> None:
    check([node("MatMul", ["a", "b"], "y")], {"a": a, "b": b}, y)


def test_matmul_with_one_weight_for_a_stack_is_one_product() -> None:
    graph = check([node("MatMul", ["a", "b"], "y")], {"a": ["N", 5, 4]}, ["N", 5, 3], {"b": normal(4, 3)})
    products = [each for each in graph.graph if each.op_type == "MatMul"]
    assert [list(each.outputs[0].shape) for each in products] == [["N", 5, 4], [4, 3]]


@pytest.mark.parametrize("transA", [0, 1])
@pytest.mark.parametrize("transB", [0, 1])
@pytest.mark.parametrize("c", [[3], ["N", 1], ["N", 3], [], None])
def test_gemm(transA: int, transB: int, c: list[Any] | None) -> None:
    inputs = {"a": [4, "N"] if transA else ["N", 4], "b": [3, 4] if transB else [4, 3]}
    if c is not None:
        inputs["c"] = c
    nodes = [node("Gemm", list(inputs), "y", alpha=0.5, beta=-1.25, transA=transA, transB=transB)]
    check(nodes, inputs, ["N", 3])


@pytest.mark.parametrize("axis", [1, -1])
def test_concat(axis: int) -> None:
    check([node("Concat", ["a", "b", "a"], "y", axis=axis)], {"a": ["N", 2], "b": ["N", 3]}, ["N", 7])


def test_concat_of_sizes_that_are_not_known() -> None:
    check([node("Concat", ["a", "b"], "y", axis=0)], {"a": ["N", 2], "b": ["M", 2]}, ["K", 2])


@pytest.mark.parametrize(
    ("starts", "ends", "axes", "steps", "size"),
    [
        ([1], [3], [1], None, 2),
        ([-1], [-10], [1], [-1], 5),
        ([-2], [2**62], [-1], None, 2),
        ([0, 0], [2**62, 2], None, None, 2),
        ([4], [0], [1], [-2], 2),
        ([0], [5], [1], [2], 3),
        ([0, 1], [2**31, 4], [0, 1], [1, 1], 3),
    ],
)
def test_slice(starts: list[int], ends: list[int], axes: list[int] | None, steps: list[int] | None, size: int) -> None:
    bounds = {"starts": starts, "ends": ends, "axes": axes, "steps": steps}
    weights = {name: np.array(numbers) for name, numbers in bounds.items() if numbers is not None}
    check([node("Slice", ["x", *weights], "y")], {"x": ["N", 5]}, ["N", size], weights)


def test_slices_of_an_axis_of_unknown_size() -> None:
    weights = {"one": np.array([1]), "minus": np.array([-1]), "axis": np.array([0])}
    check([node("Slice", ["x", "one", "minus", "axis"], "y")], {"x": ["N", 5]}, ["M", 5], weights)


def test_a_slice_that_depends_on_an_unknown_size_is_refused() -> None:
    weights = {"start": np.array([-2]), "end": np.array([2**62]), "axis": np.array([0])}
    with pytest.raises(UserError) as caught:
        check([node("Slice", ["x", "start", "end", "axis"], "y")], {"x": ["N", 5]}, ["M", 5], weights)
    assert str(caught.value) == (
        "node 'Slice_y': Slice cannot be differentiated here: the size of axis 0 is not known; "
        "expected a known size, or x[a:], x[a:-b]"
    )


@pytest.mark.parametrize(("shape", "target", "y"), [(["N", 6], [-1, 2, 3], ["N", 2, 3]), ([2, 6], [3, 4], [3, 4])])
def test_reshape(shape: list[Any], target: list[int], y: list[Any]) -> None:
    check([node("Reshape", ["x", "target"], "y")], {"x": shape}, y, {"target": np.array(target)})


def test_reshape_of_two_unknown_sizes() -> None:
    check([node("Reshape", ["x", "flat"], "y")], {"x": ["N", "M", 2]}, ["K"], {"flat": np.array([-1])})


@pytest.mark.parametrize("attributes", [{}, {"perm": [2, 0, 1]}])
def test_transpose(attributes: dict[str, Any]) -> None:
    check([node("Transpose", ["x"], "y", **attributes)], {"x": [2, 3, 4]}, ["A", "B", "C"])


def test_expand() -> None:
    check([node("Expand", ["x", "to"], "y")], {"x": [2, 1]}, [3, 2, 4], {"to": np.array([3, 1, 4])})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_the_adjoint_identity_and_its_derivative(case: Case) -> None:
    """By u, v and all weights; the derivative is a Taylor expansion through the graph of the adjoints."""
    model = load_model(
        build_model(
            case.all_nodes(),
            {"u": ["N", 4], "v": ["N", 4]},
            {"y": ["N", case.width]},
            case.all_weights(),
            dtype=np.float64,
        )
    )
    feeds = {name: np.random.default_rng(2).uniform(-1, 1, (3, 4)) for name in ("u", "v")}
    check_by_series(with_free_weights(model), {**feeds, **weights_of(model)})


REDUCED: list[tuple[list[int] | None, dict[str, int], list[Any]]] = [
    ([1], {}, ["N", 1, 3]),
    ([1], {"keepdims": 0}, ["N", 3]),
    ([-1, 1], {"keepdims": 0}, ["N"]),
    (None, {"noop_with_empty_axes": 1}, ["N", 4, 3]),
]


@pytest.mark.parametrize(("axes", "attributes", "y"), REDUCED)
@pytest.mark.parametrize("operator", ["ReduceSum", "ReduceMean"])
def test_sums_and_means(operator: str, axes: list[int] | None, attributes: dict[str, int], y: list[Any]) -> None:
    weights = {} if axes is None else {"axes": np.array(axes)}
    check([node(operator, ["x", *weights], "y", **attributes)], {"x": ["N", 4, 3]}, y, weights)


def test_a_sum_over_everything() -> None:
    check([node("ReduceSum", ["x"], "y", keepdims=0)], {"x": ["N", 3]}, [])


@pytest.mark.parametrize("keepdims", [0, 1])
def test_a_mean_over_a_number_that_is_not_known_before_it_runs(keepdims: int) -> None:
    """The loss of a batch."""
    check([node("ReduceMean", ["x"], "y", keepdims=keepdims)], {"x": ["N", 3]}, [1, 1] if keepdims else [])


def test_unsqueeze_and_squeeze() -> None:
    nodes = [node("Unsqueeze", ["x", "axes"], "u"), node("Squeeze", ["u", "first"], "y")]
    check(nodes, {"x": ["N", 3]}, ["N", 3, 1], {"axes": np.array([-1, 0]), "first": np.array([0])})


def test_squeeze_without_axes() -> None:
    check([node("Squeeze", ["x"], "y")], {"x": [1, 3, 1]}, [3])


@pytest.mark.parametrize("fill", [False, True])
@pytest.mark.parametrize(("pads", "y"), [([0, 1, 0, 2], ["N", 6]), ([0, -1, 0, 2], ["N", 4]), ([1, 0, 0, 0], ["M", 3])])
def test_pad(pads: list[int], y: list[Any], fill: bool) -> None:
    weights = {"pads": np.array(pads)} | ({"fill": np.array(0.5)} if fill else {})
    check([node("Pad", ["x", *weights], "y")], {"x": ["N", 3]}, y, weights, constants=("fill",))


@pytest.mark.parametrize("mode", ["edge", "reflect", "wrap"])
@pytest.mark.parametrize(("pads", "y"), [([0, 2, 0, 3], ["N", 9]), ([0, -1, 0, 2], ["N", 5]), ([0, 0, 0, 1], ["N", 5])])
def test_pads_by_copies(pads: list[int], y: list[Any], mode: str) -> None:
    nodes = [node("Pad", ["x", "pads"], "y", mode=mode)]
    model = build_model(nodes, {"x": ["N", 4]}, {"y": y}, {"pads": np.array(pads)}, dtype=np.float64, opset=19)
    check_adjoint(model)


def test_a_pad_by_copies_of_an_axis_of_unknown_size_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        check([node("Pad", ["x", "p"], "y", mode="edge")], {"x": ["N", 3]}, ["M", 3], {"p": np.array([1, 0, 0, 0])})
    assert str(caught.value) == (
        "node 'Pad_y': Pad cannot be differentiated here: the size of axis 0 is not known; "
        "expected a known size, or mode 'constant'"
    )


@pytest.mark.parametrize(
    ("places", "axis", "y"),
    [
        (np.array([2, 0]), 1, ["N", 2, 3]),
        (np.array([1, 2]), 1, ["N", 2, 3]),
        (np.array(-1), 1, ["N", 3]),
        (np.array([0, 0, 2, -1]), 1, ["N", 4, 3]),
        (np.array([[0, 1], [2, 3]]), -2, ["N", 2, 2, 3]),
        (np.array([0, 2, 0]), 0, [3, 4, 3]),
        (np.array([1, 1]), 2, ["N", 4, 2]),
    ],
)
def test_gather(places: Any, axis: int, y: list[Any]) -> None:
    check([node("Gather", ["x", "places"], "y", axis=axis)], {"x": ["N", 4, 3]}, y, {"places": places})


@pytest.mark.parametrize("attributes", [{}, {"reduction": "add"}])
def test_scatter_nd(attributes: dict[str, Any]) -> None:
    places = np.array([[[0], [2]], [[1], [3]]])
    nodes = [node("ScatterND", ["x", "places", "u"], "y", **attributes)]
    check(nodes, {"x": [4, 3], "u": [2, 2, 3]}, [4, 3], {"places": places})


def test_gather_nd() -> None:
    places = np.array([[0, 1], [2, 2], [0, 1]])
    check([node("GatherND", ["x", "places"], "y")], {"x": [4, 3, 2]}, [3, 2], {"places": places})


def test_a_transposed_convolution_with_more_padding_than_stride_is_refused() -> None:
    """ONNX Runtime does not run it either."""
    nodes = [node("ConvTranspose", ["x", "w"], "y", dilations=[2], output_padding=[1])]
    with pytest.raises(UserError) as caught:
        check(nodes, {"x": ["N", 2, 3]}, ["N", 2, 6], {"w": normal(2, 2, 2)})
    assert str(caught.value) == (
        "node 'ConvTranspose_y': ConvTranspose cannot be differentiated here: its output padding is not smaller than "
        "its strides; expected smaller ones, as in PyTorch"
    )
