"""Every kernel folder describes itself, and its header has the function that it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml

from inrarch.hardware.kernels import kernels
from inrarch.resources import data_folder
from tests.dataflow import networks
from tests.dataflow.test_batch_units import gradient
from tests.dataflow.test_batch_units import mapped as mapped_with_sums
from tests.models import build_model, perceptron

_FOLDERS = sorted(path.name for path in data_folder("kernel_lib").iterdir() if (path / "kernel.yaml").exists())


def test_every_kernel_of_the_generator_has_a_folder() -> None:
    assert sorted(kernels()) == _FOLDERS


@pytest.mark.parametrize("name", _FOLDERS)
def test_kernel_describes_itself(name: str) -> None:
    folder: Path = data_folder("kernel_lib") / name
    schema = json.loads((data_folder("schemas") / "kernel.schema.json").read_text(encoding="utf-8"))
    content = yaml.safe_load((folder / "kernel.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(content)
    assert f" {content['cpp']}(" in (folder / f"{name}.hpp").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def processes() -> list[dict[str, Any]]:
    """Of networks with units of every kernel."""
    joined = build_model(
        [
            networks.node("Sin", ["x"], "s"),
            networks.node("Concat", ["s", "x"], "c", axis=1),
            networks.node("ReduceSum", ["c", "axes"], "y", keepdims=1),
        ],
        {"x": ["N", 4]},
        {"y": ["N", 1]},
        {"axes": np.array([1])},
    )
    mapped = [
        networks.mapped(perceptron((2, 8, 1), "Sin"), order=1, sparse="always"),
        networks.mapped(joined),
        mapped_with_sums(gradient(8, 4), 8, 100),
    ]
    found = [process for network in mapped for process in network["processes"]]
    assert {process["kernel"] for process in found} == set(_FOLDERS)
    return found


def test_parameters_are_those_that_map_writes(processes: list[dict[str, Any]]) -> None:
    """Each parameter of a process is described, and each described one is there."""
    described = {
        name: set(yaml.safe_load((data_folder("kernel_lib") / name / "kernel.yaml").read_text())["parameters"])
        for name in _FOLDERS
    }
    for process in processes:
        assert set(process["parameters"]) == described[process["kernel"]], process["name"]


def test_a_kernel_has_a_colour_in_the_report_and_says_what_it_does(processes: list[dict[str, Any]]) -> None:
    style = (data_folder("report/templates") / "style.css.j2").read_text(encoding="utf-8")
    for process in processes:
        assert f".k-{process['kind']} " in style
        assert 1 <= len(process["text"]) <= 2
        assert all(0 < len(line) <= 24 for line in process["text"]), process["text"]
        assert (process["multipliers"] > 0) == (process["kind"] == "product")
    texts = {process["name"]: process["text"] for process in processes}
    assert texts["net_1"] == ["4 → 4, 1 coeff.", "2×2×1 multipliers"]
    assert texts["gemm_1"] == ["8 → 1, 100 % nonzero", "3×1×3 multipliers"]
    assert texts["net_0_Gemm_adjoint_Gemm_1"] == ["4 × 2, over rows", "1×2 multipliers"]
    assert texts["n_s"] == ["4 features, 1 wide", "1 operation"]
    assert texts["sink_n_y"] == ["sink", "1 feature"]
