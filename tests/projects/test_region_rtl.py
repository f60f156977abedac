"""RTL of the examples' pointwise regions: words of the bit-true model, in the cycles of the simulator."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inrarch.graph.load import load_model
from inrarch.hardware.kernels import Source
from inrarch.hardware.layout import parse_layout
from inrarch.numeric.bittrue import run
from inrarch.numeric.formats import load_formats
from inrarch.numeric.samples import box_samples
from inrarch.stages import stages
from tests.hardware.region_bench import Case, unit_case
from tests.projects.example import project
from tests.rtl_bench import Bench
from tests.running import run_stage
from tests.targets import U50

ROWS = 4
CASES = [
    ("siren_tiny", 1, None), ("siren_tiny", 2, None), ("siren_tiny", 3, 200), ("siren_tiny", 4, 150),
    ("siren_tiny", 2, 60), ("pinn_tanh", None, 100), ("sdf_skip", None, 120), ("multiplicative", None, 100),
]  # fmt: skip


def region_cases(folder: Path, name: str, order: int | None, dsp: int | None) -> list[Case]:
    """The pointwise units of an example mapped to so many multipliers, and what is on their streams."""
    variant = project(name).variants[0]
    variant = replace(
        variant,
        derivatives=variant.derivatives if order is None else replace(variant.derivatives, order=order),
        numeric=replace(variant.numeric, calibration_samples=1024),
        verification=replace(variant.verification, rows=64),
        dataflow=replace(variant.dataflow, rows=ROWS),
        constraints=replace(variant.constraints, dsp_count=dsp),
    )
    made: dict[str, Path] = {}
    for stage in stages():
        made[stage.name] = run_stage(stage, variant, folder)
        if stage.name == "map":
            break
    model = load_model(made["optimize"] / "derivative.onnx")
    formats = load_formats(made["quantize"] / "formats.json")
    network = json.loads((made["map"] / "network.json").read_text(encoding="utf-8"))
    layout = parse_layout(network)
    nodes = {str(node.name): node for node in model.graph}
    features = {str(value.name): int(value.shape[1]) for value in model.graph.inputs}
    points = {key: box_samples((-1.0,), (1.0,), size, ROWS, 3, corners=False) for key, size in features.items()}
    wanted = {tensor for stream in layout.streams for tensor in stream.fields}
    values = run(model, formats, points, wanted=wanted)
    schedules = {process["name"]: process["schedule"] for process in network["processes"]}
    cases = []
    for number, unit in enumerate(layout.units):
        if unit.kernel == "pointwise":
            # The bench has the streams by number.
            names = {read["stream"]: f"in{place}" for place, read in enumerate(unit.parameters["inputs"])}
            names[layout.written_by(unit).name] = "out0"
            schedule = [_named(item, names) for item in schedules[unit.name]]
            draw = random.Random(number) if number % 2 else None
            source = Source("region", layout, model, nodes, formats, U50)
            cases.append(unit_case(source, unit, schedule, values, draw=draw))
    return cases


def _named(item: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """An item of a schedule with other names for its streams."""
    changed = {key: names[item[key]] for key in ("read", "write") if key in item}
    if "body" in item:
        changed["body"] = [_named(each, names) for each in item["body"]]
    return item | changed


@pytest.mark.slow
@pytest.mark.parametrize(("name", "order", "dsp"), CASES)
def test_the_regions_of_an_example(name: str, order: int | None, dsp: int | None, tmp_path: Path) -> None:
    """order: another than the example's. dsp: multipliers of the mapping; None: those of the board."""
    cases = region_cases(tmp_path, name, order, dsp)
    assert cases
    found = Bench(tmp_path).run([case.instance for case in cases])
    for case, each in zip(cases, found, strict=True):
        case.check(each)
