"""Accuracy of the trained benchmark network, as docs/numbers.md has it: rows that calibration has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.derivatives.recorded import output_orders
from inrarch.graph.load import load_model
from inrarch.numeric.choose import Widths
from inrarch.numeric.judge import Judge
from inrarch.numeric.proofs import proven_formats
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_of, box_samples

MODEL = Path(__file__).parents[2] / "projects/siren_image/model.onnx"
ROWS = 8192
TEST = box_samples((-1.0,), (1.0,), 2, ROWS, (0, 1), corners=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("order", "widths", "limits"),
    [
        (2, Widths(24, 18, 2), {1: 3e-3, 2: 5e-3}),
        (2, Widths(24, 18, 2, 18), {1: 3e-3, 2: 5e-3}),
        (2, Widths(27, 24, 2), {1: 1e-4, 2: 2e-4}),
        (4, Widths(24, 18, 2, 18), {1: 3e-3, 2: 5e-3, 3: 5e-3, 4: 5e-3}),
        (4, Widths(27, 24, 2), {1: 1e-4, 2: 2e-4, 3: 2e-4, 4: 2e-4}),
    ],
)
def test_the_trained_network_meets_its_targets(order: int, widths: Widths, limits: dict[int, float]) -> None:
    graph = derive_graph(load_model(MODEL), order=order, method="taylor", optimize=True)
    calibration = box_samples((-1.0,), (1.0,), 2, ROWS, (0, 0), corners=True)
    formats = quantize(graph, widths, calibration, TEST)
    assert (formats.samples, formats.overflows) == (ROWS, 0)
    for name, number in output_orders(graph).items():
        assert formats.errors[name].max_rel <= limits.get(number, limits[1]), name


@pytest.mark.slow
def test_formats_from_bounds_meet_the_targets_of_one_multiplier() -> None:
    """Overflow is proven impossible, and the second derivatives still have 0.5 %."""
    graph = derive_graph(load_model(MODEL), order=2, method="taylor", optimize=True)
    formats = proven_formats(graph, box_of((-1.0,), (1.0,), 2), Widths(24, 18, 0, 18))
    judged = Judge(graph, TEST).measure(formats)
    assert judged.overflows == 0
    worst = dict.fromkeys(range(3), 0.0)
    for name, number in output_orders(graph).items():
        worst[number] = float(np.maximum(worst[number], judged.errors[name].max_rel))
    assert worst[1] <= 3e-3
    assert worst[2] <= 5e-3
