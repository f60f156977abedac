"""The benchmark of INR-Arch: its designs keep their limits, and its table says what was found."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import cache

import pytest

from benchmarks.hardware import Compiled, Design, benchmark_variant, build, compile_order, joules_of, limited, order_of
from benchmarks.inr_editing import COLUMNS, _thousands, as_json, error_table, table
from benchmarks.published import DSP, PUBLISHED
from benchmarks.software import Timing, _failure


@cache
def compiled(order: int) -> Compiled:
    return compile_order(benchmark_variant(), order, samples=512, data_bits=24, weight_bits=18)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


DESIGN = Design(
    lanes=3000,
    dsp=3100,
    bram18=500,
    rows=64,
    cycles=15_000,
    predicted=14_950,
    macs=37_928_960,
    clock_mhz=300.0,
    joules=None,
)


def test_the_network_has_the_macs_of_the_benchmark() -> None:
    """ANCHORS: 0.593 and 1.185 M MAC per row."""
    assert compiled(1).order == 1
    variant = benchmark_variant()
    assert (variant.board.name, variant.clock_mhz) == ("u50", 300.0)
    macs = [build(compiled(order), variant, limited(variant, None), 64).macs // 64 for order in (1, 2)]
    assert macs == [592_640, 1_184_768]


@pytest.mark.parametrize("order", [1, 2])
def test_at_as_many_dsps_as_inr_arch_the_cycles_are_near_the_floor(order: int) -> None:
    variant = benchmark_variant()
    design = build(compiled(order), variant, limited(variant, DSP), 64)
    assert design.dsp <= DSP
    assert design.dsp <= 1.2 * design.lanes
    assert design.cycles <= 1.25 * design.macs / DSP
    assert abs(design.predicted / design.cycles - 1) < 0.01
    assert design.bram18 <= variant.board.resources.bram18


def test_the_errors_are_those_of_one_dsp_per_multiplication() -> None:
    """The issue: at most 3e-3 at order 1 and 5e-3 at order 2, without overflow."""
    found = compiled(2)
    assert sorted(found.errors) == [0, 1, 2]
    assert found.errors[1] <= 3e-3
    assert found.errors[2] <= 5e-3
    assert found.overflows == 0
    worst = max(error.max_rel for name, error in found.formats.errors.items() if order_of(name) == 2)
    assert found.errors[2] == worst > 0


@pytest.mark.parametrize(("name", "order"), [("rgb", 0), ("rgb_d0", 1), ("rgb_d0011", 4)])
def test_the_order_of_an_output(name: str, order: int) -> None:
    assert order_of(name) == order


def test_figures_of_a_design() -> None:
    assert DESIGN.milliseconds == pytest.approx(0.05)
    assert DESIGN.rows_per_second == pytest.approx(1.28e6)
    assert joules_of({}) is None


def test_the_table_puts_all_systems_of_an_order_side_by_side() -> None:
    timings = [
        Timing("ONNX Runtime", 1, 1, 0.0005, 2e-6),
        Timing("PyTorch autograd", 2, 1, None, None, "not installed"),
        Timing("ONNX Runtime", 1, 2, 0.0009, 2e-6),
    ]
    designs = {"ours": DESIGN, "ours, with energy": replace(DESIGN, joules=0.002)}
    lines = [cells(line) for line in table([replace(compiled(1), errors={0: 1e-5, 1: 2e-4})], [designs], timings)]
    assert lines[0] == [title.strip() for title in COLUMNS]
    assert all(len(line) == len(COLUMNS) for line in lines)
    assert lines[2] == [
        "1", "ours", "3,100", "500", "15,000", "0.0500", "1.28 M", "2.0e-04", "1.23", "1.27", "7.5e-05", "–",
    ]  # fmt: skip
    assert lines[3][-1] == "0.0001"
    assert [line[1] for line in lines[4:7]] == ["INR-Arch, U50", "INR-Arch's CPU", "INR-Arch's GPU"]
    assert lines[4][2:] == [
        "3,199", "347", "557,713 (+199,575)", "1.828", "35 k", "6–13 %", "63.9", "63.9", "0.1", "–",
    ]  # fmt: skip
    assert lines[7][1:] == ["ONNX Runtime, 1 thread", "–", "–", "–", "0.500", "128 k", "2.0e-06", "–", "–", "–", "–"]
    assert lines[8][1:6] == ["PyTorch autograd, 2 threads", "–", "–", "–", "not installed"]
    assert len(lines) == 9


@pytest.mark.parametrize(
    ("rate", "text"), [(1_322_301.0, "1.32 M"), (35_011.0, "35 k"), (1550.0, "1.55 k"), (83.5, "84")]
)
def test_rows_per_second_have_three_digits(rate: float, text: str) -> None:
    assert _thousands(rate) == text


def test_a_missing_package_is_told_as_such() -> None:
    assert _failure("ModuleNotFoundError: No module named 'torch'") == "not installed"
    assert _failure("not ready after 60 s") == "not ready after 60 s"


def test_the_errors_by_order_of_the_derivative() -> None:
    lines = error_table([replace(compiled(1), errors={0: 1e-5, 1: 2e-4})])
    assert cells(lines[0]) == ["data / weight bits", "value", "order 1", "points", "overflows"]
    assert cells(lines[2]) == ["24 / 18", "1.0e-05", "2.0e-04", "512", "0"]


def test_the_published_energy_delay_is_that_of_30_watts() -> None:
    """As INR-Arch computes it: power times latency squared."""
    for one in PUBLISHED:
        if one.title == "INR-Arch, U50":
            assert one.energy_delay == pytest.approx(30 * one.milliseconds**2 / 1e3, rel=0.01)


def test_all_figures_are_written() -> None:
    timing = Timing("ONNX Runtime", 1, 1, 0.0005, 2e-6)
    content = json.loads(json.dumps(as_json([compiled(1)], [{"ours": DESIGN}], [timing])))
    assert content["designs"][0]["cycles"] == 15_000
    assert content["designs"][0]["errors"].keys() == {"0", "1"}
    assert content["software"] == [asdict(timing)]
    assert len(content["published"]) == len(PUBLISHED)
