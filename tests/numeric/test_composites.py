"""Activations that are written with tables and products: the worst error of the whole, as docs/numbers.md has it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.lowering.pipeline import lower
from inrarch.numeric.bittrue import run
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.choose import Widths, choose_formats
from tests.models import build_model, node

RANGE = np.linspace(-8, 8, 4001)[:, None]
WORST = {
    ("Elu", ()): 0.6,
    ("Celu", (("alpha", 0.5),)): 0.6,
    ("Selu", ()): 1.0,
    ("Gelu", ()): 1.0,
    ("Gelu", (("approximate", "tanh"),)): 2.1,
    ("Swish", ()): 1.1,
    ("Swish", (("alpha", 1.702),)): 1.1,
    ("HardSwish", ()): 1.0,
    ("Softsign", ()): 4.5,
    ("Mish", ()): 8.8,
}
"""LSB of the output, for inputs in ±8 and as many bits of both."""


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize(("operator", "attributes"), WORST)
def test_errors_of_activations_are_as_stated(operator: str, attributes: tuple[tuple[str, Any], ...], bits: int) -> None:
    """All inputs of 16 bits; of 24 bits, some everywhere and some near 0."""
    layer = node(operator, ["x"], "y", **dict(attributes))
    given = load_model(build_model([layer], {"x": ["N", 1]}, {"y": ["N", 1]}, opset=24))
    graph, _ = lower(given)
    formats = choose_formats(graph, largest_magnitudes(graph, RANGE), Widths(bits, 18, 0))
    source, target = formats.of("x"), formats.of("y")
    integers = np.arange(source.lowest, source.highest + 1)
    if bits > 16:
        draw = np.random.default_rng(bits)
        near = draw.integers(-(2 ** draw.integers(1, bits, 100_000)), 2 ** draw.integers(1, bits, 100_000))
        integers = np.clip(np.concatenate([draw.choice(integers, 100_000), near]), source.lowest, source.highest)
    rows = {"x": np.ldexp(integers.astype(np.float64), -source.frac)[:, None]}
    exact = np.ldexp(evaluate(given, rows)["y"], target.frac)
    assert np.abs(run(graph, formats, rows)["y"] - exact).max() <= WORST[operator, attributes]
