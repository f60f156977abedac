"""One random project from its model to the compiled C++, and what must hold at every stage on the way."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from inrarch.boards import load_board
from inrarch.config.load import load_workspace
from inrarch.config.model import Variant
from inrarch.config.select import select_variants
from inrarch.errors import REPORT_IT, UserError
from inrarch.json_file import check_schema
from inrarch.stages import stages
from tests.campaigns.corner_networks import corner_network
from tests.fuzz.graphs import random_case
from tests.running import run_stage

LAST = "csim"
SHARE, CYCLES = 0.01, 8
"""How far the predicted cycles may be from the simulated ones: this share of them and so many."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a project: `refused` with the text of the error, or the reports of its stages."""

    refused: str | None = None
    stage: str = ""
    csim: dict[str, Any] | None = None
    formats: dict[str, Any] | None = None
    network: dict[str, Any] | None = None
    depths: dict[str, Any] | None = None


def random_project(seed: int, folder: Path) -> Variant:
    """A model in `folder`, with random derivatives, numbers, board and shape of the hardware."""
    random = np.random.default_rng((seed, 1))

    def choose(*options: Any) -> Any:
        return options[int(random.integers(len(options)))]

    if seed % 4 == 3:
        case = random_case(seed, dtype=choose(np.float32, np.float64))
        model, wrt = case.model, case.wrt
    else:
        model = corner_network(seed)
        names = tuple(each.name for each in model.graph.input)
        wrt = names if len(names) == 1 or choose(True, True, False) else names[:1]
    onnx.save(model, folder / "model.onnx")
    base = select_variants(load_workspace(Path(__file__).resolve().parents[2]), ["siren_tiny"])[0]
    order, data_bits = choose(1, 1, 2, 2, 3), choose(24, 24, 24, 16, 18, 27, 32)
    low = choose(-1.0, -1.0, 0.0, -2.5)
    asked: dict[str, Any] = {"wrt": wrt, "order": order, "outputs": ()}
    output = model.graph.output[0].name
    named = choose(
        None, None, None, None, "gradient", "jacobian", "hessian", "laplacian", "biharmonic", "normal", "mean_curvature"
    )
    last = model.graph.output[0].type.tensor_type.shape.dim[-1:]
    if isinstance(named, str) and last and last[0].dim_value > 1:
        asked["columns"] = ((output, (0,)),) if choose(True, False) else ()
        named = named if asked["columns"] else choose("jacobian", "hessian", "laplacian")
    if isinstance(named, str):
        asked["outputs"] = (output, f"{output}_{named}") if choose(True, False) else (f"{output}_{named}",)
    if named is None and choose(True, False, False, False):
        asked["terms"] = (("own", (("", 0.5), ("d0", 1.0), ("d00", -0.25))),)
    if choose(True, False, False, False, False) and named in (None, "gradient", "jacobian") and "terms" not in asked:
        asked |= {"method": "reverse", "order": 1}
    if "wrt" in asked and len(model.graph.output) > 1 and asked["outputs"] and choose(True, False):
        second = model.graph.output[1].name
        asked["outputs"] = (*asked["outputs"], choose(second, f"{second}_jacobian", f"{second}_d0"))
    asked["step"] = choose(1.0, 1.0, 0.5, 2 / 127)
    if choose(True, *(False,) * 8):
        parameters = [each.name for each in model.graph.initializer if len(each.dims) and each.data_type != 7]
        asked = {"wrt": (), "order": 1, "outputs": (), "parameters": tuple(parameters[: choose(1, 2, 20)])}
    tight = choose(True, False, False, False)

    def limit(*options: Any) -> Any:
        return choose(None, *options) if tight else None

    ratio = choose(0.8, 0.05, 1.0) if tight else 0.8
    return replace(
        base,
        model=folder / "model.onnx",
        derivatives=replace(base.derivatives, **asked),
        domain=replace(base.domain, low=(low,), high=(low + choose(2.0, 1.0, 0.3),)),
        numeric=replace(
            base.numeric,
            data_bits=data_bits,
            weight_bits=choose(18, 18, 18, 8, 12, 25, 27),
            guard_bits=choose(2, 2, 2, 0, 4, 8),
            factor_bits=choose("auto", "auto", "auto", None, 12, 18),
            ranges=choose("calibration", "calibration", "calibration", "calibration", "calibration", "bounds"),
            calibration_samples=512,
        ),
        board=load_board(choose("u50", "u50", "kv260", "pynq_z2", "u280", "zcu102", "ulx3s_85f")),
        clock_mhz=choose(100.0, 300.0),
        dataflow=replace(
            base.dataflow,
            rows=choose(1, 2, 3, 16, 16, 64, 70),
            objective=choose("throughput", "throughput", "latency", "area", "energy"),
            sparse=choose("auto", "auto", "always", "never"),
        ),
        constraints=replace(
            base.constraints,
            **dict.fromkeys(("dsp", "bram", "uram", "lut", "ff"), ratio),
            dsp_count=choose(None, None, 100, 700, 20),
            bram18=limit(10, 100),
            latency_us=limit(20.0, 2000.0),
            rows_per_s=limit(1e5, 1e7),
        ),
        verification=replace(base.verification, rows=100),
    )


def run_project(variant: Variant, folder: Path, last: str = LAST, without: tuple[str, ...] = ()) -> Outcome:
    """Stages up to `last` but those `without`, in `folder`. A UserError ends it; any other exception is passed on."""
    done: dict[str, Path] = {}
    for stage in stages():
        if stage.name in without:
            continue
        try:
            done[stage.name] = run_stage(stage, variant, folder)
        except UserError as error:
            check_error(error)
            return Outcome(refused=error.text(), stage=stage.name)
        if stage.name == last:
            break
    read = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in _files(done).items()}
    return Outcome(stage=last, **read)


def _files(done: dict[str, Path]) -> dict[str, Path]:
    files = {"quantize": "formats.json", "map": "network.json", "fifo": "depths.json", "csim": "report.json"}
    names = {"quantize": "formats", "map": "network", "fifo": "depths", "csim": "csim"}
    return {names[stage]: done[stage] / file for stage, file in files.items() if stage in done}


def hinted(variant: Variant, refusal: str) -> list[Variant]:
    """The projects that a refusal by `map` says would fit: other constraints, or another board."""
    found = []
    fits = re.search(r"it fits with (.*)", refusal)
    for alternative in fits.group(1).split(" or ") if fits else ():
        settings = re.findall(r"constraints\.(\w+): ([\d.]+)(%?)", alternative)
        assert settings, refusal
        changes: dict[str, Any] = {
            key: float(value) / 100 if percent else float(value) if "." in value else int(value)
            for key, value, percent in settings
        }
        found.append(replace(variant, constraints=replace(variant.constraints, **changes)))
    board = re.search(r"it fits on board (\w+)( without .*)?;", refusal)
    if board:
        free: dict[str, Any] = dict.fromkeys(re.findall(r"constraints\.(\w+)", board.group(2) or ""))
        changed = replace(variant.constraints, **free)
        found.append(replace(variant, board=load_board(board.group(1)), constraints=changed))
    return found


def check_error(error: UserError) -> None:
    """A refusal says where, and what would have been right or what to do."""
    text = error.text()
    assert error.found, text
    assert error.expected or error.hint or error.excerpt, text
    assert "Traceback" not in text, text
    assert REPORT_IT not in text, text  # a fault of ours, however well it is told


def check_outcome(variant: Variant, outcome: Outcome, folder: Path) -> None:
    """What holds for every design, whatever the project."""
    if outcome.refused is not None:
        for number, other in enumerate(hinted(variant, outcome.refused)):
            tried = run_project(other, folder / f"hint_{number}", "map")
            assert tried.refused is None, (outcome.refused, other.constraints, other.board.name, tried.refused)
        return
    network, depths, csim = outcome.network, outcome.depths, outcome.csim
    assert network is not None
    assert depths is not None
    check_schema(network, "network", "network.json")
    check_schema(depths, "depths", "depths.json")
    for process in network["processes"]:
        assert all(count >= 0 for count in process["resources"].values()), process
    assert depths["deadlock_free"]
    if csim is None:
        return
    assert (csim["equal"], csim["mismatches"], csim["last_errors"], csim["left_over"]) == (True, 0, 0, 0)
    assert all(stream["high_water"] <= stream["depth"] for stream in csim["streams"].values())


def is_predicted(outcome: Outcome) -> bool:
    """Whether the closed form gives the cycles of the simulation with the depths of the stage `fifo`, nearly."""
    predicted, simulated = cycles_of(outcome)
    return abs(predicted - simulated) <= SHARE * simulated + CYCLES


def cycles_of(outcome: Outcome) -> tuple[int, int]:
    """Predicted by the closed form, and simulated with the depths."""
    assert outcome.network is not None
    assert outcome.depths is not None
    return outcome.network["model"]["cycles"], outcome.depths["cycles"]
