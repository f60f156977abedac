"""Models are written whole or not at all, with the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from inrarch.errors import UserError
from inrarch.graph import save
from inrarch.graph.load import load_model
from inrarch.graph.save import save_model, to_proto
from tests.models import siren


def test_a_saved_model_checks_and_loads_again(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    save_model(load_model(siren((2, 8, 1))), path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    assert [node.op_type for node in load_model(path).graph] == ["Gemm", "Mul", "Sin", "Gemm"]
    assert [each.name for each in tmp_path.iterdir()] == ["m.onnx"]


def test_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_model(load_model(siren((2, 8, 1))), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "m.onnx"
    with pytest.raises(UserError) as caught:
        save_model(load_model(siren((2, 8, 1))), path)
    assert str(caught.value) == f"{path}: the model cannot be written: No such file or directory"


def test_the_current_folder_is_no_file() -> None:
    with pytest.raises(UserError, match="Is a directory"):
        save_model(load_model(siren((2, 8, 1))), Path())


def test_a_folder_in_the_place_of_the_file_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.mkdir()
    with pytest.raises(UserError, match="Is a directory"):
        save_model(load_model(siren((2, 8, 1))), path)
    assert [each.name for each in tmp_path.iterdir()] == ["m.onnx"]


def test_a_result_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(save, "LARGEST_MODEL", 100)
    with pytest.raises(
        UserError, match=r"^the resulting model has \d+ bytes, more than an ONNX file can have \(2 GiB\)$"
    ):
        to_proto(load_model(siren((2, 8, 1))))
