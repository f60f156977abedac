"""Generated pointwise regions, sources, forks and sinks equal the bit-true model; operands out of place are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.hardware.generate import generate_design
from inrarch.hardware.layout import parse_layout
from inrarch.hardware.region import build_region
from inrarch.hardware.region_cpp import render_region
from inrarch.hardware.vectors import write_vectors
from inrarch.numeric.choose import Widths
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples
from tests.hardware import small_design
from tests.hardware.compiling import simulate
from tests.hardware.random_region import ROWS, random_model, region_network


@pytest.mark.parametrize(
    ("seed", "features", "inputs", "lanes", "bits", "factor_bits"),
    [(1, 6, 1, 3, 24, 18), (2, 5, 2, 1, 16, None), (3, 4, 3, 4, 32, None), (4, 1, 2, 1, 20, 7)],
)
def test_random_regions_equal_the_bit_true_model(
    tmp_path: Path, seed: int, features: int, inputs: int, lanes: int, bits: int, factor_bits: int | None
) -> None:
    model = random_model(seed, features, inputs)
    samples = box_samples((-1.05,), (1.05,), features * inputs, 200, seed, corners=False)
    formats = quantize(model, Widths(bits, 18, 0, factor_bits), samples, samples)
    assert bool(formats.factors) == (factor_bits is not None)
    layout = parse_layout(region_network(model, features, lanes, bits))
    depths = {stream.name: 2 for stream in layout.streams}
    design = generate_design(model, formats, layout, depths, tmp_path, part=None, clock_period_ns=4)
    # Twice the calibrated range (the input format holds -2 to 2), so that values saturate.
    points = box_samples((-4.0,), (4.0,), features * inputs, 5 * ROWS + 3, 9, corners=False)
    vectors = write_vectors(model, formats, design, points, tmp_path / "data")
    result = simulate(tmp_path, design, tmp_path / "out")
    assert vectors.saturations > 0
    assert (result["rows"], result["mismatches"], result["last_errors"], result["left_over"]) == (43, 0, 0, 0)
    assert {stream["high_water"] <= stream["depth"] for stream in result["streams"]} == {True}


def test_sine_and_cosine_of_one_argument_share_its_range_reduction() -> None:
    graph = small_design.model()
    layout = parse_layout(small_design.network())
    unit = next(unit for unit in layout.units if unit.kernel == "pointwise")
    region = build_region(
        unit, layout, {str(node.name): node for node in graph.graph}, small_design.number_formats(graph)
    )
    text = render_region(region, "sine")
    assert [rom.name for rom in text.roms] == ["sine_seed"]
    assert sum("inrarch::turns<" in statement for statement in text.statements) == 1
    assert [instruction.operator for instruction in region.instructions] == ["Sin", "Cos", "Mul"]


@pytest.mark.parametrize(
    ("nodes", "outputs", "message"),
    [
        (["n_s", "n_ds"], ["s"], "unit 'sine', node 'n_ds': operand 'c' does not reach this unit"),
        (["n_z"], ["z"], "unit 'sine', node 'n_z': operator 'Gemm' is not elementwise; expected "),
        (["n_s"], ["s", "y"], "unit 'sine': output 'y' is not computed by this unit"),
    ],
)
def test_a_region_that_does_not_fit_the_graph_is_refused(nodes: list[str], outputs: list[str], message: str) -> None:
    graph = small_design.model()
    network = small_design.network()
    network["processes"][2]["parameters"] |= {"nodes": nodes, "output_fields": outputs}
    layout = parse_layout(network)
    formats = small_design.number_formats(graph)
    with pytest.raises(UserError) as caught:
        build_region(layout.units[2], layout, {str(node.name): node for node in graph.graph}, formats)
    assert str(caught.value).startswith(message)


def test_a_constant_that_differs_between_rows_is_refused() -> None:
    graph = small_design.model()
    formats = small_design.number_formats(graph)
    network = small_design.network()
    network["processes"][2]["parameters"]["features"] = 3
    layout = parse_layout(network)
    with pytest.raises(UserError) as caught:
        build_region(layout.units[2], layout, {str(node.name): node for node in graph.graph}, formats)
    assert str(caught.value) == (
        "unit 'sine', node 'n_ds': constant 'seed' of shape [1, 8] differs between rows; "
        "expected one number, or 3, one per feature"
    )
