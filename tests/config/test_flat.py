from __future__ import annotations

from inrarch.config.flat import flat_configuration
from inrarch.config.schema import dotted_keys, load_schema
from tests.config.folder import Folder


def test_every_setting_stands_under_its_key_of_the_project_file(folder: Folder) -> None:
    found = flat_configuration(folder.variant("board: kv260\nderivatives: {order: 3}\n"))
    sections = {key.rpartition(".")[0] for key in dotted_keys(load_schema("project"))}
    keys = {key for key in dotted_keys(load_schema("project")) if key not in sections}
    assert set(found) == {key for key in keys if key.partition(".")[0] not in ("matrix", "description")}
    assert found["board"] == "kv260"
    assert found["derivatives.order"] == 3
    assert found["model"] == "model.onnx"
    assert found["dataflow.parallelism"] == "auto"
    assert found["report.image"] == [64, 64]
    assert found["constraints.dsp_count"] is None


def test_pinned_lanes_stand_under_their_unit(folder: Folder) -> None:
    found = flat_configuration(folder.variant("dataflow: {parallelism: {hidden_1: {inputs: 16, outputs: 4}}}\n"))
    assert found["dataflow.parallelism.hidden_1.inputs"] == 16
    assert found["dataflow.parallelism.hidden_1.outputs"] == 4


def test_operators_and_columns_are_written_out(folder: Folder) -> None:
    text = "derivatives: {terms: {heat: {d0: 1, d11: -0.5}, p: {'': 2}}, columns: {y: [0, 2]}, coordinates: [1]}\n"
    found = flat_configuration(folder.variant(text))
    assert found["derivatives.terms"] == ["heat: {d0: 1, d11: -0.5}", "p: {: 2}"]
    assert found["derivatives.columns"] == ["y: [0, 2]"]
    assert found["derivatives.coordinates"] == [1]


def test_the_largest_error_stands_under_its_section(folder: Folder) -> None:
    found = flat_configuration(folder.variant("constraints: {max_error: {0: 1e-4, y_d0: 0.01}}\n"))
    assert found["constraints.max_error"] == ["0: 0.0001", "y_d0: 0.01"]
    assert flat_configuration(folder.variant("constraints: {max_error: 0.5}\n"))["constraints.max_error"] == 0.5
