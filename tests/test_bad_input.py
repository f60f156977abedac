"""Bad input from the outside: each is a clear error with exit code 1-3, no traceback and no half-written artefact."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.models import build_model, siren
from tests.workspace import PROJECT, Ran, TestWorkspace, make_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> TestWorkspace:
    return make_workspace(tmp_path)


def refused(workspace: TestWorkspace, ran: Ran, *parts: str) -> None:
    """The command failed with these texts in its message, and left nothing behind that looks like a result."""
    assert 1 <= ran.code <= 3, ran.text
    assert "Traceback" not in ran.text, ran.text
    for part in parts:
        assert part in ran.text, ran.text
    assert not list((workspace.build / ".tmp").glob("*"))
    for record in (workspace.build / ".store").glob("*"):
        assert (record / "record.json").is_file()
        assert (record / "payload").is_dir()


def with_nan(model: onnx.ModelProto) -> onnx.ModelProto:
    weight = next(tensor for tensor in model.graph.initializer if len(tensor.dims) == 2)
    array = numpy_helper.to_array(weight).copy()
    array[1, 1] = np.nan
    weight.CopyFrom(numpy_helper.from_array(array, weight.name))
    return model


def test_missing_model(workspace: TestWorkspace) -> None:
    (workspace.project / "model.onnx").unlink()
    refused(workspace, workspace.inrarch("build"), "model.onnx", "project.yaml")


def test_not_onnx(workspace: TestWorkspace) -> None:
    workspace.save(b"this is not a model")
    refused(workspace, workspace.inrarch("build", "--until", "expand"), "model.onnx", "ONNX")


def test_model_that_does_not_check(workspace: TestWorkspace) -> None:
    model = siren((2, 4, 1))
    model.graph.node[0].input[0] = "nowhere"
    workspace.save(model)
    refused(workspace, workspace.inrarch("build", "--until", "expand"), "model.onnx", "nowhere")


def test_unsupported_operator_names_node_operator_and_what_would_help(workspace: TestWorkspace) -> None:
    node = helper.make_node("Hardmax", ["x"], ["y"], name="the_node")
    workspace.save(build_model([node], {"x": ["N", 2]}, {"y": ["N", 2]}))
    refused(workspace, workspace.inrarch("build", "--until", "expand"), "the_node", "Hardmax", "Where and comparisons")


def test_unknown_wrt_names_the_inputs(workspace: TestWorkspace) -> None:
    workspace.configure(PROJECT.replace("{order: 1}", "{order: 1, wrt: z}"))
    refused(workspace, workspace.inrarch("build", "--until", "expand"), "'z'", "x")


@pytest.mark.parametrize("order", ["0", "-1", "1.5"])
def test_order_that_is_no_order_is_refused_at_its_place(workspace: TestWorkspace, order: str) -> None:
    workspace.configure(PROJECT.replace("{order: 1}", f"{{order: {order}}}"))
    refused(workspace, workspace.inrarch("build"), "project.yaml:2:22", order)


def test_huge_order_is_refused_with_its_cost_and_the_limit_that_can_be_raised(workspace: TestWorkspace) -> None:
    workspace.configure(PROJECT.replace("{order: 1}", "{order: 60}"))
    refused(workspace, workspace.inrarch("build", "--until", "expand"), "1891", "max_coefficients")


def test_weights_that_are_not_finite(workspace: TestWorkspace) -> None:
    model = with_nan(siren((2, 4, 1)))
    workspace.save(model)
    name = next(tensor.name for tensor in model.graph.initializer if len(tensor.dims) == 2)
    refused(workspace, workspace.inrarch("build", "--until", "expand"), name, "NaN")


def test_calibration_samples_of_the_wrong_shape(workspace: TestWorkspace) -> None:
    np.save(workspace.project / "samples.npy", np.zeros((100, 3)))
    workspace.configure(PROJECT.replace("{low: -1, high: 1}", "{samples_file: samples.npy}"))
    refused(workspace, workspace.inrarch("build", "--until", "quantize"), "samples.npy", "(100, 3)", "2")


def test_board_too_small_names_the_resource_and_what_would_fit(workspace: TestWorkspace) -> None:
    workspace.save(siren((2, 64, 64, 64, 1)))
    limits = "constraints: {dsp_count: 20}\n"
    workspace.configure(PROJECT + limits)
    ran = workspace.inrarch("build", "--until", "map")
    refused(workspace, ran, "DSP", "20")
    assert re.search(r"hint: .+", ran.text)


def test_no_compiler_names_the_package(workspace: TestWorkspace, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(workspace, workspace.inrarch("build", path=str(empty)), "g++", "apt")


def test_external_data_outside_the_folder_of_the_model(workspace: TestWorkspace) -> None:
    model = siren((2, 4, 1))
    tensor = next(tensor for tensor in model.graph.initializer if len(tensor.dims) == 2)
    secret = workspace.root / "secret.bin"
    secret.write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret.bin")
    workspace.save(model)
    refused(workspace, workspace.inrarch("build", "--until", "expand"), "../../secret.bin", "folder")


EVIL = [
    'x"); system("touch pwned"); //',
    "$(touch pwned)",
    "../../../pwned",
    "y\n#error z",
    "*/ int",
    "<script>alert(1)</script>",
]


def test_names_from_the_model_reach_no_shell_path_or_code(workspace: TestWorkspace) -> None:
    model = siren((2, 4, 4, 1))
    renamed: dict[str, str] = {}
    for position, value in enumerate(["x", "y", *[output for node in model.graph.node for output in node.output]]):
        renamed.setdefault(value, f"{EVIL[position % len(EVIL)]}{position}")
    for position, tensor in enumerate(model.graph.initializer):
        renamed[tensor.name] = f"{EVIL[position % len(EVIL)]} w{position}"
        tensor.name = renamed[tensor.name]
    for position, node in enumerate(model.graph.node):
        node.name = f"{EVIL[position % len(EVIL)]}{node.name}"
        for values in (node.input, node.output):
            values[:] = [renamed[value] for value in values]
    model.graph.input[0].name = renamed["x"]
    model.graph.output[0].name = renamed["y"]
    workspace.save(model)
    built = workspace.inrarch("build")
    assert built.code == 0, built.text
    assert not list(workspace.root.rglob("pwned"))
    outside = {path.name for path in workspace.root.iterdir()}
    assert outside == {"projects", "build"}
    page = (workspace.build / "net/default/report/index.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "-n", "a=b", "x*"])
def test_init_refuses_names_that_are_no_folder_names(workspace: TestWorkspace, name: str) -> None:
    before = sorted(path for path in workspace.root.rglob("*"))
    made = workspace.inrarch("init", "--onnx=projects/net/model.onnx", "--", name)
    assert 1 <= made.code <= 3, made.text
    assert "Traceback" not in made.text
    assert sorted(path for path in workspace.root.rglob("*")) == before
