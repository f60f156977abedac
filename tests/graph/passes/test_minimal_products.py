"""Towers of the usual architectures have as few matrix products as their layers and coefficients demand.

With C = C(n + d, d) coefficients: a layer that reads computed features takes C products. One that reads the coordinates
(or what is linear in them) takes 1: its first derivatives are constant, the others 0. A skip connection of the
coordinates counts as such a layer.
"""

from collections.abc import Callable
from math import comb

import numpy as np
import onnx
import onnx_ir as ir
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.graph.count import count
from inrarch.graph.equivalence import differences
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize
from tests.graph.passes.graphs import operators, random_feeds
from tests.graph.passes.networks import (
    WIDTH,
    fourier_features,
    modified,
    multiplicative,
    positional_encoding,
    residual,
    skip_connection,
    weight_normalised,
)
from tests.models import siren

Build = Callable[[int], onnx.ModelProto]


def benchmark(d: int) -> onnx.ModelProto:
    return siren((d, WIDTH, WIDTH, WIDTH, WIDTH, 1), dtype=np.float64)


ARCHITECTURES: dict[Build, tuple[int, int]] = {
    benchmark: (1, 4),
    skip_connection: (2, 3),
    fourier_features: (1, 3),
    multiplicative: (4, 4),
    modified: (3, 3),
    residual: (1, 5),
    weight_normalised: (1, 3),
}
"""Layers that read the coordinates, and layers that read features."""


def optimized(build: Build, d: int, order: int) -> ir.Model:
    return optimize(derive_graph(load_model(build(d)), order=order, method="taylor", optimize=False))[0]


@pytest.mark.parametrize(("d", "order"), [(1, 2), (2, 1), (2, 2), (3, 2), (2, 3)])
@pytest.mark.parametrize("build", ARCHITECTURES)
def test_towers_have_the_fewest_products(build: Build, d: int, order: int) -> None:
    graph = optimized(build, d, order)
    first, others = ARCHITECTURES[build]
    assert count(graph).matmuls == first + others * comb(order + d, d)
    assert not {"Expand", "Shape", "Identity", "Reshape", "Transpose", "Div"} & set(operators(graph))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_a_skip_connection_multiplies_no_known_numbers(order: int) -> None:
    counts = count(optimized(skip_connection, 2, order))
    coefficients = comb(order + 2, 2)
    assert counts.macs_per_row == 2 * WIDTH + 2 * WIDTH + coefficients * (2 * WIDTH * WIDTH + WIDTH)
    assert "Concat" not in counts.operators


@pytest.mark.parametrize("order", [1, 2])
def test_an_encoding_is_multiplied_only_where_it_is_not_known(order: int) -> None:
    """Coordinates: at order 0 only. Sines and cosines: where all derivatives are by one coordinate."""
    counts = count(optimized(positional_encoding, 2, order))
    encoded = 2 * (2 * (2 * 2) * WIDTH)  # by both layers, for each coefficient: two octaves, sin and cos, d = 2
    features = WIDTH * WIDTH + WIDTH
    coefficients = comb(order + 2, 2)
    assert counts.macs_per_row == 2 * (2 * WIDTH) + (1 + 2 * order) * encoded + coefficients * features


@pytest.mark.parametrize("build", [*ARCHITECTURES, positional_encoding])
def test_their_results_stay(build: Build) -> None:
    before = derive_graph(load_model(build(2)), order=3, method="taylor", optimize=False)
    after, _ = optimize(before)
    feeds = random_feeds(before)
    assert max(differences(evaluate(before, feeds), evaluate(after, feeds)).values()) < 1e-12
