"""JAX, jitted: nested Jacobians, nested directional derivatives, and Taylor mode (jax.experimental.jet)."""

from __future__ import annotations

from collections.abc import Callable
from math import comb
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import jet

from benchmarks.derivative_methods.problem import (
    COORDINATES,
    W0,
    Array,
    Method,
    Prepared,
    Problem,
    from_full,
    indices,
    layers,
    name_of,
)

Function = Callable[[Any], Any]


def forward(problem: Problem) -> Prepared:
    """Jitted vmap of nested jacfwd; XLA computes equal things once."""
    return _jacobians(problem, [jax.jacfwd] * problem.order)


def forward_over_reverse(problem: Problem) -> Prepared:
    """Jitted vmap of nested jacfwd of jacrev."""
    return _jacobians(problem, [jax.jacrev] + [jax.jacfwd] * (problem.order - 1))


def directional(problem: Problem) -> Prepared:
    """Jitted nested jvp along the coordinates, for each distinct partial; XLA computes equal things once."""
    wanted = indices(problem.order)

    def partials(x: Any) -> list[Any]:
        results = []
        for index in wanted:
            function = _network()
            for coordinate in index:
                function = _along(function, coordinate)
            results.append(function(x))
        return results

    return _compiled(problem, partials, lambda results: {name_of(i): r for i, r in zip(wanted, results, strict=True)})


def taylor(problem: Problem) -> Prepared:
    """Jitted jet along order + 1 directions of the plane, and from these the partials of each order.

    The k-th derivative along (cos t, sin t) is Σ_j C(k, j) cos^(k-j) sin^j y_(0…01…1).
    """
    order = problem.order
    angles = np.pi * (np.arange(order + 1) + 0.5) / (order + 1)
    directions = jnp.asarray(np.stack([np.cos(angles), np.sin(angles)], axis=1), jnp.float32)
    inverses = [jnp.asarray(np.linalg.pinv(_polarisation(angles, k)), jnp.float32) for k in range(1, order + 1)]
    network = _network()

    def along(x: Any, direction: Any) -> Any:
        series = (jnp.broadcast_to(direction, x.shape), *[jnp.zeros_like(x)] * (order - 1))
        return jet.jet(network, (x,), (series,))

    def partials(x: Any) -> list[Any]:
        value, series = jax.vmap(along, in_axes=(None, 0), out_axes=(None, 0))(x, directions)
        return [
            value,
            *(jnp.einsum("jd,dno->jno", inverse, each) for inverse, each in zip(inverses, series, strict=True)),
        ]

    def named(results: list[Any]) -> dict[str, Any]:
        return {name_of(i): results[0] if not i else results[len(i)][sum(i)] for i in indices(order)}

    return _compiled(problem, partials, named)


def _polarisation(angles: Array, order: int) -> Array:
    """[directions, order + 1]"""
    return np.array(
        [[comb(order, j) * np.cos(t) ** (order - j) * np.sin(t) ** j for j in range(order + 1)] for t in angles]
    )


def _network() -> Function:
    weights = [(jnp.asarray(weight), jnp.asarray(bias)) for weight, bias in layers()]

    def network(x: Any) -> Any:
        for weight, bias in weights[:-1]:
            x = jnp.sin(W0 * (x @ weight + bias))
        return x @ weights[-1][0] + weights[-1][1]

    return network


def _along(function: Function, coordinate: int) -> Function:
    unit = jnp.eye(COORDINATES, dtype=jnp.float32)[coordinate]
    return lambda x: jax.jvp(function, (x,), (jnp.broadcast_to(unit, x.shape),))[1]


def _jacobians(problem: Problem, jacobians: list[Any]) -> Prepared:
    functions = [_network()]
    for jacobian in jacobians:
        functions.append(jacobian(functions[-1]))
    return _compiled(problem, lambda x: [jax.vmap(function)(x) for function in functions], from_full)


def _compiled(problem: Problem, function: Function, partials: Callable[[Any], Any]) -> Prepared:
    x = jnp.asarray(problem.x)
    program = jax.jit(function).lower(x).compile()
    return Prepared(lambda: jax.block_until_ready(program(x)), partials)


METHODS: dict[str, Method] = {
    "jax jacfwd": forward,
    "jax fwd-rev": forward_over_reverse,
    "jax jvp": directional,
    "jax jet": taylor,
}
