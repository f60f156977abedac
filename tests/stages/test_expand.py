"""The stage expand: a pure function from the model and what is asked to one file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnx
import pytest

from inrarch.config.model import Derivatives
from inrarch.engine.stage import StageRun
from inrarch.errors import UserError
from inrarch.stages.expand import STAGE
from tests.models import siren


def variant(model: Path, **changes: Any) -> Any:
    asked = {
        "wrt": (),
        "order": 2,
        "outputs": (),
        "terms": (),
        "coordinates": (),
        "columns": (),
        "direction": (),
        "step": 1.0,
        "method": "auto",
        "max_coefficients": 1000,
    }
    return SimpleNamespace(model=model, derivatives=Derivatives(**asked | changes))


def run(tmp_path: Path, **changes: Any) -> tuple[str | None, Path]:
    model = tmp_path / "model.onnx"
    onnx.save(siren((2, 8, 3)), model)
    output = tmp_path / f"output{len(list(tmp_path.iterdir()))}"
    output.mkdir()
    asked = variant(model, **changes)
    step = StageRun({}, STAGE.files(asked), STAGE.settings(asked), output, tmp_path)
    return STAGE.run(step), output


def test_it_writes_the_derivatives_and_says_what_they_cost(tmp_path: Path) -> None:
    summary, output = run(tmp_path)
    assert [path.name for path in output.iterdir()] == ["derivative.onnx"]
    names = [value.name for value in onnx.load(output / "derivative.onnx").graph.output]
    assert names == ["y", "y_d0", "y_d1", "y_d00", "y_d01", "y_d11"]
    assert summary is not None
    assert summary.startswith("6 outputs, ")
    assert "matmuls" in summary


def test_it_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = (run(tmp_path)[1] / "derivative.onnx" for _ in range(2))
    assert first.read_bytes() == second.read_bytes()


def test_outputs_by_name_and_step_are_passed_on(tmp_path: Path) -> None:
    _, output = run(tmp_path, outputs=("y_d0",), step=0.5)
    model = onnx.load(output / "derivative.onnx")
    assert [value.name for value in model.graph.output] == ["y_d0"]
    seed = next(each for each in model.graph.initializer if each.name == "x_d0")
    assert onnx.numpy_helper.to_array(seed).tolist() == [[0.5, 0.0]]


def test_operators_are_passed_on(tmp_path: Path) -> None:
    terms = (("heat", (("d0", 1.0), ("d11", -0.5))),)
    names = ("heat", "laplacian", "directional")
    _, output = run(tmp_path, terms=terms, outputs=names, coordinates=(1,), direction=(2.0,))
    model = onnx.load(output / "derivative.onnx")
    assert [value.name for value in model.graph.output] == ["y_heat", "y_laplacian", "y_directional"]
    _, output = run(tmp_path, outputs=("laplacian",), columns=(("y", (2,)),))
    dims = onnx.load(output / "derivative.onnx").graph.output[0].type.tensor_type.shape.dim
    assert dims[1].dim_value == 1
    _, output = run(tmp_path, terms=terms)
    assert [value.name for value in onnx.load(output / "derivative.onnx").graph.output] == ["y_heat"]


def test_operators_joined_from_several_derivatives_are_outputs(tmp_path: Path) -> None:
    _, output = run(tmp_path, outputs=("hessian", "gradient"), columns=(("y", (2,)),))
    model = onnx.load(output / "derivative.onnx")
    sizes = [[dim.dim_value for dim in value.type.tensor_type.shape.dim][1:] for value in model.graph.output]
    assert [value.name for value in model.graph.output] == ["y_hessian", "y_gradient"]
    assert sizes == [[1, 2, 2], [2]]


def test_a_bad_request_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="wrt 'z' is not an input"):
        run(tmp_path, wrt=("z",))
    assert not list((tmp_path / "output1").iterdir())


def test_settings_hold_nothing_but_the_request(tmp_path: Path) -> None:
    assert STAGE.settings(variant(tmp_path / "m.onnx", wrt=("x",))) == {
        "wrt": ["x"],
        "order": 2,
        "outputs": [],
        "terms": {},
        "coordinates": [],
        "columns": {},
        "direction": [],
        "step": 1.0,
        "method": "taylor",
        "max_coefficients": 1000,
    }


def test_external_data_belongs_to_the_files_that_are_read(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    onnx.save(siren((2, 8, 3)), model, save_as_external_data=True, location="weights.bin", size_threshold=0)
    (tmp_path / "notes.txt").write_text("not mentioned")
    assert STAGE.files(variant(model)) == {"model": model, "data weights.bin": tmp_path / "weights.bin"}


def test_a_model_that_holds_its_weights_is_its_only_file(tmp_path: Path) -> None:
    model = tmp_path / "m.onnx"
    onnx.save(siren((2, 8, 3)), model)
    (tmp_path / "x").write_text("the model has an input of this name")
    assert STAGE.files(variant(model)) == {"model": model}


def test_a_missing_model_is_left_to_the_run(tmp_path: Path) -> None:
    missing = tmp_path / "m.onnx"
    (tmp_path / "other").touch()
    assert STAGE.files(variant(missing)) == {"model": missing}
