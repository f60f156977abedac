"""`inrarch init`: the project that it writes is right and builds; what it refuses, with the full text."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper

from inrarch.cli.init import _inputs
from inrarch.cli.main import main
from inrarch.config.load import load_workspace
from inrarch.config.model import Variant
from inrarch.graph.load import load_model
from tests.models import build_model, siren


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with a network beside it."""
    onnx.save(siren((2, 4, 1)), tmp_path / "net.onnx")
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def variant(folder: Path, name: str) -> Variant:
    workspace = load_workspace(folder)
    assert workspace.broken == ()
    return next(project for project in workspace.projects if project.name == name).variants[0]


def two_inputs() -> onnx.ModelProto:
    nodes = [helper.make_node("Concat", ["x", "time of day"], ["y"], axis=1)]
    return build_model(nodes, {"x": ["N", 3], "time of day": ["N", 1]}, {"y": ["N", 4]})


def test_the_project_is_right_and_holds_a_copy_of_the_network(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "demo", "--onnx", "../net.onnx", "--board", "zcu102"]) == 0
    assert capsys.readouterr().out == (
        "wrote projects/demo/project.yaml and projects/demo/model.onnx\n"
        "next: look at the domain in project.yaml, then `inrarch build demo`\n"
    )
    found = variant(here, "demo")
    assert found.derivatives.wrt == ("x",)
    assert found.derivatives.order == 1
    assert found.board.name == "zcu102"
    assert found.model.read_bytes() == (here.parent / "net.onnx").read_bytes()
    assert sorted(path.name for path in (here / "projects").iterdir()) == ["demo"]


def test_the_settings_in_comments_are_right_too(here: Path) -> None:
    assert main(["init", "demo", "--onnx", "../net.onnx"]) == 0
    file = here / "projects/demo/project.yaml"
    lines = [
        line.removeprefix("# ") if line.startswith(("# n", "# c", "# v", "# b", "# m", "#  ")) else line
        for line in file.read_text().splitlines()
    ]
    file.write_text("\n".join(lines))
    names = [found.name for project in load_workspace(here).projects for found in project.variants]
    assert names == ["u50-order1", "u50-order2", "zcu102-order1", "zcu102-order2"]


def test_the_board_is_left_to_the_workspace_where_none_is_named(here: Path) -> None:
    (here / "inrarch.yaml").write_text("defaults: {board: kv260}\n")
    assert main(["init", "demo", "--onnx", "../net.onnx"]) == 0
    assert variant(here, "demo").board.name == "kv260"


def test_the_modeline_leads_to_the_schema(here: Path) -> None:
    assert main(["init", "demo", "--onnx", "../net.onnx"]) == 0
    folder = here / "projects/demo"
    first = (folder / "project.yaml").read_text().splitlines()[0]
    assert (folder / first.partition("$schema=")[2]).resolve().name == "project.schema.json"
    assert (folder / first.partition("$schema=")[2]).is_file()


def test_the_example_of_all_keys_can_be_opened(here: Path) -> None:
    assert main(["init", "demo", "--onnx", "../net.onnx"]) == 0
    folder = here / "projects/demo"
    second = (folder / "project.yaml").read_text().splitlines()[1]
    assert (folder / second.partition(": ")[2]).name == "inrarch.yaml.example"
    assert (folder / second.partition(": ")[2]).is_file()


def test_all_inputs_are_listed_and_the_first_is_chosen(here: Path) -> None:
    onnx.save(two_inputs(), "two.onnx")
    assert main(["init", "two", "--onnx", "two.onnx"]) == 0
    text = (here / "projects/two/project.yaml").read_text()
    assert '  #   x [N, 3]\n  #   "time of day" [N, 1]\n  wrt: x\n' in text
    assert "a list: [-1, -1, -1, -1]" in text


def test_names_in_the_model_cannot_leave_their_comment_or_quotes(here: Path) -> None:
    evil = "x\nboard: evil {0}"
    model = build_model([helper.make_node("Identity", [evil], ["y\n- {z}"])], {evil: ["N", 9]}, {"y\n- {z}": ["N", 9]})
    onnx.save(model, "evil.onnx")
    assert main(["init", "evil", "--onnx", "evil.onnx"]) == 0
    found = variant(here, "evil")
    assert found.derivatives.wrt == (evil,)
    assert found.board.name == "u50"


def test_weights_in_other_files_are_brought_into_the_copy(here: Path) -> None:
    model = siren((2, 64, 1))
    onnx.save(model, here / "big.onnx", save_as_external_data=True, location="big.bin", size_threshold=0)
    assert main(["init", "big", "--onnx", "big.onnx"]) == 0
    assert sorted(path.name for path in (here / "projects/big").iterdir()) == ["model.onnx", "project.yaml"]
    assert len(load_model(here / "projects/big/model.onnx").graph.initializers) == len(model.graph.initializer)


def test_it_works_from_a_folder_inside_a_workspace(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "inrarch.yaml").write_text("projects: nets\n")
    (here / "nets").mkdir()
    monkeypatch.chdir(here / "nets")
    assert main(["init", "demo", "--onnx", "../../net.onnx"]) == 0
    assert (here / "nets/demo/project.yaml").is_file()


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "", ".", "..", "a@b", "-x", "x" * 65, "a\n"])
def test_illegal_names_are_refused(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--onnx", "../net.onnx", "--", name]) == 3
    assert capsys.readouterr().err == (
        f"{name!r} is not allowed as the name of a project; expected letters, digits and _.-, beginning with a letter "
        "or digit, at most 64 of them\n"
    )
    assert list(here.iterdir()) == []


def test_nothing_is_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "demo", "--onnx", "../net.onnx"]) == 0
    (here / "projects/demo/project.yaml").write_text("# mine\n")
    capsys.readouterr()
    assert main(["init", "demo", "--onnx", "../net.onnx"]) == 3
    assert capsys.readouterr().err == (
        "projects/demo exists already\nhint: choose another name, or remove the folder first\n"
    )
    assert (here / "projects/demo/project.yaml").read_text() == "# mine\n"


def test_an_unknown_board_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "demo", "--onnx", "../net.onnx", "--board", "zcu120"]) == 3
    assert capsys.readouterr().err == (
        "unknown board 'zcu120'; expected one of kv260, pynq_z2, u280, u50, ulx3s_85f, zcu102\n"
        "hint: did you mean 'zcu102'?\n"
    )
    assert list(here.iterdir()) == []


def test_what_is_not_a_network_is_refused_and_nothing_is_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "text.onnx").write_text("not a network")
    constant = helper.make_node("Constant", [], ["y"], value_float=1.0)
    onnx.save(build_model([constant], {}, {"y": []}), here / "constant.onnx")
    for file, message in (
        ("no.onnx", "no.onnx: no such file; expected an ONNX model\n"),
        ("text.onnx", "text.onnx: this is not an ONNX file; expected a protobuf ModelProto\n"),
        ("constant.onnx", "constant.onnx: the model has no input of real numbers; expected coordinates\n"),
    ):
        assert main(["init", "demo", "--onnx", file]) == 3
        assert capsys.readouterr().err == message
    assert not (here / "projects").exists()


def test_a_copy_that_fails_is_told_and_leaves_nothing_behind(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "rename", fail)
    monkeypatch.setattr(Path, "rename", fail)
    assert main(["init", "demo", "--onnx", "../net.onnx"]) == 3
    expected = "projects/demo: cannot be written: disk full; expected a workspace that this user may write\n"
    assert capsys.readouterr().err == expected
    assert list((here / "projects").iterdir()) == []


def test_the_first_input_of_real_numbers_is_chosen(here: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("Reshape", ["x", "shape"], ["y"])],
        "test",
        [
            helper.make_tensor_value_info("shape", TensorProto.INT64, [2]),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [8, 2]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [8, 2])],
    )
    inputs = _inputs(ir.from_proto(helper.make_model(graph)))
    assert [(entry.name, entry.is_real) for entry in inputs] == [("shape", False), ("x", True)]


@pytest.mark.parametrize(
    ("axes", "kind", "message"),
    [
        (["N", 2], TensorProto.INT64, "m.onnx: the model has no input of real numbers; expected coordinates\n"),
        (
            ["N", "d"],
            TensorProto.FLOAT,
            "m.onnx: wrt 'x' has shape [N, d]; expected a last axis of known size: the coordinates\n",
        ),
    ],
)
def test_a_network_that_cannot_be_differentiated_is_refused(
    axes: list[int | str], kind: int, message: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "test",
        [helper.make_tensor_value_info("x", kind, axes)],
        [helper.make_tensor_value_info("y", kind, axes)],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), here / "m.onnx")
    assert main(["init", "demo", "--onnx", "m.onnx"]) == 3
    assert capsys.readouterr().err == message
    assert not (here / "projects").exists()
