"""The plate: deflection, Laplacian and biharmonic against the solution of the equation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.projects.example import derivatives, model, project

NAMES = ("w", "w_laplacian", "w_biharmonic")


def test_it_asks_for_what_the_equation_is_written_in() -> None:
    (variant,) = project("pinn_tanh").variants
    assert variant.derivatives.outputs == NAMES
    assert [node.op_type for node in model("pinn_tanh").graph].count("Tanh") == 3


@pytest.mark.parametrize(
    ("name", "factor", "rms"),
    [("w", 1, 4e-4), ("w_laplacian", -(np.pi**2) / 2, 3e-4), ("w_biharmonic", np.pi**4 / 4, 4e-3)],
)
def test_it_solves_the_equation(name: str, factor: float, rms: float) -> None:
    """The solution is an eigenfunction of the Laplacian: w = cos(pi x / 2) cos(pi y / 2)."""
    at = np.random.default_rng(0).uniform(-1, 1, (4000, 2))
    solution = np.cos(np.pi / 2 * at).prod(axis=1, keepdims=True)
    found = derivatives("pinn_tanh", at, name) if name != "w" else derivatives("pinn_tanh", at, "w", "w_d0")
    assert np.sqrt(np.mean((found[name] / factor - solution) ** 2)) < rms


def test_its_edges_are_simply_supported() -> None:
    along = np.linspace(-1, 1, 101)
    edge = np.concatenate([np.stack([np.full(101, side), along], axis=1) for side in (-1.0, 1.0)])
    for at in (edge, edge[:, ::-1]):
        found = derivatives("pinn_tanh", at, "w", "w_laplacian")
        assert np.abs(found["w"]).max() < 2e-3
        assert np.abs(found["w_laplacian"]).max() < 1e-2
