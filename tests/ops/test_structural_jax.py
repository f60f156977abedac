"""Structural operators, reductions and linear maps against nested differentiation by JAX in float64, to order 4."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pytest

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.derive_and_compare import derive_unoptimized
from tests.ops.test_taylor import model_of
from tests.structural_cases import CASES, Case

pytestmark = pytest.mark.oracle
jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402
from jax import lax  # noqa: E402


def reduced(function: Any) -> Any:
    def rule(x: Any, axes: Any = None, **attributes: Any) -> Any:
        listed = None if axes is None else tuple(int(axis) for axis in axes)
        return function(x, axis=listed, keepdims=bool(attributes.get("keepdims", 1)))

    return rule


def layer_normalization(x: Any, scale: Any, shift: Any = 0.0, **attributes: Any) -> Any:
    axes = tuple(range(attributes.get("axis", -1) % x.ndim, x.ndim))
    mean = x.mean(axes, keepdims=True)
    inverse = lax.rsqrt(((x - mean) ** 2).mean(axes, keepdims=True) + attributes.get("epsilon", 1e-5))
    return (x - mean) * inverse * scale + shift, mean, inverse


def batch_normalization(x: Any, scale: Any, shift: Any, mean: Any, variance: Any, **attributes: Any) -> Any:
    scale, shift, mean, variance = (each[:, None] for each in (scale, shift, mean, variance))
    return (x - mean) * lax.rsqrt(variance + attributes.get("epsilon", 1e-5)) * scale + shift


def split(x: Any, lengths: Any = None, **attributes: Any) -> Any:
    if lengths is not None:
        return tuple(jnp.split(x, np.cumsum(lengths)[:-1], axis=attributes["axis"]))
    return tuple(jnp.split(x, attributes["num_outputs"], axis=attributes["axis"]))


def convolution(x: Any, w: Any, b: Any = None, **attributes: Any) -> Any:
    pads = attributes.get("pads", [0, 0])
    y = lax.conv_general_dilated(
        x,
        w,
        attributes.get("strides", [1]),
        "SAME" if "auto_pad" in attributes else [tuple(pads)],
        rhs_dilation=attributes.get("dilations", [1]),
        feature_group_count=attributes.get("group", 1),
    )
    return y if b is None else y + b[:, None]


def transposed_convolution(y: Any, w: Any, b: Any = None, **attributes: Any) -> Any:
    """A convolution of the signal with zeros between its entries, by the reversed kernel."""
    (stride,), (dilation,) = attributes.get("strides", [1]), attributes.get("dilations", [1])
    (before, after), (extra,) = attributes.get("pads", [0, 0]), attributes.get("output_padding", [0])
    groups, reach = attributes.get("group", 1), dilation * (w.shape[2] - 1)
    kernels = [jnp.swapaxes(part, 0, 1) for part in jnp.split(w[:, :, ::-1], groups)]
    x = lax.conv_general_dilated(
        y,
        jnp.concatenate(kernels),
        [1],
        [(reach - before, reach - after + extra)],
        lhs_dilation=[stride],
        rhs_dilation=[dilation],
        feature_group_count=groups,
    )
    return x if b is None else x + b[:, None]


def pad(x: Any, pads: Any, **attributes: Any) -> Any:
    return jnp.pad(x, list(zip(pads[: x.ndim], pads[x.ndim :], strict=True)))


RULES: dict[str, Any] = {
    "MatMul": jnp.matmul,
    "Mul": jnp.multiply,
    "Add": jnp.add,
    "Sin": jnp.sin,
    "Cos": jnp.cos,
    "Exp": jnp.exp,
    "Cast": lambda x, **_: x,
    "Dropout": lambda x: x,
    "Reshape": lambda x, sizes, **_: x.reshape([x.shape[k] if n == 0 else int(n) for k, n in enumerate(sizes)]),
    "Concat": lambda *parts, axis: jnp.concatenate(parts, axis),
    "ReduceSum": reduced(jnp.sum),
    "ReduceMean": reduced(jnp.mean),
    "ReduceMax": reduced(jnp.max),
    "ReduceMin": reduced(jnp.min),
    "ReduceProd": reduced(jnp.prod),
    "ReduceL1": reduced(lambda x, **options: jnp.sum(jnp.abs(x), **options)),
    "ReduceL2": reduced(lambda x, **options: jnp.sqrt(jnp.sum(x * x, **options))),
    "ReduceSumSquare": reduced(lambda x, **options: jnp.sum(x * x, **options)),
    "ReduceLogSum": reduced(lambda x, **options: jnp.log(jnp.sum(x, **options))),
    "ReduceLogSumExp": reduced(jax.nn.logsumexp),
    "Einsum": lambda *operands, equation: jnp.einsum(equation, *operands),
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "Softmax": lambda x, axis=-1: jax.nn.softmax(x, axis),
    "LogSoftmax": lambda x, axis=-1: jax.nn.log_softmax(x, axis),
    "LayerNormalization": layer_normalization,
    "BatchNormalization": batch_normalization,
    "Split": split,
    "Flatten": lambda x: x.reshape(len(x), -1),
    "Tile": jnp.tile,
    "Unsqueeze": lambda x, axes: jnp.expand_dims(x, tuple(int(axis) for axis in axes)),
    "Pad": pad,
    "Gather": lambda x, places, axis: jnp.take(x, places, axis),
}


def by_jax(model: Any, x: Any) -> Any:
    """The model at one row of coordinates [d]; result [m]."""
    values: dict[str, Any] = {"x": x[None]}
    for value in model.graph.initializers.values():
        array = value.const_value.numpy()
        values[value.name] = jnp.asarray(array) if array.dtype.kind == "f" else array
    for each in model.graph:
        attributes = {name: attribute.value for name, attribute in each.attributes.items()}
        result = RULES[each.op_type](*(values[value.name] for value in each.inputs), **attributes)
        for value, part in zip(each.outputs, result if isinstance(result, tuple) else (result,), strict=False):
            values[value.name] = part
    return values["y"][0]


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_derivatives_agree_with_jax_to_order_4(case: Case, coordinates: int) -> None:
    loaded = load_model(model_of(case.all_nodes(), coordinates, ["N", case.width], case.all_weights()))
    x = np.random.default_rng(7).uniform(-1, 1, (2, coordinates))
    found = evaluate(derive_unoptimized(loaded, 4), {"x": x})
    towers = [lambda point: by_jax(loaded, point)]
    for _ in range(4):
        towers.append(jax.jacfwd(towers[-1]))
    expected = jax.jit(jax.vmap(lambda point: [tower(point) for tower in towers]))(x)
    for k, array in enumerate(map(np.asarray, expected)):
        for index in combinations_with_replacement(range(coordinates), k):
            name = "y" + ("_d" + "".join(map(str, index)) if k else "")
            error = float(np.abs(found[name] - array[(slice(None), slice(None), *index)]).max())
            assert error <= 1e-9 * float(np.abs(array).max()), name
