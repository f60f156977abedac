"""What widths cost on a multiplier block."""

from __future__ import annotations

import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.graph.load import load_model
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.samples import box_samples
from inrarch.numeric.width_cost import macs_by_weight, saving_factor_bits, weight_sizes, width_cost
from tests.models import siren


def test_tiles_are_counted_per_row() -> None:
    """2-8-8-1, order 1: per row 16 + 3 * 64 + 3 * 8 products in layers, and the jets' own."""
    graph = derive_graph(load_model(siren((2, 8, 8, 1))), order=1, method="taylor", optimize=True)
    samples = box_samples((-1.0,), (1.0,), 2, 64, 0, corners=False)
    largest = largest_magnitudes(graph, samples)
    macs = macs_by_weight(graph)
    assert sum(macs.values()) == 16 + 3 * 64 + 3 * 8
    assert sum(weight_sizes(graph).values()) == 16 + 64 + 8
    products = sum(node.op_type == "Mul" for node in graph.graph) * 8
    whole = width_cost(graph, choose_formats(graph, largest, Widths(24, 18, 2)), (27, 18))
    rounded = width_cost(graph, choose_formats(graph, largest, Widths(24, 18, 2, 18)), (27, 18))
    assert rounded.tiles == sum(macs.values()) + products
    # In the first layer one factor is a constant, of 24 bits like the data.
    assert whole.tiles == sum(macs.values()) + 2 * products
    assert whole.bits == sum(macs.values()) * (24 + 18)
    assert whole.memory == (16 + 64 + 8) * 18
    one = max(macs, key=lambda name: macs[name])
    mixed = width_cost(graph, choose_formats(graph, largest, Widths(27, 18, 2, 18, weights={one: 24})), (27, 18))
    assert mixed.tiles == rounded.tiles + macs[one]
    assert rounded < mixed


@pytest.mark.parametrize(
    ("data_bits", "multiplier", "expected"),
    [
        (24, (27, 18), 18),
        (27, (27, 18), 18),
        (32, (27, 18), 27),
        (18, (27, 18), None),
        (24, (27, 24), None),
        (24, (18, 18), 18),
        (24, (25, 18), 18),
    ],
)
def test_the_widest_factor_that_saves_multipliers(
    data_bits: int, multiplier: tuple[int, int], expected: int | None
) -> None:
    assert saving_factor_bits(data_bits, multiplier) == expected
