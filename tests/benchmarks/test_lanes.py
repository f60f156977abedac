"""Rows per second grow with the multipliers, as the closed form says; the plot shows what was measured."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from benchmarks.hardware import Compiled, Design, benchmark_variant, compile_order
from benchmarks.lanes import difference, drawn, sweep, table, whole_board
from benchmarks.svg import svg


@pytest.fixture(scope="module")
def designs() -> list[Design]:
    variant = benchmark_variant()
    compiled: Compiled = compile_order(variant, 1, samples=256, data_bits=24, weight_bits=18)
    return sweep(compiled, variant, 64, 4)


def test_from_one_lane_to_the_whole_board(designs: list[Design]) -> None:
    assert designs[0].lanes == 13  # one of each of the five units, for one coefficient in the first and three in others
    assert [each.lanes for each in designs] == sorted({each.lanes for each in designs})
    board = benchmark_variant().board.resources.dsp
    assert 0.9 * board < designs[-1].dsp <= board


def test_the_closed_form_is_within_one_percent(designs: list[Design]) -> None:
    for each in designs:
        assert abs(difference(each)) < 0.01


def test_rows_per_second_grow_with_the_multipliers(designs: list[Design]) -> None:
    """Within a third: lanes do not divide 256 exactly, and few rows are long on their way through the chain."""
    rates = [each.rows_per_second / each.lanes for each in designs[1:]]
    assert max(rates) < 1.33 * min(rates)


def test_the_table_has_a_line_for_each_design(designs: list[Design]) -> None:
    design = replace(designs[0], lanes=1000, dsp=1200, cycles=20_000, predicted=19_900, rows=64, clock_mhz=300.0)
    assert table([design])[2] == "| 1,000 | 1,200 | 20,000 | 19,900 | -0.50% | 960,000 | 960 |"
    assert len(table(designs)) == 2 + len(designs)


def test_the_plot_is_an_svg_file_with_all_points_on_the_line(designs: list[Design]) -> None:
    plot = drawn(designs, 1)
    root = ElementTree.fromstring(svg(plot))
    space = "{http://www.w3.org/2000/svg}"
    paths = root.findall(f"{space}path")
    tips = [each.findtext(f"{space}title") for each in paths if each.find(f"{space}title") is not None]
    assert tips == [f"{each.lanes:,} multipliers: {each.cycles:,} cycles" for each in designs]
    (line,) = [each.get("d", "") for each in paths if each.get("fill") == "none"]
    corners = [tuple(map(float, part.split())) for part in line.removeprefix("M ").split(" L ")]
    assert len(corners) == len(designs)
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in pairwise(corners))
    texts = [each.text for each in root.findall(f"{space}text")]
    assert {"simulated", "closed form", "rows per second", "multipliers of the matmul units"} <= set(texts)


def test_the_whole_board_is_all_of_it() -> None:
    found = whole_board(benchmark_variant())
    assert (found.dsp, found.bram, found.lut, found.ff, found.dsp_count) == (1.0, 1.0, 1.0, 1.0, None)
