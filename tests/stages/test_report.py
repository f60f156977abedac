from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import inrarch
from inrarch.config.load import load_workspace
from inrarch.config.model import Variant
from inrarch.engine.digest import canonical, text_digest
from inrarch.engine.stage import NOT_RUN, Stage, StageRun
from inrarch.resources import data_folder
from inrarch.stages import expand, fifo, optimize, quantize, report
from inrarch.stages import map as mapping

ROOT = Path(__file__).resolve().parents[2]


def tiny() -> Variant:
    (variant,) = next(p for p in load_workspace(ROOT).projects if p.name == "siren_tiny").variants
    return dataclasses.replace(variant, report=dataclasses.replace(variant.report, image=(12, 16)))


def execute(stage: Stage, variant: Variant, folder: Path, **external: Path) -> str | None:
    output, scratch = folder / stage.name, folder / "scratch" / stage.name
    output.mkdir()
    scratch.mkdir(parents=True)
    inputs = {name: folder / name for name in stage.after}
    return stage.run(StageRun(inputs, stage.files(variant) | external, stage.settings(variant), output, scratch))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefacts of siren_tiny up to fifo, and what hls and csim leave behind after a run without a difference."""
    folder = tmp_path_factory.mktemp("artefacts")
    for stage in (expand, optimize, quantize, mapping, fifo):
        execute(stage.STAGE, tiny(), folder)
    (folder / "hls").mkdir()
    (folder / "hls" / "top.cpp").write_text("// generated\n")
    (folder / "csim").mkdir()
    depths = json.loads((folder / "fifo" / "depths.json").read_text())
    formats = json.loads((folder / "quantize" / "formats.json").read_text())
    csim = {
        "rows": 1024,
        "mismatches": 0,
        "last_errors": 0,
        "left_over": 0,
        "saturations": 0,
        "kinks": 0,
        "tools": {"g++": "12.2.0"},
        "outputs": formats["errors"],
        "streams": {name: {"depth": depth, "high_water": 1} for name, depth in depths["depths"].items()},
    }
    (folder / "csim" / "report.json").write_text(json.dumps(csim))
    for stage in ("cosim", "synth", "pnr"):
        (folder / stage).mkdir()
        (folder / stage / NOT_RUN).write_text(json.dumps({"reason": "there is no such tool"}))
    return folder


@pytest.fixture(scope="module")
def built(folder: Path) -> dict[str, Any]:
    """report.json of a first run."""
    summary = execute(report.STAGE, tiny(), folder)
    assert summary is not None
    assert summary.startswith("verified: all 1,024 test rows")
    content: dict[str, Any] = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    return content


def test_the_report_satisfies_its_schema(built: dict[str, Any]) -> None:
    schema = json.loads((data_folder("schemas") / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(built)


def test_the_tower_is_listed_in_the_order_of_the_graph(built: dict[str, Any]) -> None:
    assert built["derivatives"]["orders"] == [0, 1, 2]
    expected = ["distance", *(f"distance_d{i}" for i in ("0", "1", "00", "01", "11"))]
    assert built["derivatives"]["outputs"] == list(built["accuracy"]) == expected


def test_figures_are_those_of_the_stages(built: dict[str, Any], folder: Path) -> None:
    network = json.loads((folder / "map" / "network.json").read_text())
    depths = json.loads((folder / "fifo" / "depths.json").read_text())
    assert built["cycles"]["predicted"] == depths["cycles"]
    assert built["cycles"]["bottleneck"] == network["model"]["bottleneck"]
    assert built["derivatives"]["macs_per_row"] == network["model"]["macs_per_row"]
    assert len(built["units"]) == len(network["processes"]) == built["network"]["processes"]


def test_every_unit_has_figures_of_its_kernel(built: dict[str, Any]) -> None:
    for unit in built["units"]:
        assert unit["cycles_per_row"] is not None
        assert unit["stalled"] is not None
        assert (unit["mac_utilisation"] is not None) == (unit["kernel"] == "matmul")
        assert unit["mac_utilisation"] is None or 0 < unit["mac_utilisation"] <= 1


def test_the_model_and_all_artefacts_are_listed_with_their_digests(built: dict[str, Any], folder: Path) -> None:
    assert {"model", *report.STAGE.after} == set(built["inputs"])
    model = ROOT / "projects" / "siren_tiny" / "model.onnx"
    assert built["inputs"]["model"] == hashlib.sha256(model.read_bytes()).hexdigest()
    top = hashlib.sha256(b"// generated\n").hexdigest()
    assert built["inputs"]["hls"] == text_digest(canonical({"top.cpp": top}))


def test_the_versions_of_what_computed_the_figures_are_listed(built: dict[str, Any]) -> None:
    assert set(built["tools"]) == {"python", "inrarch", "numpy", "onnx", "onnx-ir", "g++"}
    assert built["tools"]["inrarch"] == inrarch.__version__


def test_the_page_shows_three_pictures_per_output(built: dict[str, Any], folder: Path) -> None:
    page = (folder / "report" / "index.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/png;base64,') == 3 * len(built["accuracy"])


def test_equal_inputs_give_equal_bytes(built: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    for name in report.STAGE.after:
        (tmp_path / name).symlink_to(folder / name)
    execute(report.STAGE, tiny(), tmp_path)
    for name in ("report.json", "index.html"):
        assert (tmp_path / "report" / name).read_bytes() == (folder / "report" / name).read_bytes()


def test_pictures_cover_the_samples_of_a_file(built: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "samples.npy", np.array([[0.0, -0.5], [0.25, 0.75], [0.125, 0.0]]))
    for name in report.STAGE.after:
        (tmp_path / name).symlink_to(folder / name)
    execute(report.STAGE, tiny(), tmp_path, samples=tmp_path / "samples.npy")
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "Coordinate x₀ runs down from 0 to 0.25, x₁ to the right from -0.5 to 0.75; 12 × 16 points." in page


def test_the_file_of_samples_belongs_to_the_inputs() -> None:
    variant = tiny()
    domain = dataclasses.replace(variant.domain, samples_file=Path("rows.npy"))
    assert report.files(dataclasses.replace(variant, domain=domain))["samples"] == Path("rows.npy")
    assert "samples" not in report.files(variant)


def test_an_edited_template_makes_the_report_again() -> None:
    assert any((data_folder(name) / "index.html.j2").is_file() for name in report.STAGE.data)


def test_the_settings_hold_no_absolute_path() -> None:
    assert str(ROOT) not in json.dumps(report.settings(tiny()))
