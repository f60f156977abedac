"""External data comes from the model's folder, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from inrarch.errors import UserError
from inrarch.graph import external
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import siren

FOLDER = "model"


def save_with_external_data(folder: Path) -> Path:
    folder.mkdir()
    path = folder / "m.onnx"
    onnx.save(siren((2, 16, 1)), path, save_as_external_data=True, location="m.data", size_threshold=0)
    return path


def rewrite(path: Path, **entries: str) -> None:
    """Change entries of the first external tensor."""
    proto = onnx.load(path, load_external_data=False)
    tensor = next(each for each in proto.graph.initializer if each.data_location == onnx.TensorProto.EXTERNAL)
    tensor.name = proto.graph.initializer[0].name
    for entry in tensor.external_data:
        entry.value = entries.pop(entry.key, entry.value)
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    path.write_bytes(proto.SerializeToString())


def message(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_model(path)
    return str(caught.value)


def test_data_beside_the_model_is_read(tmp_path: Path) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    feeds = {"x": np.array([[0.25, -0.5]])}
    found, expected = evaluate(load_model(path), feeds), evaluate(load_model(siren((2, 16, 1))), feeds)
    assert found["y"] == expected["y"]


@pytest.mark.parametrize("absolute", [False, True])
def test_data_outside_the_folder_is_refused(tmp_path: Path, absolute: bool) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(1 << 16))
    location = str(secret) if absolute else "../secret"
    rewrite(path, location=location)
    assert message(path).endswith(
        f": its external data {location!r} is outside the model's folder; expected a file beside the model"
    )


def test_an_absolute_location_is_refused_even_inside_the_folder(tmp_path: Path) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    rewrite(path, location=str(tmp_path / FOLDER / "m.data"))
    assert "is outside the model's folder" in message(path)


def test_no_location_is_refused(tmp_path: Path) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    rewrite(path, location="")
    assert "its external data '' is outside the model's folder" in message(path)


def test_a_location_that_is_no_path_does_not_exist(tmp_path: Path) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    rewrite(path, location="a\0b")
    assert message(path) == f"{path}: tensor 'w0': its external data 'a\\x00b' does not exist"


def test_a_symbolic_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    secret = tmp_path / "secret"
    (tmp_path / FOLDER / "m.data").rename(secret)
    (tmp_path / FOLDER / "m.data").symlink_to(secret)
    assert "its external data 'm.data' is outside the model's folder" in message(path)


def test_missing_data_is_named(tmp_path: Path) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    (tmp_path / FOLDER / "m.data").unlink()
    assert message(path) == f"{path}: tensor 'w0': its external data 'm.data' does not exist"


@pytest.mark.parametrize("entries", [{"offset": "1000000"}, {"length": "-1"}, {"offset": "x"}, {"length": "99999999"}])
def test_data_beyond_the_end_of_the_file_is_refused(tmp_path: Path, entries: dict[str, str]) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    size = (tmp_path / FOLDER / "m.data").stat().st_size
    rewrite(path, **entries)
    assert message(path) == (
        f"{path}: tensor 'w0': its external data lies outside the {size} bytes of 'm.data'\n"
        "hint: the data file is truncated, or belongs to another model"
    )


def test_data_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    rewrite(path, length="2")
    assert message(path).startswith(f"{path}: the model is not valid ONNX: ")


def test_too_much_data_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_with_external_data(tmp_path / FOLDER)
    monkeypatch.setattr(external, "LARGEST_DATA", 100)
    assert message(path) == f"{path}: its external data has more than 100 bytes"


def test_a_model_in_memory_may_not_refer_to_files(tmp_path: Path) -> None:
    proto = onnx.load(save_with_external_data(tmp_path / FOLDER), load_external_data=False)
    with pytest.raises(UserError) as caught:
        load_model(proto)
    assert str(caught.value) == (
        "model: tensor 'w0': its data stands in the file 'm.data'; expected a model in memory to be complete"
    )
