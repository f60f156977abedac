"""The table of resources and clocks: what it is made of, and that the program builds a project and writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
import pytest

from benchmarks.implementation import (
    BEGIN,
    DESIGNS,
    END,
    HEAD,
    INR_ARCH,
    PAGE,
    ROOT,
    Design,
    clock,
    design,
    durations,
    main,
    prepare,
    processes,
    replaced,
    table,
)
from inrarch.config.load import load_workspace
from inrarch.config.select import select_variants
from tests.models import siren


def test_designs_are_named_with_their_limit() -> None:
    assert design("a") == Design("a", "default", None)
    assert design("a@order2:100") == Design("a", "order2", 100)
    assert design("a:100").copy == "a_100"
    assert design("a@b/c@80:9") == Design("a", "b", 9, "c", 80.0)
    assert design("a/c:9").copy == "a_c_9"


def test_the_workspace_has_the_projects_with_synthesis_and_their_limits(tmp_path: Path) -> None:
    designs = [design(text) for text in DESIGNS]
    prepare(designs, tmp_path, ROOT / "projects", route=False)
    workspace = load_workspace(tmp_path)
    variants = select_variants(workspace, [f"{each.copy}@{each.variant}" for each in designs])
    assert len(variants) == len(designs)
    for variant in variants:
        asked = next(each for each in designs if each.copy == variant.project and each.variant == variant.name)
        (given,) = select_variants(load_workspace(ROOT), [f"{asked.project}@{asked.variant}"])
        assert variant.constraints.dsp_count == (asked.dsp or given.constraints.dsp_count)
        assert variant.board.name == (asked.board or given.board.name)
        assert variant.clock_mhz == (asked.mhz or given.clock_mhz)
        assert variant.implementation.synthesis
        assert not variant.implementation.place_and_route
        assert variant.verification.tolerance == given.verification.tolerance


def test_processes_stand_beside_the_model(tmp_path: Path) -> None:
    cost = {"lut": 1000, "ff": 2, "dsp": 3, "bram18": 4}
    unit = {"synthesised": cost, "memories": cost, "model": cost, "path": {"ns": 2.5}}
    synth = {
        "processes": {"a": unit},
        "streams": {"s": cost},
        "total": cost,
        "model": cost,
        "longest_path": {"ns": 2.75},
    }
    (tmp_path / "build/p/default/synth").mkdir(parents=True)
    (tmp_path / "build/p/default/synth/report.json").write_text(json.dumps(synth))
    unit_row, streams, every, other = processes(design("p"), tmp_path)
    assert unit_row == ["a", "2,000 / 1,000", "4 / 2", "6 / 3", "8 / 4", "2.50"]
    assert streams == ["FIFOs", "1,000", "2", "3", "4", ""]
    assert every[1:] == ["1,000 / 1,000", "2 / 2", "3 / 3", "4 / 4", "2.75"]
    assert other == list(INR_ARCH)


def test_the_clock_is_that_of_the_slowest_net_or_an_estimate() -> None:
    clocks = {"a": {"achieved_mhz": 90.4}, "b": {"achieved_mhz": 120.0}}
    assert clock({"longest_path": {"ns": 2.5}}, {"clocks": clocks}) == "90 routed"
    assert clock({"longest_path": {"ns": 2.5}}, {}) == "400 estimated"
    assert clock({"longest_path": {"ns": None}}, {}) == clock({}, {}) == "–"


def test_seconds_are_those_of_the_last_run_of_a_stage(tmp_path: Path) -> None:
    def record(number: int, outcome: str, seconds: float) -> None:
        stages: list[dict[str, Any]] = [{"stage": "synth", "outcome": outcome, "seconds": seconds}]
        content = {"variants": [{"name": "a@default", "stages": stages}, {"name": "b@default", "stages": []}]}
        (tmp_path / "build/.runs" / f"{number}.json").write_text(json.dumps(content))

    (tmp_path / "build/.runs").mkdir(parents=True)
    for number, (outcome, seconds) in enumerate([("ran", 5.0), ("ran", 7.0), ("up to date", 0.0)]):
        record(number, outcome, seconds)
    assert durations(tmp_path, "a@default") == {"synth": 7.0}
    assert durations(tmp_path, "b@default") == {}


def test_the_table_takes_the_place_between_its_marks() -> None:
    lines = table(HEAD, [["x"] * len(HEAD)])
    assert {line.count("|") for line in lines} == {len(HEAD) + 1}
    text = f"before\n\n{BEGIN}\n\nold\n\n{END}\n\nafter\n"
    found = replaced(text, lines)
    assert found == f"before\n\n{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}\n\nafter\n"
    assert replaced(found, lines) == found
    for broken in ("nothing", f"{BEGIN}\n", text + text):
        with pytest.raises(SystemExit, match="no place for the table"):
            replaced(broken, lines)
    replaced(PAGE.read_text(encoding="utf-8"), lines)


@pytest.mark.slow
def test_the_program_builds_a_project_and_writes_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "projects" / "tiny"
    project.mkdir(parents=True)
    onnx.save(siren((2, 4, 1), w0=10.0), project / "model.onnx")
    (project / "project.yaml").write_text("model: model.onnx\nboard: kv260\nverification: {rows: 100}\n")
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n")
    work = tmp_path / "work"
    given = ["tiny:12", "--projects", str(project.parent), "--work", str(work), "--page", str(page), "--write"]
    main(given)
    (line,) = [line for line in page.read_text().splitlines() if line.startswith("| tiny ")]
    assert line in capsys.readouterr().out
    cells = dict(zip(HEAD, (cell.strip() for cell in line.strip("|").split("|")), strict=True))
    synth = json.loads((work / "build/tiny_12/default/synth/report.json").read_text())
    assert cells["LUT / model"] == f"{synth['total']['lut']:,} / {synth['model']['lut']:,}"
    assert int(cells["DSP / model"].split(" / ")[1]) <= 12
    assert len(set(cells["cycles / predicted"].split(" / "))) == 1
    assert [seconds.isdecimal() for seconds in cells[HEAD[-1]].split(", ")] == [True, True, False]
