"""Every kernel folder describes itself, and its header has the function that it names."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_parameters_are_those_that_map_writes() -> None:
    """Networks with units of every kernel: each parameter of a process is described, and each described one is there."""
    described = {
        name: set(yaml.safe_load((data_folder("kernel_lib") / name / "kernel.yaml").read_text())["parameters"])
        for name in _FOLDERS
    }
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
    processes = [process for network in mapped for process in network["processes"]]
    assert {process["kernel"] for process in processes} == set(_FOLDERS)
    for process in processes:
        assert set(process["parameters"]) == described[process["kernel"]], process["name"]
