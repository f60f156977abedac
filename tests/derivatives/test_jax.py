"""Derivatives against nested forward differentiation by JAX in float64."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations_with_replacement
from types import MappingProxyType
from typing import Any

import numpy as np
import onnx
import pytest

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.derive_and_compare import derive_unoptimized
from tests.models import node, perceptron, siren
from tests.ops.test_taylor import BINARY, UNARY, WIDTH, model_of

pytestmark = pytest.mark.oracle
jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402

NONE: Mapping[str, Any] = MappingProxyType({})

RULES: dict[str, Any] = {
    "Add": jnp.add,
    "Sub": jnp.subtract,
    "Mul": jnp.multiply,
    "Div": jnp.divide,
    "Neg": jnp.negative,
    "Identity": lambda a: a,
    "Sin": jnp.sin,
    "Cos": jnp.cos,
    "Exp": jnp.exp,
    "Tanh": jnp.tanh,
    "Sigmoid": jax.nn.sigmoid,
    "Softplus": jax.nn.softplus,
    "Relu": jax.nn.relu,
    "Greater": jnp.greater,
    "Where": jnp.where,
    "MatMul": jnp.matmul,
}


def call(model: Any, x: Any, attributed: Mapping[str, Any] = NONE) -> Any:
    """The model at one row of coordinates [d], as a JAX function; result [m].

    attributed: further operators, as functions of operands and attributes.
    """
    values: dict[str, Any] = {"x": x[None]}
    for value in model.graph.initializers.values():
        array = value.const_value.numpy()
        values[value.name] = jnp.asarray(array, dtype=jnp.float64) if array.dtype.kind == "f" else array
    for each in model.graph:
        operands = [None if value is None else values[value.name] for value in each.inputs]
        attributes = {name: attribute.value for name, attribute in each.attributes.items()}
        if each.op_type == "Gemm":
            a, b, c = operands
            result = a @ (b.T if attributes.get("transB") else b) * attributes.get("alpha", 1.0)
            result = result + attributes.get("beta", 1.0) * c
        elif each.op_type == "Concat":
            result = jnp.concatenate(operands, axis=attributes["axis"])
        elif each.op_type == "Transpose":
            result = jnp.transpose(operands[0], attributes["perm"])
        elif each.op_type == "Reshape":
            result = jnp.reshape(operands[0], [int(size) for size in operands[1]])
        elif each.op_type == "Slice":
            result = operands[0][:, int(operands[1][0]) : int(operands[2][0])]
        elif each.op_type in attributed:
            result = attributed[each.op_type](operands, attributes)
        else:
            result = RULES[each.op_type](*operands)
        values[each.outputs[0].name] = result
    return values["y"][0]


def check_against_jax(
    model: onnx.ModelProto,
    order: int,
    *,
    tolerance: float = 1e-9,
    rows: int = 2,
    attributed: Mapping[str, Any] = NONE,
) -> None:
    loaded = load_model(model)
    coordinates = loaded.graph.inputs[0].shape[-1]
    x = np.random.default_rng(7).uniform(-1, 1, (rows, coordinates))
    found = evaluate(derive_unoptimized(loaded, order), {"x": x})
    nested = [lambda point: call(loaded, point, attributed)]
    for _ in range(order):
        nested.append(jax.jacfwd(nested[-1]))
    compiled = jax.jit(lambda point: [function(point) for function in nested])
    results = [compiled(point) for point in jnp.asarray(x)]
    for k in range(order + 1):
        expected = np.stack([np.asarray(result[k]) for result in results])
        for index in combinations_with_replacement(range(coordinates), k):
            name = "y" + ("_d" + "".join(map(str, index)) if k else "")
            reference = expected[(slice(None), slice(None), *index)]
            scale = max(float(np.abs(reference).max()), 1e-3 * float(np.abs(expected).max()), 1e-300)
            assert float(np.abs(found[name] - reference).max()) <= tolerance * scale, name


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("operator", UNARY)
def test_unary_operators_agree_with_jax_to_order_4(operator: str, coordinates: int) -> None:
    check_against_jax(model_of([node(operator, ["u"], "y")], coordinates, ["N", WIDTH]), 4)


@pytest.mark.parametrize("coordinates", [1, 2, 3])
@pytest.mark.parametrize("operator", BINARY)
def test_binary_operators_agree_with_jax_to_order_4(operator: str, coordinates: int) -> None:
    check_against_jax(model_of([node(operator, ["u", "v"], "y")], coordinates, ["N", WIDTH]), 4)


@pytest.mark.parametrize("coordinates", [1, 2, 3])
def test_structural_operators_agree_with_jax_to_order_4(coordinates: int) -> None:
    nodes = [
        node("Greater", ["v", "u"], "larger"),
        node("Where", ["larger", "u", "v"], "w"),
        node("Concat", ["w", "x", "u"], "joined", axis=1),
        node("Slice", ["joined", "start", "end", "axis"], "cut"),
        node("Reshape", ["cut", "cube"], "c"),
        node("Transpose", ["c"], "t", perm=[0, 2, 1]),
        node("Reshape", ["t", "flat"], "f"),
        node("Gemm", ["f", "weight", "bias"], "y", alpha=0.5, beta=2.0, transB=1),
    ]
    generator = np.random.default_rng(3)
    extra = {
        "start": np.array([1]),
        "end": np.array([7]),
        "axis": np.array([1]),
        "cube": np.array([-1, 2, 3]),
        "flat": np.array([-1, 6]),
        "weight": generator.normal(size=(2, 6)),
        "bias": generator.normal(size=2),
    }
    check_against_jax(model_of(nodes, coordinates, ["N", 2], extra), 4)


@pytest.mark.parametrize("activation", ["Sin", "Tanh", "Sigmoid", "Softplus", "Exp"])
def test_networks_agree_with_jax(activation: str) -> None:
    check_against_jax(perceptron([2, 8, 8, 2], activation, dtype=np.float64), 4)


def test_the_benchmark_siren_agrees_with_jax_to_order_3() -> None:
    check_against_jax(siren(dtype=np.float64), 3, rows=1)


def operator_by_jax(operator: str, function: Any, coordinates: int) -> Any:
    """A named operator at one row, [d] -> its result, by nested differentiation of y: [d] -> [m]."""
    jacobian = jax.jacfwd(function)
    hessian = jax.jacfwd(jax.jacfwd(function))
    laplacian = lambda f: lambda x: jnp.trace(jax.jacfwd(jax.jacfwd(f))(x), axis1=-2, axis2=-1)  # noqa: E731
    direction = jnp.arange(1.0, coordinates + 1)
    along = lambda f: lambda x: jax.jvp(f, (x,), (direction,))[1]  # noqa: E731

    def curl(x: Any) -> Any:
        j = jacobian(x)
        if coordinates == 2:
            return jnp.array([j[1, 0] - j[0, 1]])
        return jnp.array([j[2, 1] - j[1, 2], j[0, 2] - j[2, 0], j[1, 0] - j[0, 1]])

    operators = {
        "gradient": lambda x: jacobian(x)[0],
        "jacobian": jacobian,
        "hessian": hessian,
        "laplacian": laplacian(function),
        "biharmonic": laplacian(laplacian(function)),
        "divergence": lambda x: jnp.trace(jacobian(x))[None],
        "curl": curl,
        "directional2": along(along(function)),
    }
    return operators[operator]


@pytest.mark.parametrize("coordinates", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "operator",
    ["gradient", "jacobian", "hessian", "laplacian", "biharmonic", "divergence", "curl", "directional2"],
)
def test_named_operators_agree_with_jax(operator: str, coordinates: int) -> None:
    if operator == "curl" and coordinates not in (2, 3):
        pytest.skip("curl has a meaning in 2 and 3 coordinates")
    columns = {"gradient": 1, "divergence": coordinates, "curl": coordinates}.get(operator, 2)
    model = load_model(perceptron([coordinates, 6, 6, columns], "Tanh", dtype=np.float64, seed=coordinates))
    x = np.random.default_rng(7).uniform(-1, 1, (2, coordinates))
    direction = [float(i) for i in range(1, coordinates + 1)]
    graph = derive_unoptimized(model, None, outputs=[operator], direction=direction)
    found = evaluate(graph, {"x": x})[f"y_{operator}"]
    function = operator_by_jax(operator, lambda point: call(model, point), coordinates)
    reference = np.stack([np.asarray(function(point)) for point in jnp.asarray(x)])
    assert found.shape == reference.shape
    np.testing.assert_allclose(found, reference, rtol=0, atol=1e-9 * float(np.abs(reference).max()))
