"""Random graphs over all operators against nested forward differentiation by JAX in float64."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pytest

from inrarch.graph.evaluate import evaluate
from inrarch.ops import operators
from tests.derive_and_compare import ROWS, derive_unoptimized
from tests.fuzz.graphs import Case, random_case

pytestmark = pytest.mark.oracle
jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402

from tests.fuzz.in_jax import RULES, call  # noqa: E402

TOLERANCE = 1e-8
"""As against power series: relative to the largest entry, or 1."""


def points(case: Case) -> dict[str, Any]:
    """Uniform in [-1, 1]; free sizes are ROWS."""
    generator = np.random.default_rng(3)
    return {
        value.name: generator.uniform(-1, 1, [size.dim_value or ROWS for size in value.type.tensor_type.shape.dim])
        for value in case.model.graph.input
    }


def check_against_jax(case: Case) -> None:
    """Every derivative of every output; the rows are independent, so that one shift of all rows differentiates all."""
    feeds = points(case)
    found = evaluate(derive_unoptimized(case.model, case.order, wrt=list(case.wrt)), feeds)
    sizes = [feeds[name].shape[-1] for name in case.wrt]

    def shifted(shift: Any) -> Any:
        parts = jnp.split(shift, np.cumsum(sizes)[:-1])
        moved = {name: feeds[name] + part for name, part in zip(case.wrt, parts, strict=True)}
        return call(case.model, {name: jnp.asarray(array) for name, array in feeds.items()} | moved)

    tower: list[Any] = [shifted]
    for _ in range(case.order):
        tower.append(jax.jacfwd(tower[-1]))
    every = jax.jit(lambda shift: [function(shift) for function in tower])(jnp.zeros(sum(sizes)))
    for k, outputs in enumerate(every):
        for output, array in outputs.items():
            for index in combinations_with_replacement(range(sum(sizes)), k):
                name = output + ("_d" + "".join(map(str, index)) if k else "")
                expected = np.asarray(array)[(..., *index)]
                assert found[name].shape == expected.shape, name
                scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
                assert float(np.abs(found[name] - expected).max(initial=0.0)) <= TOLERANCE * scale, name


@pytest.mark.parametrize("seed", range(5000, 5100))
def test_derivatives_of_a_random_graph_agree_with_jax(seed: int) -> None:
    check_against_jax(random_case(seed))


def test_jax_judges_every_operator() -> None:
    assert set(RULES) | {"Constant"} == set(operators())
