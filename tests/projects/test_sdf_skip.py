"""The signed distance to a ball in a ring: distance, normal and curvature against the shape that it was trained on."""

from __future__ import annotations

import numpy as np

from tests.projects.example import Array, derivatives, folder, model, project

BALL, RING, TUBE = 0.22, 0.56, 0.18


def distance(at: Array) -> Array:
    """Of points [rows, 3]: [rows, 1]."""
    around = np.hypot(at[:, 0], at[:, 1]) - RING
    return np.minimum(np.linalg.norm(at, axis=1) - BALL, np.hypot(around, at[:, 2]) - TUBE)[:, None]


def test_it_has_a_skip_connection_and_softplus_as_pytorch_exports_it() -> None:
    operators = [node.op_type for node in model("sdf_skip").graph]
    assert [operators.count(name) for name in ("Concat", "Softplus", "Where", "Greater")] == [1, 5, 5, 5]
    (variant,) = project("sdf_skip").variants
    assert variant.derivatives.outputs == ("distance", "distance_normal", "distance_mean_curvature")


def test_it_is_a_distance() -> None:
    at = np.random.default_rng(0).uniform(-1, 1, (4000, 3))
    found = derivatives("sdf_skip", at, "distance", "gradient")
    assert np.sqrt(np.mean((found["distance"] - distance(at)) ** 2)) < 0.004
    assert abs(np.median(np.linalg.norm(found["distance_gradient"], axis=1)) - 1) < 0.01


def test_on_the_ball_the_normal_points_outwards_and_the_mean_curvature_is_one_over_the_radius() -> None:
    out = np.random.default_rng(1).normal(size=(1000, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    found = derivatives("sdf_skip", BALL * out, "normal", "mean_curvature")
    assert np.degrees(np.arccos((found["distance_normal"] * out).sum(axis=1).clip(-1, 1))).mean() < 1.5
    assert abs(np.median(found["distance_mean_curvature"]) - 1 / BALL) < 0.1


def test_on_the_ring_the_mean_curvature_is_that_of_a_torus() -> None:
    turn, tilt = np.random.default_rng(2).uniform(0, 2 * np.pi, (2, 2000))
    radius = RING + TUBE * np.cos(tilt)
    at = np.stack([radius * np.cos(turn), radius * np.sin(turn), TUBE * np.sin(tilt)], axis=1)
    found = derivatives("sdf_skip", at, "mean_curvature")["distance_mean_curvature"][:, 0]
    error = found - (1 / TUBE + np.cos(tilt) / radius) / 2
    assert abs(np.median(error)) < 0.05
    assert np.quantile(abs(error), 0.8) < 0.5


def test_its_samples_lie_near_the_surface() -> None:
    samples = np.load(folder("sdf_skip") / "shell.npy")
    assert samples.shape == (20480, 3)
    assert np.abs(distance(samples.astype(np.float64))).max() < 0.0401
