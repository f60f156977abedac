"""report: `report.json` for programs and `index.html` for people, from the artefacts of all stages before."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import inrarch
from inrarch.engine.stage import Settings, Stage, StageRun, reason_not_run
from inrarch.stages import expand

if TYPE_CHECKING:
    from inrarch.config.model import Variant

_AFTER = ("expand", "optimize", "quantize", "map", "fifo", "hls", "csim", "cosim", "synth", "pnr")
_LIBRARIES = ("numpy", "onnx", "onnx-ir")
_SAMPLES = "samples"


def settings(variant: Variant) -> Settings:
    """The variant's name, what was asked of the derivatives, the domain, the board and the tolerance."""
    board = variant.board
    return {
        **expand.settings(variant),
        "description": variant.description,
        "project": variant.project,
        "variant": variant.name,
        "board": {"name": board.name, "title": board.title, "part": board.part, "resources": asdict(board.resources)},
        "constraints": asdict(variant.constraints),
        "clock_mhz": variant.clock_mhz,
        "tolerance": variant.verification.tolerance,
        "low": list(variant.domain.low),
        "high": list(variant.domain.high),
        "image": list(variant.report.image),
    }


def files(variant: Variant) -> dict[str, Path]:
    """The model, and the file of samples where the domain names one."""
    samples = variant.domain.samples_file
    return expand.files(variant) | ({} if samples is None else {_SAMPLES: samples})


def run(step: StageRun) -> str:
    """Write `report.json` and `index.html`; the summary says where the page's figures are good or bad."""
    from inrarch.report.page import render
    from inrarch.report.summary import summarise

    evidence = gather(step)
    summary = summarise(evidence)
    page = render(evidence, summary, _gallery(step, evidence))
    text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
    (step.output / "report.json").write_text(text + "\n", encoding="utf-8")
    (step.output / "index.html").write_text(page, encoding="utf-8")
    return f"{'verified' if summary['verdict']['passed'] else 'FAILED'}: {summary['verdict']['summary']}"


def gather(step: StageRun) -> Any:
    """The `Evidence` of a run."""
    from inrarch.report.evidence import Evidence

    def content(stage: str, name: str) -> Any:
        return json.loads((step.inputs[stage] / name).read_text(encoding="utf-8"))

    reasons = {stage: reason_not_run(step.inputs[stage]) for stage in _AFTER}
    not_run = {stage: reason for stage, reason in reasons.items() if reason is not None}
    tools: dict[str, str] = {}
    for stage in ("csim", "cosim", "synth", "pnr"):
        tools |= {} if stage in not_run else content(stage, "report.json")["tools"]
    return Evidence(
        settings=step.settings,
        outputs=_outputs(step),
        expanded=_counted(step.inputs["expand"] / "derivative.onnx"),
        optimized=_counted(step.inputs["optimize"] / "derivative.onnx"),
        passes=content("optimize", "passes.json"),
        formats=content("quantize", "formats.json"),
        network=content("fifo", "network.json"),
        depths=content("fifo", "depths.json"),
        csim=content("csim", "report.json"),
        cosim=None if "cosim" in not_run else content("cosim", "report.json"),
        synth=None if "synth" in not_run else content("synth", "report.json"),
        pnr=None if "pnr" in not_run else content("pnr", "report.json"),
        not_run=not_run,
        tools=_versions() | tools,
        inputs=_digests(step),
    )


def _outputs(step: StageRun) -> dict[str, Any]:
    """Every output of the tower as a `Partial`, in the order of the graph."""
    from inrarch.derivatives.request import Asked, make_request
    from inrarch.graph.load import load_model
    from inrarch.report.notation import Partial, by_parameters

    if "by" in step.settings:
        return by_parameters(load_model(step.inputs["expand"] / "derivative.onnx"))
    asked = cast("Asked", {key: step.settings[key] for key in Asked.__annotations__})
    request = make_request(load_model(step.files["model"]), **asked)
    return {
        target.name: Partial(target.value, target.index or (), target.operator, target.order)
        for target in request.targets
    }


def _counted(path: Path) -> Any:
    from inrarch.graph.count import count
    from inrarch.graph.load import load_model
    from inrarch.report.evidence import Counted

    counts = count(load_model(path))
    return Counted(counts.nodes, counts.matmuls, counts.macs_per_row)


def _gallery(step: StageRun, evidence: Any) -> Any:
    from inrarch.graph.load import load_model
    from inrarch.numeric.formats import load_formats
    from inrarch.numeric.samples import coordinate_count, file_samples
    from inrarch.report.gallery import Models, make_gallery

    models = Models(
        load_model(step.inputs["expand"] / "derivative.onnx"),
        load_model(step.inputs["optimize"] / "derivative.onnx"),
        load_formats(step.inputs["quantize"] / "formats.json"),
    )
    low, high = step.settings["low"], step.settings["high"]
    if _SAMPLES in step.files:
        samples = file_samples(step.files[_SAMPLES], coordinate_count(models.hardware))
        low, high = samples.min(axis=0).tolist(), samples.max(axis=0).tolist()
    height, width = step.settings["image"]
    return make_gallery(models, evidence.outputs, low, high, (height, width))


def _digests(step: StageRun) -> dict[str, str]:
    """Digest of every file and artefact that the report is made from, as the engine computes it."""
    from inrarch.engine.digest import file_digest, list_files, tree_digest

    files = {name: file_digest(path) for name, path in step.files.items()}
    folders = {
        name: {file: file_digest(path) for file, path in list_files(step.inputs[name]).items()} for name in _AFTER
    }
    return files | {name: tree_digest(digests) for name, digests in folders.items()}


def _versions() -> dict[str, str]:
    """Of Python, of this package and of the libraries that compute the figures."""
    own = {"python": platform.python_version(), "inrarch": inrarch.__version__}
    return own | {name: version(name) for name in _LIBRARIES}


STAGE = Stage(
    name="report",
    title="the report, as a page and as JSON",
    run=run,
    settings=settings,
    after=_AFTER,
    files=files,
    data=("report/templates", "schemas"),
)
