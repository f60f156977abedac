"""Element-wise operators beyond the first ones, each with arguments inside its domain: cases for several tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

POINTWISE = (
    "Abs",
    "Acos",
    "Acosh",
    "And",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Cosh",
    "Elu",
    "Equal",
    "Erf",
    "Floor",
    "Gelu",
    "GreaterOrEqual",
    "HardSigmoid",
    "HardSwish",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "Max",
    "Mean",
    "Min",
    "Mish",
    "Not",
    "Or",
    "PRelu",
    "Pow",
    "Reciprocal",
    "Round",
    "Selu",
    "Sign",
    "Sinh",
    "Softsign",
    "Sqrt",
    "Sum",
    "Swish",
    "Tan",
    "ThresholdedRelu",
    "Xor",
)


@dataclass(frozen=True)
class Case:
    """One node. Operands with derivatives: `u`, `v`, `inside` in (-1, 1), `positive` above 1, `column` [N, 1]."""

    operator: str
    operands: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    opset: int = 18

    def nodes(self) -> list[onnx.NodeProto]:
        """From u and v to y."""
        preparation = {
            "inside": [("Sin", ["u"], "sine"), ("Mul", ["sine", "most"], "inside")],
            "column": [("MatMul", ["u", "first"], "column")],
            "positive": [("Mul", ["u", "u"], "square"), ("Add", ["square", "more"], "positive")],
        }
        listed = [step for name, steps in preparation.items() if name in self.operands for step in steps]
        listed.append((self.operator, list(self.operands), "y"))
        nodes = [helper.make_node(name, inputs, [output], name=f"{name}_{output}") for name, inputs, output in listed]
        for name, value in self.attributes.items():
            nodes[-1].attribute.append(helper.make_attribute(name, value))
        return nodes

    def weights(self) -> dict[str, Any]:
        """Constants that the nodes use, floats in the model's type."""
        return {"most": np.array(0.9), "more": np.array(1.25), "first": np.eye(4)[:, :1], **self.constants}


def _unary(operator: str, operand: str = "u", opset: int = 18, **attributes: Any) -> Case:
    return Case(operator, (operand,), attributes, opset=opset)


def _power(base: str, exponent: Any) -> Case:
    return Case("Pow", (base, "exponent"), {}, {"exponent": np.array(exponent)})


SMOOTH_CASES = (
    *(_unary(name) for name in ("Atan", "Asinh", "Cosh", "Erf", "Mish", "Sinh", "Softsign")),
    _unary("Gelu", opset=20),
    _unary("Swish", opset=24),
    _unary("Swish", opset=24, alpha=1.75),
    _unary("Gelu", opset=20, approximate="tanh"),
    *(_unary(name, "inside") for name in ("Acos", "Asin", "Atanh", "Tan")),
    *(_unary(name, "positive") for name in ("Acosh", "Log", "Reciprocal", "Sqrt")),
    _unary("Reciprocal", "v"),
    *(_power("u", exponent) for exponent in (1.0, 2.0, 3.0, 4.0, 7.0, 70.0, 2, 5, [2.0, 0.0, 3.0, 1.0], [2, 2, 2, 2])),
    *(_power("v", exponent) for exponent in (-1.0, -3.0, [2.0, -1.0, 3.0, -2.0])),
    *(_power("positive", exponent) for exponent in (0.5, -0.5, 1.5, 2.75, 10.5, [0.5, 2.0, -1.5, 0.0])),
    Case("Pow", ("positive", "v")),
    Case("Pow", ("positive", "column")),
    Case("Pow", ("two", "u"), {}, {"two": np.array([2.0, 0.5, 1.0, 3.0])}),
    Case("Sum", ("u", "v", "u", "column")),
    Case("Sum", ("u",)),
    Case("Mean", ("u", "v", "c"), {}, {"c": np.array([1.0, 2.0, 3.0, 4.0])}),
    _unary("Cast", to=onnx.TensorProto.DOUBLE),
    Case("CastLike", ("u", "v")),
)

PIECEWISE_CASES = (
    *(_unary(name) for name in ("Abs", "Elu", "HardSwish", "LeakyRelu", "Selu")),
    *(_unary(name, "v") for name in ("HardSwish", "HardSigmoid", "ThresholdedRelu")),
    _unary("Celu", opset=28),  # double from there on
    _unary("Celu", opset=28, alpha=0.6),
    _unary("Elu", alpha=1.7),
    _unary("Selu", alpha=1.2, gamma=0.8),
    _unary("LeakyRelu", alpha=0.25),
    _unary("ThresholdedRelu", alpha=0.3),
    _unary("HardSigmoid"),
    _unary("HardSigmoid", alpha=0.8, beta=0.1),
    Case("PRelu", ("u", "slope"), {}, {"slope": np.array([0.1, 0.2, -0.3, 1.5])}),
    Case("PRelu", ("u", "v")),
    Case("Clip", ("u", "low", "high"), {}, {"low": np.array(-0.4), "high": np.array(0.3)}),
    Case("Clip", ("u", "", "high"), {}, {"high": np.array(0.1)}),
    Case("Clip", ("u", "low"), {}, {"low": np.array(0.0)}),
    Case("Clip", ("u",)),
    Case("Max", ("u", "v")),
    Case("Max", ("u", "c", "column"), {}, {"c": np.array([0.1, 0.0, -0.5, 3.0])}),
    Case("Min", ("u", "v", "c"), {}, {"c": np.array([0.1, 0.0, -0.5, 3.0])}),
    Case("Min", ("u",)),
)


def identified(cases: tuple[Case, ...]) -> list[Any]:
    """Cases with readable names."""

    def name(case: Case) -> str:
        numbers = [f"{key}={value}" for key, value in case.attributes.items()]
        numbers += [f"{key}={np.asarray(value).tolist()}" for key, value in case.constants.items()]
        return "-".join([case.operator, *case.operands, *numbers])

    return [pytest.param(case, id=name(case)) for case in cases]
