"""Derivatives by parameters, products with vectors, and their mixtures with coordinates, against JAX in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from onnx import helper

from inrarch.derivatives.expand import expand
from inrarch.derivatives.parameters import gradient, hessian, hessian_vector_product, jacobian, parameters_as_inputs
from inrarch.derivatives.products import jacobian_vector_product, vector_jacobian_product
from inrarch.derivatives.request import make_request
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from tests.models import build_model, perceptron, siren

pytestmark = pytest.mark.oracle
jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402

ACTIVATIONS: dict[str, Any] = {
    "Tanh": jnp.tanh,
    "Sigmoid": jax.nn.sigmoid,
    "Softplus": jax.nn.softplus,
    "Sin": jnp.sin,
    "Exp": jnp.exp,
}


def close(found: Any, expected: Any, tolerance: float = 1e-10) -> None:
    expected = np.asarray(expected)
    assert found.shape == expected.shape
    assert np.abs(expected).max() > 1e-6
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


def weights(model: ir.Model) -> dict[str, Any]:
    return {name: jnp.asarray(value.const_value.numpy()) for name, value in model.graph.initializers.items()}


def apply_perceptron(parameters: dict[str, Any], x: Any, activation: str) -> Any:
    layers = sum(name.startswith("w") for name in parameters)
    for layer in range(layers):
        x = x @ parameters[f"w{layer}"] + parameters[f"b{layer}"]
        x = ACTIVATIONS[activation](x) if layer < layers - 1 else x
    return x


def apply_siren(parameters: dict[str, Any], x: Any) -> Any:
    layers = sum(name.endswith("weight") for name in parameters)
    for layer in range(layers):
        x = x @ parameters[f"net.{layer}.weight"].T + parameters[f"net.{layer}.bias"]
        x = jnp.sin(parameters["w0"] * x) if layer < layers - 1 else x
    return x


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_gradients_hessians_and_products(activation: str) -> None:
    model = load_model(perceptron([2, 4, 3, 1], activation, dtype=np.float64))
    parameters, generator = weights(model), np.random.default_rng(0)
    names = list(parameters)
    x = generator.uniform(-1, 1, (5, 2))
    total = lambda given: apply_perceptron(given, x, activation).sum()  # noqa: E731
    found = evaluate(hessian(model, ["y"], names), {"x": x})
    first, second = jax.grad(total)(parameters), jax.hessian(total)(parameters)
    for position, row in enumerate(names):
        if np.abs(first[row]).max() > 1e-6:
            close(found[f"y_d:{row}"], first[row])
        for column in names[position:]:
            expected = np.asarray(second[row][column])
            scale = max(1.0, np.abs(expected).max())
            assert found[f"y_d:{row}:{column}"].shape == expected.shape
            assert np.abs(found[f"y_d:{row}:{column}"] - expected).max() <= 1e-10 * scale
    vectors = {name: generator.normal(size=np.shape(array)) for name, array in parameters.items()}
    found = evaluate(
        hessian_vector_product(model, ["y"], names), {"x": x, **{f"v:{name}": each for name, each in vectors.items()}}
    )
    _, expected = jax.jvp(jax.grad(total), (parameters,), (vectors,))
    for name in names:
        scale = max(1.0, np.abs(expected[name]).max())
        assert np.abs(found[f"y_dv:{name}"] - expected[name]).max() <= 1e-10 * scale


def test_the_benchmark_siren_by_all_weights() -> None:
    model = load_model(siren((2, 256, 256, 256, 256, 1), dtype=np.float64))
    parameters, generator = weights(model), np.random.default_rng(0)
    names = [name for name in parameters if name != "w0"]
    x = generator.uniform(-1, 1, (8, 2))
    total = lambda given: apply_siren({**parameters, **given}, x).sum()  # noqa: E731
    given = {name: parameters[name] for name in names}
    vectors = {name: generator.normal(size=np.shape(parameters[name])) for name in names}
    feeds = {"x": x, **{f"v:{name}": each for name, each in vectors.items()}}
    found = evaluate(hessian_vector_product(model, ["y"], names), feeds)
    first, along = jax.jvp(jax.grad(total), (given,), (vectors,))
    for name in names:
        close(found[f"y_d:{name}"], first[name], 1e-9)
        if name != "net.4.bias":
            close(found[f"y_dv:{name}"], along[name], 1e-9)


def test_jacobians_of_rows_and_products_with_vectors() -> None:
    model = load_model(siren((2, 6, 5, 3), dtype=np.float64, w0=4.0))
    parameters, generator = weights(model), np.random.default_rng(0)
    x = generator.uniform(-1, 1, (4, 2))
    chosen = ["net.0.weight", "net.1.bias", "w0"]
    function = lambda given, at: apply_siren({**parameters, **given}, at)  # noqa: E731
    given = {name: parameters[name] for name in chosen}
    found = evaluate(jacobian(model, ["y"], chosen), {"x": x})
    for name, expected in jax.jacfwd(function)(given, x).items():
        close(found[f"y_J:{name}"], expected)
    vector = generator.normal(size=(4, 3))
    found = evaluate(vector_jacobian_product(model, ["y"], ["x", *chosen]), {"x": x, "v:y": vector})
    _, back = jax.vjp(function, given, x)
    by_parameter, by_x = back(vector)
    close(found["vjp:x"], by_x)
    for name, expected in by_parameter.items():
        close(found[f"vjp:{name}"], expected)
    vectors = {name: generator.normal(size=np.shape(array)) for name, array in {**given, "x": x}.items()}
    graph = jacobian_vector_product(model, ["y"], ["x", *chosen], 3)
    found = evaluate(graph, {"x": x, **{f"v:{name}": each for name, each in vectors.items()}})
    curve = lambda t: function(  # noqa: E731
        {name: array + t * vectors[name] for name, array in given.items()}, x + t * vectors["x"]
    )
    for order in (1, 2, 3):
        curve = jax.jacfwd(curve)
        close(found["y_d" + "v" * order], curve(0.0))


@pytest.mark.parametrize("index", ["0", "01", "110", "0011"])
def test_weights_of_mixed_partials(index: str) -> None:
    """d/dθ of Σ over rows of a partial derivative of any order: reverse over Taylor."""
    model = load_model(siren((2, 6, 5, 1), dtype=np.float64, w0=3.0))
    parameters = weights(model)
    x = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    name = "y_d" + "".join(sorted(index))
    # the last bias is a parameter of y, but not of its derivatives: y keeps it in the model
    expanded = expand(model, make_request(model, wrt="x", outputs=["y", name]))
    found = evaluate(gradient(expanded, [name], list(parameters)), {"x": x})

    def total(given: Any) -> Any:
        function = lambda at: apply_siren(given, at)[0]  # noqa: E731
        for coordinate in index:
            function = (lambda inside, i: lambda at: jax.jacfwd(inside)(at)[i])(function, int(coordinate))
        return jax.vmap(function)(x).sum()

    for parameter, expected in jax.grad(total)(parameters).items():
        if np.abs(expected).max() > 0:
            close(found[f"{name}:{parameter}"], expected, 1e-9)
        else:
            assert not found[f"{name}:{parameter}"].any()


def extended(model: ir.Model, nodes: list[onnx.NodeProto], output: str, shape: list[Any]) -> ir.Model:
    """The model with more nodes, and their result as its only output."""
    proto = to_proto(model)
    graph = proto.graph
    graph.node.extend(nodes)
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(output, graph.input[0].type.tensor_type.elem_type, shape))
    return load_model(proto)


def test_the_loss_of_a_burgers_residual_by_all_weights() -> None:
    """Mean of (u_t + u u_x - ν u_xx)², coordinates (x, t): gradient and Hessian-vector product by all weights."""
    viscosity = 0.01 / np.pi
    model = load_model(perceptron([2, 8, 8, 1], "Tanh", dtype=np.float64))
    parameters, generator = weights(model), np.random.default_rng(0)
    names = ["y", "y_d0", "y_d1", "y_d00"]
    expanded = expand(model, make_request(model, wrt="x", outputs=names))
    nodes = [
        helper.make_node("Mul", ["y", "y_d0"], ["advection"]),
        helper.make_node("Constant", [], ["viscosity"], value=onnx.numpy_helper.from_array(np.array(viscosity))),
        helper.make_node("Mul", ["viscosity", "y_d00"], ["diffusion"]),
        helper.make_node("Add", ["y_d1", "advection"], ["change"]),
        helper.make_node("Sub", ["change", "diffusion"], ["residual"]),
        helper.make_node("Mul", ["residual", "residual"], ["square"]),
        helper.make_node("ReduceMean", ["square"], ["loss"], keepdims=0),
    ]
    loss = extended(expanded, nodes, "loss", [])
    x = generator.uniform(-1, 1, (16, 2))
    vectors = {name: generator.normal(size=np.shape(array)) for name, array in parameters.items()}
    graph = hessian_vector_product(loss, ["loss"], list(parameters))
    found = evaluate(graph, {"x": x, **{f"v:{name}": each for name, each in vectors.items()}})

    def reference(given: Any) -> Any:
        u = lambda at: apply_perceptron(given, at, "Tanh")[0]  # noqa: E731
        slopes, curvatures = jax.vmap(jax.grad(u))(x), jax.vmap(jax.hessian(u))(x)
        residual = slopes[:, 1] + jax.vmap(u)(x) * slopes[:, 0] - viscosity * curvatures[:, 0, 0]
        return (residual**2).mean()

    first, along = jax.jvp(jax.grad(reference), (parameters,), (vectors,))
    close(found["loss"], reference(parameters))
    for name in parameters:
        close(found[f"loss_d:{name}"], first[name], 1e-9)
        close(found[f"loss_dv:{name}"], along[name], 1e-9)


def test_logistic_regression() -> None:
    """Mean cross-entropy softplus(z) - t z of z = X w + b: gradient, Hessian, Hessian-vector product."""
    nodes = [
        helper.make_node("Gemm", ["x", "w", "b"], ["z"]),
        helper.make_node("Softplus", ["z"], ["soft"]),
        helper.make_node("Mul", ["t", "z"], ["tz"]),
        helper.make_node("Sub", ["soft", "tz"], ["entropy"]),
        helper.make_node("ReduceMean", ["entropy"], ["loss"], keepdims=0),
    ]
    generator = np.random.default_rng(0)
    w, b = generator.normal(size=(6, 1)), generator.normal(size=1)
    proto = build_model(nodes, {"x": ["N", 6], "t": ["N", 1]}, {"loss": []}, {"w": w, "b": b}, dtype=np.float64)
    model = load_model(proto)
    x, t = generator.normal(size=(20, 6)), (generator.uniform(size=(20, 1)) > 0.5).astype(float)
    loss = lambda w, b: (jax.nn.softplus(x @ w + b) - t * (x @ w + b)).mean()  # noqa: E731
    found = evaluate(hessian(model, ["loss"], ["w", "b"]), {"x": x, "t": t})
    for position, name in enumerate("wb"):
        close(found[f"loss_d:{name}"], jax.grad(loss, position)(w, b))
    expected = jax.hessian(loss, (0, 1))(jnp.asarray(w), jnp.asarray(b))
    close(found["loss_d:w:w"], expected[0][0])
    close(found["loss_d:w:b"], expected[0][1])
    close(found["loss_d:b:b"], expected[1][1])


@pytest.mark.parametrize(("dilation", "groups", "stride"), [(1, 1, 1), (2, 1, 1), (4, 2, 1), (2, 1, 2)])
def test_dilated_convolutions_in_one_dimension(dilation: int, groups: int, stride: int) -> None:
    """Two causal layers as in a WaveNet, and the mean of squares: by signal and by kernels."""
    generator = np.random.default_rng(0)
    weights = {
        "k0": generator.normal(size=(4, 2, 3)) / 2,
        "b0": generator.normal(size=4),
        "k1": generator.normal(size=(2, 4 // groups, 3)) / 2,
    }
    common = {"kernel_shape": [3], "dilations": [dilation], "pads": [2 * dilation, 0], "strides": [stride]}
    nodes = [
        helper.make_node("Conv", ["x", "k0", "b0"], ["c0"], **common),
        helper.make_node("Tanh", ["c0"], ["a0"]),
        helper.make_node("Conv", ["a0", "k1"], ["y"], group=groups, **common),
        helper.make_node("Mul", ["y", "y"], ["square"]),
        helper.make_node("ReduceMean", ["square"], ["loss"], keepdims=0),
    ]
    length = 17
    signal: list[Any] = ["N", 2, length]
    shapes: dict[str, Any] = {"y": ["N", 2, None], "loss": []}
    model = load_model(build_model(nodes, {"x": signal}, shapes, weights, dtype=np.float64))
    x = generator.normal(size=(3, 2, length))

    def apply(given: dict[str, Any], at: Any) -> Any:
        def convolved(u: Any, kernel: Any, parts: int) -> Any:
            return jax.lax.conv_general_dilated(
                u, kernel, (stride,), [(2 * dilation, 0)], rhs_dilation=(dilation,), feature_group_count=parts
            )

        return convolved(jnp.tanh(convolved(at, given["k0"], 1) + given["b0"][:, None]), given["k1"], groups)

    loss = lambda given, at: (apply(given, at) ** 2).mean()  # noqa: E731
    given = {name: jnp.asarray(array) for name, array in weights.items()}
    vectors = {name: generator.normal(size=array.shape) for name, array in weights.items()}
    graph = hessian_vector_product(model, ["loss"], list(weights))
    found = evaluate(graph, {"x": x, **{f"v:{name}": each for name, each in vectors.items()}})
    first, along = jax.jvp(jax.grad(loss), (given, x), (vectors, np.zeros(x.shape)))
    for name in weights:
        close(found[f"loss_d:{name}"], first[name])
        close(found[f"loss_dv:{name}"], along[name])
    y, back = jax.vjp(apply, given, x)
    vector = generator.normal(size=y.shape)
    graph = vector_jacobian_product(model, ["y"], ["x", *weights])
    found = evaluate(graph, {"x": x, "v:y": vector})
    by_parameter, by_x = back(vector)
    close(found["vjp:x"], by_x)
    for name in weights:
        close(found[f"vjp:{name}"], by_parameter[name])


def test_a_meta_gradient_through_an_inner_step() -> None:
    """MAML: θ' = θ - α ∂L(θ; support)/∂θ, then ∂L(θ'; query)/∂θ: reverse over reverse, with weights as inputs."""
    rate = 0.1
    nodes = [
        helper.make_node("Gemm", ["x", "w0", "b0"], ["h"]),
        helper.make_node("Tanh", ["h"], ["a"]),
        helper.make_node("Gemm", ["a", "w1", "b1"], ["y"]),
        helper.make_node("Sub", ["y", "t"], ["e"]),
        helper.make_node("Mul", ["e", "e"], ["square"]),
        helper.make_node("ReduceMean", ["square"], ["loss"], keepdims=0),
    ]
    generator = np.random.default_rng(0)
    theta = {"w0": (1, 8), "b0": (8,), "w1": (8, 1), "b1": (1,)}
    arrays = {name: generator.normal(size=shape) for name, shape in theta.items()}
    proto = build_model(nodes, {"x": ["N", 1], "t": ["N", 1]}, {"loss": []}, arrays, dtype=np.float64)
    free = parameters_as_inputs(load_model(proto), list(theta))
    support = to_proto(gradient(free, ["loss"], list(theta)))
    query = onnx.compose.add_prefix(to_proto(free), "query/")
    steps = []
    for name in theta:
        steps += [
            helper.make_node("Mul", [f"loss_d:{name}", "rate"], [f"step/{name}"], name=f"step/{name}"),
            helper.make_node("Sub", [name, f"step/{name}"], [f"query/{name}"], name=f"adapted/{name}"),
        ]
    graph = helper.make_graph(
        [*support.graph.node, *steps, *query.graph.node],
        "maml",
        [*support.graph.input, *(value for value in query.graph.input if value.name in ("query/x", "query/t"))],
        list(query.graph.output),
        [
            *support.graph.initializer,
            *query.graph.initializer,
            onnx.numpy_helper.from_array(np.array(rate), "rate"),
        ],
    )
    adapted = load_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8))
    feeds = {"x": generator.normal(size=(5, 1)), "t": generator.normal(size=(5, 1))}
    feeds |= {"query/x": generator.normal(size=(7, 1)), "query/t": generator.normal(size=(7, 1))}
    found = evaluate(gradient(adapted, ["query/loss"], list(theta)), {**feeds, **arrays})

    def loss(given: Any, x: Any, t: Any) -> Any:
        y = jnp.tanh(x @ given["w0"] + given["b0"]) @ given["w1"] + given["b1"]
        return ((y - t) ** 2).mean()

    def outer(given: Any) -> Any:
        slopes = jax.grad(loss)(given, feeds["x"], feeds["t"])
        return loss({name: given[name] - rate * slopes[name] for name in given}, feeds["query/x"], feeds["query/t"])

    close(found["query/loss"], outer(arrays))
    for name, expected in jax.grad(outer)(arrays).items():
        close(found[f"query/loss_d:{name}"], expected)
