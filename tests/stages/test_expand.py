"""The stage expand: a pure function from the model and what is asked to one file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import pytest

from inrarch.config.model import Derivatives
from inrarch.engine.stage import StageRun
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.graph.recorded_batch import recorded_batch
from inrarch.stages.expand import STAGE
from tests.models import build_model, node, siren


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


def by_parameters(tmp_path: Path, model: onnx.ModelProto, **changes: Any) -> ir.Model:
    """The derivative graph of a model at 32 rows per call."""
    onnx.save(model, tmp_path / "model.onnx")
    asked = variant(tmp_path / "model.onnx", **changes)
    asked.dataflow = SimpleNamespace(rows=32)
    (tmp_path / "output").mkdir()
    STAGE.run(StageRun({}, STAGE.files(asked), STAGE.settings(asked), tmp_path / "output", tmp_path))
    return load_model(tmp_path / "output" / "derivative.onnx")


def test_derivatives_by_parameters_record_the_rows_of_a_batch(tmp_path: Path) -> None:
    graph = by_parameters(tmp_path, siren((2, 8, 1)), parameters=("net.0.weight", "net.0.bias"))
    assert [value.name for value in graph.graph.outputs] == ["y", "y_d:net.0.weight", "y_d:net.0.bias"]
    assert recorded_batch(graph) == 32


def test_products_with_a_vector_by_inputs_have_rows_of_their_own(tmp_path: Path) -> None:
    graph = by_parameters(tmp_path, siren((2, 8, 3)), by="vjp")
    assert [value.name for value in graph.graph.inputs] == ["x", "v:y"]
    assert [value.name for value in graph.graph.outputs] == ["y", "vjp:x"]
    assert recorded_batch(graph) is None


def test_rows_are_a_setting_of_sums_over_them_alone(tmp_path: Path) -> None:
    asked = variant(tmp_path / "m.onnx", parameters=("w",))
    asked.dataflow = SimpleNamespace(rows=32)
    assert STAGE.settings(asked)["rows"] == 32
    assert STAGE.settings(asked)["order"] is None
    assert "rows" not in STAGE.settings(variant(tmp_path / "m.onnx"))


def test_inputs_with_more_axes_have_no_sums_over_the_batch(tmp_path: Path) -> None:
    model = build_model(
        [node("MatMul", ["x", "w"], "h"), node("ReduceSum", ["h"], "y", keepdims=0)],
        {"x": ["N", 5, 2]},
        {"y": []},
        {"w": np.ones((2, 3))},
    )
    with pytest.raises(UserError) as caught:
        by_parameters(tmp_path, model, parameters=("w",))
    assert str(caught.value) == (
        f"{tmp_path}/model.onnx: input 'x' has shape [N, 5, 2]; expected [rows, features] with any number of rows: "
        "derivatives by parameters are sums over them\nhint: export the model with a dynamic batch axis"
    )
