"""An ONNX model as a JAX function, straight from the protobuf message: it judges how models are loaded as well.

Integers and truth values that do not depend on coordinates stay numpy arrays, so that shapes are static.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from jax import lax, nn
from onnx import helper, numpy_helper

from tests.fuzz.in_jax_structure import STRUCTURE


def call(model: onnx.ModelProto, feeds: dict[str, Any]) -> dict[str, Any]:
    """The outputs by name."""
    values: dict[str, Any] = {"": None, **feeds}
    for tensor in model.graph.initializer:
        values[tensor.name] = numpy_helper.to_array(tensor)
    for node in model.graph.node:
        attributes = {each.name: _plain(helper.get_attribute_value(each)) for each in node.attribute}
        operands = [values[name] for name in node.input]
        if node.op_type == "Split":
            attributes["outputs"] = len(node.output)
        results = RULES[node.op_type](*operands, **attributes)
        for name, result in zip(node.output, results if isinstance(results, tuple) else (results,), strict=False):
            values[name] = result
    return {value.name: values[value.name] for value in model.graph.output}


def _plain(attribute: Any) -> Any:
    return attribute.decode() if isinstance(attribute, bytes) else attribute


def power(base: Any, exponent: Any) -> Any:
    if isinstance(exponent, np.ndarray) and exponent.ndim == 0 and float(exponent).is_integer():
        return lax.integer_pow(base, int(exponent))
    return jnp.power(base, exponent)


def cast(value: Any, to: int) -> Any:
    kind = helper.tensor_dtype_to_np_dtype(to)
    kind = np.dtype(np.float64) if kind.kind == "f" else kind  # both widths are computed in float64
    return value.astype(kind)


def clip(value: Any, low: Any = None, high: Any = None) -> Any:
    value = value if low is None else jnp.where(value < low, low, value)
    return value if high is None else jnp.where(value > high, high, value)


def hard_sigmoid(u: Any, alpha: float = 0.2, beta: float = 0.5) -> Any:
    return jnp.clip(alpha * u + beta, 0.0, 1.0)


def selu(u: Any) -> Any:
    """With ONNX's constants, which are rounded to float32."""
    alpha, gamma = 1.67326319217681884765625, 1.05070102214813232421875
    return gamma * jnp.where(u > 0, u, alpha * jnp.expm1(jnp.where(u > 0, 0.0, u)))


def folded(function: Any) -> Any:
    return lambda *operands: reduce(function, operands)


POINTWISE: dict[str, Any] = {
    **{
        name: getattr(jnp, name.lower())
        for name in ("Sin", "Cos", "Tan", "Sinh", "Cosh", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Sign", "Floor", "Ceil")
    },
    "Asin": jnp.arcsin,
    "Acos": jnp.arccos,
    "Atan": jnp.arctan,
    "Asinh": jnp.arcsinh,
    "Acosh": jnp.arccosh,
    "Atanh": jnp.arctanh,
    "Round": jnp.round,
    "Erf": jax.scipy.special.erf,
    "Neg": jnp.negative,
    "Reciprocal": lambda u: 1 / u,
    "Identity": lambda u: u,
    "Dropout": lambda u, *_: u,
    "Sigmoid": nn.sigmoid,
    "Softplus": nn.softplus,
    "Softsign": lambda u: u / (1 + jnp.abs(u)),
    "Relu": nn.relu,
    "LeakyRelu": lambda u, alpha=0.01: jnp.where(u >= 0, u, alpha * u),
    "ThresholdedRelu": lambda u, alpha=1.0: jnp.where(u > alpha, u, 0.0),
    "PRelu": lambda u, slope: jnp.where(u >= 0, u, slope * u),
    "Elu": lambda u, alpha=1.0: nn.elu(u, alpha),
    "Celu": lambda u, alpha=1.0: nn.celu(u, alpha),
    "Selu": selu,
    "Gelu": lambda u, approximate="none": nn.gelu(u, approximate=approximate == "tanh"),
    "Mish": lambda u: u * jnp.tanh(nn.softplus(u)),
    "Swish": lambda u, alpha=1.0: u * nn.sigmoid(alpha * u),
    "HardSigmoid": hard_sigmoid,
    "HardSwish": lambda u: u * hard_sigmoid(u, 1 / 6, 0.5),
    "Clip": clip,
    "Add": jnp.add,
    "Sub": jnp.subtract,
    "Mul": jnp.multiply,
    "Div": jnp.divide,
    "Pow": power,
    "Max": folded(lambda a, b: jnp.where(a >= b, a, b)),
    "Min": folded(lambda a, b: jnp.where(a <= b, a, b)),
    "Sum": folded(jnp.add),
    "Mean": lambda *operands: reduce(jnp.add, operands) / len(operands),
    "Greater": jnp.greater,
    "GreaterOrEqual": jnp.greater_equal,
    "Less": jnp.less,
    "LessOrEqual": jnp.less_equal,
    "Equal": jnp.equal,
    "And": jnp.logical_and,
    "Or": jnp.logical_or,
    "Xor": jnp.logical_xor,
    "Not": jnp.logical_not,
    "Where": jnp.where,
    "Cast": cast,
    "CastLike": lambda value, like: value.astype(like.dtype),
}

RULES: dict[str, Any] = POINTWISE | STRUCTURE
