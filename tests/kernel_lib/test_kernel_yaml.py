"""Every kernel folder describes itself, and its header has the function that it names."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from inrarch.hardware.kernels import kernels
from inrarch.resources import data_folder

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
