"""Element-wise operators against nested forward differentiation by JAX in float64, to order 4."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest

from tests.models import build_model, node
from tests.ops.test_taylor import WIDTH, model_of
from tests.pointwise_cases import PIECEWISE_CASES, SMOOTH_CASES, Case, identified
from tests.pointwise_series import given

pytestmark = pytest.mark.oracle
jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402

from tests.derivatives.test_jax import check_against_jax  # noqa: E402

Rule = Callable[[list[Any], dict[str, Any]], Any]


def plain(function: Callable[..., Any]) -> Rule:
    return lambda operands, _: function(*operands)


def folded(function: Callable[[Any, Any], Any]) -> Rule:
    return lambda operands, _: reduce(function, operands)


def hard_sigmoid(u: Any, alpha: float, beta: float) -> Any:
    return jnp.clip(alpha * u + beta, 0, 1)


def clip(operands: list[Any], attributes: dict[str, Any]) -> Any:
    low, high = [*operands[1:], None, None][:2]
    return jnp.clip(operands[0], low, high)


def selu(operands: list[Any], attributes: dict[str, Any]) -> Any:
    gamma = given("Selu", attributes, "gamma")
    return gamma * jax.nn.elu(operands[0], given("Selu", attributes, "alpha"))


RULES: dict[str, Rule] = {
    "Abs": plain(jnp.abs),
    "Acos": plain(jnp.arccos),
    "Acosh": plain(jnp.arccosh),
    "And": plain(jnp.logical_and),
    "Asin": plain(jnp.arcsin),
    "Asinh": plain(jnp.arcsinh),
    "Atan": plain(jnp.arctan),
    "Atanh": plain(jnp.arctanh),
    "Cast": lambda o, a: o[0] if a["to"] == 11 else jnp.trunc(jax.lax.stop_gradient(o[0])).astype(jnp.int64),
    "CastLike": lambda o, _: o[0],
    "Ceil": plain(jnp.ceil),
    "Celu": lambda o, a: jax.nn.celu(o[0], given("Celu", a, "alpha")),
    "Clip": clip,
    "Cosh": plain(jnp.cosh),
    "Elu": lambda o, a: jax.nn.elu(o[0], given("Elu", a, "alpha")),
    "Equal": plain(jnp.equal),
    "Erf": plain(jax.scipy.special.erf),
    "Floor": plain(jnp.floor),
    "Gelu": lambda o, a: jax.nn.gelu(o[0], approximate=a.get("approximate") == "tanh"),
    "GreaterOrEqual": plain(jnp.greater_equal),
    "HardSigmoid": lambda o, a: hard_sigmoid(o[0], *(given("HardSigmoid", a, name) for name in ("alpha", "beta"))),
    "HardSwish": lambda o, _: o[0] * hard_sigmoid(o[0], 1 / 6, 0.5),
    "LeakyRelu": lambda o, a: jax.nn.leaky_relu(o[0], given("LeakyRelu", a, "alpha")),
    "Less": plain(jnp.less),
    "LessOrEqual": plain(jnp.less_equal),
    "Log": plain(jnp.log),
    "Max": folded(jnp.maximum),
    "Mean": lambda o, _: reduce(jnp.add, o) / len(o),
    "Min": folded(jnp.minimum),
    "Mish": plain(jax.nn.mish),
    "Not": plain(jnp.logical_not),
    "Or": plain(jnp.logical_or),
    "PRelu": lambda o, _: jnp.where(o[0] >= 0, o[0], o[1] * o[0]),
    "Pow": plain(jnp.power),
    "Reciprocal": plain(jnp.reciprocal),
    "Round": plain(jnp.round),
    "Selu": selu,
    "Sign": plain(jnp.sign),
    "Sinh": plain(jnp.sinh),
    "Softsign": plain(jax.nn.soft_sign),
    "Sqrt": plain(jnp.sqrt),
    "Sum": folded(jnp.add),
    "Swish": lambda o, a: o[0] * jax.nn.sigmoid(given("Swish", a, "alpha") * o[0]),
    "Tan": plain(jnp.tan),
    "ThresholdedRelu": lambda o, a: jnp.where(o[0] > given("ThresholdedRelu", a, "alpha"), o[0], 0.0),
    "Xor": plain(jnp.logical_xor),
}


def model_of_case(case: Case, coordinates: int) -> Any:
    """u = sin(a x) and v = 3 + sin(b x), whose derivatives of every order are not 0; then the case."""
    generator = np.random.default_rng(0)
    weights = {name: generator.uniform(-1, 1, (coordinates, WIDTH)) for name in "ab"}
    nodes = [node("MatMul", ["x", "a"], "xa"), node("Sin", ["xa"], "u")]
    if {"v", "column"} & {*case.operands}:
        nodes += [node("MatMul", ["x", "b"], "xb"), node("Sin", ["xb"], "sb"), node("Add", ["sb", "jet_three"], "v")]
    weights |= {"jet_three": np.array(3.0), **case.weights()}
    return build_model(
        [*nodes, *case.nodes()],
        {"x": ["N", coordinates]},
        {"y": ["N", WIDTH]},
        weights,
        dtype=np.float64,
        opset=case.opset,
    )


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("case", identified((*SMOOTH_CASES, *PIECEWISE_CASES)))
def test_operators_agree_with_jax_to_order_4(case: Case, coordinates: int) -> None:
    check_against_jax(model_of_case(case, coordinates), 4, rows=1, attributed=RULES)


@pytest.mark.parametrize("operator", ["Floor", "Ceil", "Round", "Sign"])
def test_steps_agree_with_jax(operator: str) -> None:
    nodes = [node("Mul", ["u", "three"], "w"), node(operator, ["w"], "s"), node("Mul", ["s", "v"], "y")]
    check_against_jax(model_of(nodes, 2, ["N", WIDTH], {"three": np.array(3.0)}), 4, attributed=RULES)


@pytest.mark.parametrize("comparison", ["GreaterOrEqual", "Less", "LessOrEqual", "Equal"])
def test_conditions_agree_with_jax(comparison: str) -> None:
    nodes = [node(comparison, ["u", "zero"], "first"), node("Less", ["v", "three"], "second")]
    nodes += [node("Not", ["second"], "third")]
    for name in ("And", "Or", "Xor"):
        nodes += [node(name, ["first", "third"], name), node("Where", [name, "u", "v"], f"w{name}")]
    nodes += [node("Sum", ["wAnd", "wOr", "wXor"], "y")]
    extra = {"zero": np.array(0.0), "three": np.array(3.0)}
    check_against_jax(model_of(nodes, 2, ["N", WIDTH], extra), 4, attributed=RULES)
