"""Operators that say they are pointwise in hardware: to order 2 from ONNX to compiled C++, to order 4 in integers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from inrarch.graph.lowering.pipeline import lower
from inrarch.graph.passes.pipeline import optimize
from inrarch.numeric.choose import Widths
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples
from inrarch.ops import operators
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, node
from tests.stages.test_csim_networks import run_stages

FEATURES = 3
OPERANDS = {
    # each smooth in x: in (-1, 1), another one, above 1, and two truth values
    "u": [node("Gemm", ["x", "w", "b"], "a"), node("Sin", ["a"], "sine"), node("Mul", ["sine", "most"], "u")],
    "v": [node("Gemm", ["x", "t", "b"], "c"), node("Cos", ["c"], "v")],
    "p": [node("Mul", ["u", "u"], "square"), node("Add", ["square", "more"], "p")],
    "g": [node("Greater", ["u", "v"], "g")],
    "h": [node("Greater", ["v", "low"], "h")],
}
NEEDS = {"p": ("u",), "g": ("u", "v"), "h": ("v",)}
WEIGHTS = {
    "w": np.array([[1.3, -0.7, 0.9]]),
    "t": np.array([[-0.6, 1.1, 0.8]]),
    "b": np.array([0.4, -0.3, 0.15]),
    "most": np.array(0.9),
    "more": np.array(1.25),
    "low": np.array(0.55),
    "high": np.array(0.85),
    "slope": np.array([0.1, 0.2, -0.3]),
    "power": np.array(2.75),
}
ARGUMENTS = {
    **{key: ["p"] for key in ("Acosh", "Log", "Reciprocal", "Sqrt")},
    **{key: ["u", "v"] for key in ("Add", "Sub", "Mul", "Max", "Min", "Mean", "Sum")},
    "Div": ["v", "p"],
    "Pow": ["p", "power"],
    "PRelu": ["u", "slope"],
    "Clip": ["u", "low", "high"],
    "Where": ["g", "u", "v"],
    **{key: ["g", "h"] for key in ("And", "Or", "Xor")},
    "Not": ["g"],
    **{key: ["u", "v"] for key in ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")},
}
TRUTHS = ("And", "Or", "Xor", "Not", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
STEPS = ("Ceil", "Floor", "Round", "Sign")
OPSETS = {"Gelu": 20, "Swish": 24}
POINTWISE = [name for name, operator in operators().items() if operator.hardware.kind == "pointwise"]
GROUPS = [POINTWISE[start::6] for start in range(6)]


def fragment(operator: str) -> list[onnx.NodeProto]:
    """From the operands to `y_<operator>`, which depends on x to every order."""
    arguments, result = ARGUMENTS.get(operator, ["u"]), f"y_{operator}"
    if operator in TRUTHS:
        return [node(operator, arguments, f"{result} truth"), node("Where", [f"{result} truth", "u", "v"], result)]
    if operator in STEPS:
        return [node(operator, arguments, f"{result} step"), node("Mul", [f"{result} step", "v"], result)]
    if operator in ("Abs", "Relu", "LeakyRelu", "PRelu", "Clip", "Max", "Min"):
        return [node(operator, arguments, f"{result} bent"), node("Mul", [f"{result} bent", "v"], result)]
    if operator == "Cast":  # there and back: numbers, and a truth value as a number
        return [
            node("Cast", ["u"], f"{result} double", to=onnx.TensorProto.DOUBLE),
            node("Exp", [f"{result} double"], f"{result} exponential"),
            node("Cast", [f"{result} exponential"], f"{result} float", to=onnx.TensorProto.FLOAT),
            node("Cast", ["g"], f"{result} truth", to=onnx.TensorProto.FLOAT),
            node("Mul", [f"{result} float", f"{result} truth"], result),
        ]
    if operator == "ThresholdedRelu":
        return [node(operator, arguments, result, alpha=0.3)]
    return [node(operator, arguments, result)]


def model(names: list[str]) -> onnx.ModelProto:
    """One output for each operator; x has one coordinate."""
    ends = [each for name in names for each in fragment(name)]
    wanted = {operand for each in ends for operand in each.input} & {*OPERANDS}
    wanted |= {need for name in [*wanted] for need in NEEDS.get(name, ())}
    nodes = [each for name, steps in OPERANDS.items() if name in wanted for each in steps] + ends
    used = {operand for each in nodes for operand in each.input}
    return build_model(
        nodes,
        {"x": ["N", 1]},
        {f"y_{name}": ["N", FEATURES] for name in names},
        {name: array for name, array in WEIGHTS.items() if name in used},
        opset=max(OPSETS.get(name, 18) for name in names),
    )


@pytest.mark.parametrize("names", GROUPS, ids=["-".join(names[:2]) for names in GROUPS])
def test_value_and_derivatives_reach_compiled_hardware(tmp_path: Path, names: list[str]) -> None:
    report: dict[str, Any] = run_stages(tmp_path, model(names), order=2)
    assert (report["equal"], report["mismatches"]) == (True, 0)
    assert {*report["outputs"]} == {f"y_{name}{order}" for name in names for order in ("", "_d0", "_d00")}
    worst = {name: errors["max_rel"] for name, errors in report["outputs"].items() if errors["max_rel"] > 2e-4}
    assert worst == {}


@pytest.mark.parametrize("name", POINTWISE)
def test_derivatives_to_order_4_are_accurate_in_integers(name: str) -> None:
    graph, _ = lower(optimize(derive_unoptimized(model([name]), 4))[0])
    calibration = box_samples((-1.0,), (1.0,), 1, 2048, 0, corners=True)
    test = box_samples((-1.0,), (1.0,), 1, 2048, 1, corners=False)
    formats = quantize(graph, Widths(24, 18, 2), calibration, test)
    assert formats.overflows == 0
    assert {*formats.errors} == {f"y_{name}{suffix}" for suffix in ("", "_d0", "_d00", "_d000", "_d0000")}
    assert max(error.max_rel for error in formats.errors.values()) < 2e-4


def test_the_groups_hold_every_operator() -> None:
    assert sorted(name for group in GROUPS for name in group) == sorted(POINTWISE)
    assert len(POINTWISE) > 50
