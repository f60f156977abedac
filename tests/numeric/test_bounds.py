"""Bounds over the domain: nothing that a network computes exceeds them, in float64 or in fixed point."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import onnx_ir as ir
import pytest
from onnx import helper

from inrarch.derivatives.api import derive_graph
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.numeric.bittrue import run, simulate
from inrarch.numeric.bound_rules import has_rule
from inrarch.numeric.bounds import find_bounds
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.cells import Box
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Factor, Format, Formats, TensorFormat, dequantize
from inrarch.numeric.proofs import proven_formats, with_proofs
from inrarch.numeric.samples import Real, box_of, box_samples, to_feeds
from inrarch.numeric.view import TABLES, is_arithmetic
from tests.models import build_model, gated_skip, perceptron, siren

BOX = box_of((-1.0,), (1.0,), 2)
MODELS: dict[str, Any] = {
    "siren": lambda: siren((2, 24, 24, 2), w0=8.0, seed=1),
    **{
        name: (lambda name=name: perceptron((2, 12, 12, 2), name, seed=2))
        for name in ("Tanh", "Sigmoid", "Softplus", "Relu", "Exp", "Cos")
    },
}


@cache
def tower(name: str, order: int = 2) -> ir.Model:
    return derive_graph(load_model(MODELS[name]()), order=order, method="taylor", optimize=True)


def worst_points(model: ir.Model, tensor: str, box: Box, seed: int) -> Real:
    """Points of the box where |tensor| is large: random search, then steps that shrink around the best, and corners."""
    generator = np.random.default_rng(seed)
    low, high = box
    points = box_samples(tuple(low), tuple(high), len(low), 400, seed, corners=True)
    spread = (high - low) / 4
    for _ in range(12):
        values = evaluate(model, to_feeds(model, points), wanted=[tensor])[tensor]
        peaks = np.abs(values).reshape(len(points), -1).max(axis=1)
        best = points[np.argsort(-peaks)[:20]]
        moved = np.repeat(best, 10, axis=0) + generator.normal(size=(200, len(low))) * spread
        points = np.concatenate([best, np.clip(moved, low, high)])
        spread = spread * 0.6
    return points


def computed(model: ir.Model) -> list[str]:
    return [str(node.outputs[0].name) for node in model.graph if is_arithmetic(node)]


@pytest.mark.parametrize("name", MODELS)
def test_no_point_exceeds_its_bound(name: str) -> None:
    model = tower(name)
    peaks = find_bounds(model, BOX).peaks
    found = largest_magnitudes(model, box_samples((-1.0,), (1.0,), 2, 3000, 3, corners=True))
    assert set(found) == set(peaks)
    assert all(found[tensor] <= peaks[tensor] for tensor in found)


@pytest.mark.parametrize("name", ["siren", "Tanh", "Softplus"])
def test_a_search_for_the_worst_point_does_not_exceed_the_bound(name: str) -> None:
    model = tower(name)
    peaks = find_bounds(model, BOX).peaks
    for number, output in enumerate(model.graph.outputs):
        points = worst_points(model, str(output.name), BOX, number)
        found = largest_magnitudes(model, points)
        assert all(found[tensor] <= peaks[tensor] for tensor in found)


def test_skip_connections_slices_and_products_have_bounds() -> None:
    model = derive_graph(load_model(gated_skip()), order=2, method="taylor", optimize=True)
    peaks = find_bounds(model, BOX).peaks
    found = largest_magnitudes(model, box_samples((-1.0,), (1.0,), 2, 3000, 3, corners=True))
    assert all(found[tensor] <= peaks[tensor] for tensor in found)
    assert peaks["y"] < 4 * found["y"]


@pytest.mark.parametrize("seed", range(6))
def test_random_networks_and_boxes(seed: int) -> None:
    generator = np.random.default_rng(seed)
    low = generator.uniform(-2, 0, 3)
    box = (low, low + generator.uniform(0.1, 2, 3))
    network = siren((3, 10, 10, 1), w0=float(generator.uniform(1, 30)), seed=seed)
    model = derive_graph(load_model(network), order=2, method="taylor", optimize=True)
    peaks = find_bounds(model, box).peaks
    found = largest_magnitudes(model, box_samples(tuple(box[0]), tuple(box[1]), 3, 2000, seed, corners=True))
    assert all(found[tensor] <= peaks[tensor] for tensor in found)


def test_a_layer_that_is_linear_in_the_input_has_its_exact_range() -> None:
    model = tower("siren")
    first = next(str(node.outputs[0].name) for node in model.graph if node.op_type == "Gemm")
    corners = largest_magnitudes(model, box_samples((-1.0,), (1.0,), 2, 4, 0, corners=True))
    assert find_bounds(model, BOX).peaks[first] == pytest.approx(corners[first], rel=1e-8)


@pytest.mark.parametrize("name", ["siren", "Tanh", "Sigmoid", "Softplus", "Relu", "Exp"])
@pytest.mark.parametrize("widths", [Widths(24, 18, 0), Widths(10, 7, 0, 6)])
def test_formats_from_bounds_never_overflow(name: str, widths: Widths) -> None:
    """All that the hardware computes lies within its bound, rounding included, and nothing is clipped."""
    model = tower(name)
    formats = proven_formats(model, BOX, widths)
    assert (formats.ranges, formats.guard_bits) == ("bounds", 0)
    bounds = find_bounds(model, BOX, formats)
    points = [box_samples((-1.0,), (1.0,), 2, 1000, 3, corners=True)]
    points += [worst_points(model, str(output.name), BOX, 7) for output in model.graph.outputs]
    tensors = [name for name in computed(model) if formats.tensors[name].kind == "data"]
    result = simulate(model, formats, to_feeds(model, np.concatenate(points)), wanted=tensors)
    assert result.overflows == {}
    for tensor in tensors:
        fmt = formats.of(tensor)
        lsb = 2.0**-fmt.frac
        assert np.abs(dequantize(result.values[tensor], fmt)).max() <= bounds.peaks[tensor] + lsb
    proven = with_proofs(model, BOX, formats).tensors
    assert all(tensor.proven for tensor in proven.values() if tensor.kind == "data")


def test_calibrated_formats_are_proven_where_they_are_wide_enough() -> None:
    """A tensor that overflows on a point of the box is not proven; with more guard bits more are."""
    model = tower("siren")
    few = largest_magnitudes(model, box_samples((-1.0,), (1.0,), 2, 3, 0, corners=False))
    counts = []
    for guard_bits in (0, 2, 8):
        formats = with_proofs(model, BOX, choose_formats(model, few, Widths(24, 18, guard_bits)))
        proven = {name for name, tensor in formats.tensors.items() if tensor.proven}
        points = box_samples((-1.0,), (1.0,), 2, 2000, 3, corners=True)
        overflowing = simulate(model, formats, to_feeds(model, points)).overflows
        assert not proven & overflowing.keys()
        counts.append(len(proven))
        if guard_bits == 0:
            assert overflowing
    assert counts[0] < counts[1] < counts[2]
    assert counts[2] == sum(tensor.kind == "data" for tensor in formats.tensors.values())


def test_bounds_need_a_rule_for_every_operator() -> None:
    node = helper.make_node("Ceil", ["x"], ["y"], name="up")
    model = load_model(build_model([node], {"x": ["N", 2]}, {"y": ["N", 2]}))
    with pytest.raises(UserError) as caught:
        find_bounds(model, BOX)
    assert str(caught.value) == (
        "node 'up': operator 'Ceil' has no rule for bounds\nhint: set numeric.ranges: calibration"
    )


def test_rows_with_further_axes_may_lie_anywhere_in_the_box() -> None:
    node = helper.make_node("Mul", ["x", "x"], ["y"], name="square")
    model = load_model(build_model([node], {"x": ["N", 4, 2]}, {"y": ["N", 4, 2]}))
    assert find_bounds(model, box_of((-3.0,), (1.0,), 2)).peaks["y"] == pytest.approx(9.0)


def test_a_function_is_bounded_where_its_operand_stays_in_its_domain() -> None:
    """sqrt(x^2 + 1) and its reciprocal have bounds; sqrt(x) over [-1, 1] has none."""
    nodes = [
        helper.make_node("Mul", ["x", "x"], ["q"], name="q"),
        helper.make_node("Add", ["q", "one"], ["s"], name="s"),
        helper.make_node("Sqrt", ["s"], ["r"], name="r"),
        helper.make_node("Reciprocal", ["r"], ["y"], name="i"),
    ]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": ["N", 2]}, {"one": np.array(1.0)}))
    peaks = find_bounds(model, BOX).peaks
    assert peaks["r"] == pytest.approx(2**0.5)
    assert peaks["y"] == pytest.approx(1.0)
    root = helper.make_node("Sqrt", ["x"], ["y"], name="root")
    with pytest.raises(UserError, match="no rule for bounds where its operand may leave its domain"):
        find_bounds(load_model(build_model([root], {"x": ["N", 2]}, {"y": ["N", 2]})), BOX)


RULED = {
    "Cosh": (-1.0, 2.0),
    "Asin": (-0.9, 1.0),
    "Atanh": (-0.9, 0.5),
    "Acosh": (1.0, 3.0),
    "pow(0.3)": (0.0, 4.0),
    "pow(2.5)": (0.25, 2.0),
    "pow(-1.5)": (0.5, 2.0),
}


def of_one_number(function: str) -> ir.Model:
    """The function of [N, 2]. pow(e): the power."""
    operator, _, exponent = function.partition("(")
    inputs = ["x", "e"] if exponent else ["x"]
    node = helper.make_node(operator.capitalize(), inputs, ["y"], name="f")
    constants = {"e": np.array(float(exponent[:-1]))} if exponent else {}
    return load_model(build_model([node], {"x": ["N", 2]}, {"y": ["N", 2]}, constants))


@pytest.mark.parametrize("function", RULED)
def test_bounds_of_functions_hold_and_are_reached(function: str) -> None:
    model = of_one_number(function)
    draw = np.random.default_rng(5)
    for _ in range(20):
        low, high = np.sort(draw.uniform(*RULED[function], 2))
        points = np.concatenate([draw.uniform(low, high, 200), [low, high, np.clip(0, low, high)]])
        largest = np.abs(evaluate(model, {"x": np.stack([points, points], axis=1)})["y"]).max()
        peak = find_bounds(model, box_of((low,), (high,), 2)).peaks["y"]
        assert largest <= peak <= largest * (1 + 1e-6)


@pytest.mark.parametrize("function", [name for name in RULED if name != "Cosh"])
def test_bounds_end_where_a_function_is_not_defined(function: str) -> None:
    with pytest.raises(UserError, match="no rule for bounds where its operand may leave its domain"):
        find_bounds(of_one_number(function), box_of((-1.5,), (1.5,), 2))


def test_every_function_with_a_table_has_a_rule() -> None:
    assert [name for name in TABLES if not has_rule(name)] == []


@pytest.mark.filterwarnings("error")
def test_a_bound_that_is_infinite_proves_nothing() -> None:
    nodes = [helper.make_node("Exp", ["x"], ["y"], name="e"), helper.make_node("Mul", ["y", "x"], ["z"], name="m")]
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"z": ["N", 2]}))
    formats = choose_formats(model, {"x": 800.0, "y": 1e6, "z": 1e6}, Widths(24, 18, 2))
    found = find_bounds(model, box_of((-800.0,), (800.0,), 2), formats)
    assert found.peaks["y"] == np.inf
    assert not found.proven & {"y", "z"}


def test_sums_over_features_have_bounds() -> None:
    node = helper.make_node("ReduceSum", ["x", "axes"], ["y"], name="sum", keepdims=1)
    model = load_model(build_model([node], {"x": ["N", 2]}, {"y": ["N", 1]}, {"axes": np.array([1])}))
    assert find_bounds(model, BOX).peaks["y"] == pytest.approx(2.0)


@pytest.mark.parametrize("scalar", [1.0, [[1.0]]])
def test_a_choice_between_two_constants_has_as_many_features_as_its_condition(scalar: Any) -> None:
    """The derivative of a piecewise linear function: 1 or 0 for each of two features, summed, multiplied, joined."""
    nodes = [
        helper.make_node("Greater", ["x", "zero"], ["above"], name="above"),
        helper.make_node("Where", ["above", "one", "zero"], ["step"], name="step"),
        helper.make_node("ReduceSum", ["step", "axes"], ["sum"], name="sum", keepdims=1),
        helper.make_node("MatMul", ["step", "w"], ["y"], name="layer"),
        helper.make_node("Concat", ["step", "x"], ["both"], name="both", axis=1),
    ]
    weights = {"zero": 0.0 * np.array(scalar), "one": np.array(scalar), "axes": np.array([1]), "w": np.ones((2, 2))}
    outputs: Any = {"sum": ["N", 1], "y": ["N", 2], "both": ["N", 4]}
    peaks = find_bounds(load_model(build_model(nodes, {"x": ["N", 2]}, outputs, weights)), BOX).peaks
    assert [peaks[name] for name in outputs] == pytest.approx([2.0, 2.0, 1.0])


def test_saturation_of_a_rounded_factor_is_within_the_bounds() -> None:
    """255/256 rounded to 4 fraction bits is 1, which a format of 5 bits ends below: 15/16 is further away than 1/32."""
    nodes = [
        helper.make_node("Mul", ["a", "b"], ["p"], name="p"),
        helper.make_node("Sub", ["one", "p"], ["y"], name="y"),
    ]
    inputs: Any = {"a": ["N", 1], "b": ["N", 1]}
    model = load_model(build_model(nodes, inputs, {"y": ["N", 1]}, {"one": np.array(1.0)}))
    values = {"a": Format(9, 8), "b": Format(9, 7), "p": Format(24, 22), "y": Format(24, 22), "one": Format(2, 0)}
    tensors = {name: TensorFormat("data", fmt, 1.0) for name, fmt in values.items()}
    formats = Formats("fixed", 9, 9, 0, tensors, factors={"p": Factor(0, Format(5, 4))})
    box = (np.array([0.99, 0.99]), np.array([0.996, 1.0]))
    found = run(model, formats, {"a": np.array([[0.996]]), "b": np.array([[0.9922]])})["y"]
    assert dequantize(found, values["y"]).item() <= find_bounds(model, box, formats).peaks["y"] + 2.0**-22
