"""synth: the sum over modules is what one run of Yosys gives, and the most that the design takes in one piece."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from inrarch.boards import load_board
from inrarch.config.load import load_workspace
from inrarch.config.model import Variant
from inrarch.config.select import select_variants
from inrarch.engine.stage import NotRunError
from inrarch.errors import UserError
from inrarch.hardware.rtl.description import Description, load_description
from inrarch.hardware.synthesis import yosys as synthesis
from inrarch.hardware.synthesis.cells import Costs, count
from inrarch.json_file import check_schema
from inrarch.stages import stages, synth
from inrarch.tools import yosys
from tests.running import run_stage


@pytest.fixture(autouse=True, scope="module")
def _needs_yosys() -> None:
    try:
        yosys.TOOL.find()
    except UserError as error:
        pytest.skip(error.message)


def variant_of(board: str, multipliers: int) -> Variant:
    base = select_variants(load_workspace(Path(__file__).resolve().parents[2]), ["siren_tiny"])[0]
    clock = {"ulx3s_85f": 80.0}.get(board, base.clock_mhz)
    widths = {"data_bits": 18, "weight_bits": 18} if board == "ulx3s_85f" else {}
    return replace(
        base,
        board=load_board(board),
        clock_mhz=clock,
        numeric=replace(base.numeric, **widths),
        derivatives=replace(base.derivatives, order=1),
        constraints=replace(base.constraints, dsp_count=multipliers),
        implementation=replace(base.implementation, synthesis=True),
    )


def build(variant: Variant, folder: Path) -> Path:
    """Everything up to rtl."""
    for stage in stages():
        if stage.name in ("expand", "optimize", "quantize", "map", "fifo", "rtl"):
            run_stage(stage, variant, folder)
    return folder


@pytest.fixture(scope="module", params=["ulx3s_85f", pytest.param("kv260", marks=pytest.mark.slow)])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Variant, Path]:
    variant = variant_of(request.param, 16)
    return variant, build(variant, tmp_path_factory.mktemp("design"))


def report_of(variant: Variant, folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((run_stage(synth.STAGE, variant, folder) / "report.json").read_text())
    check_schema(report, "synth", "report.json")
    return report


def test_runs_by_group_give_what_one_run_gives(built: tuple[Variant, Path], tmp_path: Path) -> None:
    variant, folder = built
    report = report_of(variant, folder)
    design = load_description(folder / "rtl")
    synthesis.copy_sources(folder / "rtl", tmp_path)
    lines = synthesis.front_script(design, report["command"])[:-2]
    lines += [f"{report['command']} -top {design.top}", "write_json whole.json"]
    synthesis.run_script("whole", lines, tmp_path)
    whole = Costs(json.loads((tmp_path / "whole.json").read_text(encoding="utf-8"))["modules"])
    for process in design.processes:
        alone = asdict(whole.of_instance(design.top, f"u_{process.identifier}"))
        assert report["processes"][process.name]["synthesised"] == alone
        assert alone["lut"] > 0
    assert report["total"]["dsp"] == sum(each["synthesised"]["dsp"] for each in report["processes"].values())


def test_the_longest_path_stands_beside_the_clock() -> None:
    path = {"unit": "process linear_1", "ns": 2.904, "logic_ns": 0.88, "levels": 4, "begin": "a", "end": "b"}
    assert synth.path_text(path, 1000 / 300) == "longest path 2.90 of 3.33 ns, 4 levels in process linear_1"
    assert synth.path_text(path, 2.5) == "longest path 2.90 of 2.50 ns (TOO LONG), 4 levels in process linear_1"


def test_without_delays_only_its_levels_are_told() -> None:
    path = {"unit": "stream x", "ns": None, "logic_ns": None, "levels": 7, "begin": "a", "end": "b"}
    assert synth.path_text(path, 12.5) == "longest path: 7 levels in stream x"


def test_a_project_may_leave_synthesis_out(built: tuple[Variant, Path]) -> None:
    variant, folder = built
    off = replace(variant, implementation=replace(variant.implementation, synthesis=False))
    with pytest.raises(NotRunError, match="synthesis: false"):
        run_stage(synth.STAGE, off, folder / "off")


def in_one_piece(design: Description, rtl: Path, scratch: Path, command: str) -> dict[str, Any]:
    """The whole design as one module, with the content of all its memories."""
    synthesis.copy_sources(rtl, scratch)
    flat = f"{command} -flatten" if "xilinx" in command else command.replace(" -noflatten", "")
    lines = [*synthesis.reading(design.sources), f"{flat} -top {design.top}", "write_json flat.json"]
    synthesis.run_script("flat", lines, scratch)
    module: dict[str, Any] = json.loads((scratch / "flat.json").read_text(encoding="utf-8"))["modules"][design.top]
    return module


@pytest.mark.slow
@pytest.mark.parametrize(("board", "multipliers"), [("kv260", 48), ("pynq_z2", 48), ("ulx3s_85f", 32)])
def test_the_design_in_one_piece_takes_no_more(board: str, multipliers: int, tmp_path: Path) -> None:
    """Multipliers are equal. Of the rest the sum over modules is the most: in one piece, the tool shares equal
    registers of different modules (factors of products, delays) and leaves out what is constant or unused in one.
    """
    variant = variant_of(board, multipliers)
    folder = build(variant, tmp_path / "design")
    report = report_of(variant, folder)
    scratch = tmp_path / "flat"
    scratch.mkdir()
    design = load_description(folder / "rtl")
    flat = asdict(count(in_one_piece(design, folder / "rtl", scratch, report["command"])))
    assert flat["dsp"] == report["total"]["dsp"]
    for kind in ("lut", "ff"):
        assert 0.75 * report["total"][kind] <= flat[kind] <= report["total"][kind]
    assert abs(flat["bram18"] - report["total"]["bram18"]) <= 1
