"""Element-wise operators at large arguments, where no derivative overflows, and in ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest

from inrarch.derivatives.lower import lower
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from tests.derive_and_compare import derive_unoptimized
from tests.models import build_model, node
from tests.ops.test_taylor import WIDTH, model_of
from tests.pointwise_cases import PIECEWISE_CASES, SMOOTH_CASES, Case, identified

LARGE = np.array([-100.0, -60.0, -20.0, -5.0, -1e-3, -1e-30, 0.0, 1e-30, 1e-3, 5.0, 20.0, 60.0, 100.0])[:, None]

# Slope, and all higher derivatives 0, for arguments towards -∞ and +∞.
LIMITS = {
    "Gelu": (0.0, 1.0),
    "Mish": (0.0, 1.0),
    "Swish": (0.0, 1.0),
    "HardSwish": (0.0, 1.0),
    "HardSigmoid": (0.0, 0.0),
    "Elu": (0.0, 1.0),
    "Celu": (0.0, 1.0),
    "Selu": (0.0, 1.05070102214813232421875),
    "LeakyRelu": (0.009999999776482582, 1.0),
    "ThresholdedRelu": (0.0, 1.0),
    "Abs": (-1.0, 1.0),
    "Erf": (0.0, 0.0),
    "Softplus": (0.0, 1.0),
    "Sigmoid": (0.0, 0.0),
    "Tanh": (0.0, 0.0),
}
OPSETS = {"Gelu": 20, "Swish": 24, "Celu": 28}


def unary_model(operator: str, dtype: type, **attributes: Any) -> Any:
    nodes = [node(operator, ["x"], "y", **attributes)]
    return build_model(nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, dtype=dtype, opset=OPSETS.get(operator, 18))


@pytest.mark.parametrize(
    ("operator", "attributes"), [*((name, {}) for name in LIMITS), ("Gelu", {"approximate": "tanh"})]
)
def test_derivatives_at_large_arguments_are_finite_and_reach_their_limits(
    operator: str, attributes: dict[str, Any]
) -> None:
    graph = derive_unoptimized(unary_model(operator, np.float64, **attributes), 4)
    values = evaluate(graph, {"x": LARGE})
    assert all(np.isfinite(array).all() for array in values.values())
    low, high = LIMITS[operator]
    for points, slope in ((slice(0, 2), low), (slice(-2, None), high)):
        assert np.abs(values["y_d0"][points] - slope).max() <= 1e-15
        for k in (2, 3, 4):
            assert np.abs(values["y_d" + "0" * k][points]).max() <= 1e-15


@pytest.mark.parametrize("operator", [*LIMITS, "Softsign", "Atan", "Asinh"])
def test_derivatives_at_large_arguments_are_finite_in_float32_as_well(operator: str) -> None:
    graph = derive_unoptimized(unary_model(operator, np.float32), 4)
    session = onnxruntime.InferenceSession(to_proto(graph).SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"x": LARGE.astype(np.float32)})
    exact = evaluate(graph, {"x": LARGE.astype(np.float32)})
    for output, array in zip(session.get_outputs(), found, strict=True):
        assert np.isfinite(array).all(), output.name
        expected = exact[output.name]
        assert float(np.abs(array - expected).max()) <= 2e-5 * max(1.0, float(np.abs(expected).max())), output.name


@pytest.mark.parametrize("operator", ["Softsign", "Atan", "Asinh"])
def test_derivatives_that_fall_like_a_power_keep_their_digits(operator: str) -> None:
    """Taylor coefficients of the slope at 100, against the exact ones for 1/(1+u)², 1/(1+u²), 1/sqrt(1+u²)."""
    x = 100.0
    slopes = {
        "Softsign": [(1 + x) ** -2, -2 * (1 + x) ** -3, 6 * (1 + x) ** -4],
        "Atan": [1 / (1 + x**2), -2 * x / (1 + x**2) ** 2, (6 * x**2 - 2) / (1 + x**2) ** 3],
        "Asinh": [(1 + x**2) ** -0.5, -x * (1 + x**2) ** -1.5, (2 * x**2 - 1) * (1 + x**2) ** -2.5],
    }
    values = evaluate(derive_unoptimized(unary_model(operator, np.float64), 3), {"x": np.array([[x]])})
    found = [float(values["y_d" + "0" * k][0, 0]) for k in (1, 2, 3)]
    np.testing.assert_allclose(found, slopes[operator], rtol=1e-13)


@pytest.mark.parametrize("case", identified((*SMOOTH_CASES, *PIECEWISE_CASES)))
def test_decompositions_compute_what_the_operator_computes(case: Case) -> None:
    nodes = [node("Mul", ["x", "scale"], "u"), node("Add", ["x", "three"], "v"), *case.nodes()]
    weights = {"scale": np.array(100.0), "three": np.array(3.0), **case.weights()}
    model = load_model(
        build_model(nodes, {"x": ["N", 4]}, {"y": ["N", 4]}, weights, dtype=np.float64, opset=case.opset)
    )
    x = np.random.default_rng(0).uniform(-1, 1, (50, 4))
    expected, found = evaluate(model, {"x": x})["y"], evaluate(lower(model), {"x": x})["y"]
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("case", identified((*SMOOTH_CASES, *PIECEWISE_CASES)))
def test_derivatives_run_in_onnxruntime(case: Case, optimize: bool) -> None:
    """In float32, at the operator set of emitted models."""
    if case.operator == "Cast":
        case = Case("Cast", case.operands, {"to": 1})
    model = model_of(case.nodes(), 2, ["N", WIDTH], case.weights(), opset=case.opset, dtype=np.float32)
    graph = derive_unoptimized(model, 2, optimize=optimize)
    session = onnxruntime.InferenceSession(to_proto(graph).SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).uniform(-1, 1, (3, 2)).astype(np.float32)
    expected = evaluate(graph, {"x": x})
    for output, found in zip(session.get_outputs(), session.run(None, {"x": x}), strict=True):
        scale = max(1.0, float(np.abs(expected[output.name]).max()))
        assert found.dtype == np.float32
        assert float(np.abs(found - expected[output.name]).max()) <= 2e-3 * scale, output.name
