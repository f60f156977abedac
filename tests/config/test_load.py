"""Finding and loading workspaces: defaults of inrarch.yaml, broken projects, paths, and errors with their full text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inrarch.config.load import find_root, load_workspace
from inrarch.errors import UserError
from tests.config.folder import Folder

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("inrarch.yaml", ""),
        ("pyproject.toml", "[project]\nname = 'x'\n[tool.doit]\n"),
        ("pyproject.toml", "[tool.doit.plugins.command]\n"),
        ("projects/p/project.yaml", ""),
    ],
)
def test_the_workspace_is_found_from_any_folder_below(file: str, text: str, folder: Folder) -> None:
    folder.write(file, text)
    below = folder.root / "projects" / "p" / "deep"
    below.mkdir(parents=True)
    assert find_root(below) == folder.root
    assert find_root() == folder.root


def test_a_folder_that_is_no_workspace_is_refused(folder: Folder) -> None:
    folder.write("pyproject.toml", "[tool.ruff]\n")
    with pytest.raises(UserError) as caught:
        find_root()
    assert caught.value.text() == (
        f"no workspace at or above {folder.root}; expected inrarch.yaml, projects/NAME/project.yaml, or a "
        "pyproject.toml with [tool.doit]\nhint: `inrarch init NAME --onnx MODEL` makes a first project here"
    )
    assert caught.value.exit_code == 3


def test_a_workspace_needs_no_file_of_its_own(folder: Folder) -> None:
    folder.project("", "b")
    folder.project("description: First.\n", "a")
    workspace = folder.load()
    assert workspace.file is None
    assert [(project.name, project.description) for project in workspace.projects] == [("a", "First."), ("b", "")]
    assert workspace.build == folder.root / "build"
    assert workspace.jobs == os.cpu_count()
    assert dict(workspace.tools) == {}


def test_settings_of_the_workspace_are_read_and_its_paths_resolved(folder: Folder) -> None:
    folder.write("my_boards/u50.yaml", (REPOSITORY / "inrarch/boards/pynq_z2.yaml").read_text())
    folder.write("nets/p/project.yaml", "")
    folder.write("nets/p/model.onnx", "")
    folder.write(
        "inrarch.yaml",
        "projects: nets\nbuild: out/x/..\njobs: 3\nboards: [my_boards]\ntools: {g++: /opt/g++, yosys: bin/yosys, z: z}",
    )
    workspace = folder.load()
    assert workspace.file == folder.root / "inrarch.yaml"
    assert workspace.build == folder.root / "out"
    assert workspace.jobs == 3
    assert workspace.tools == {"g++": "/opt/g++", "yosys": str(folder.root / "bin/yosys"), "z": "z"}
    assert workspace.projects[0].variants[0].board.part == "xc7z020clg400-1"


def test_defaults_of_the_workspace_apply_where_the_project_is_silent(folder: Folder) -> None:
    folder.write("inrarch.yaml", "defaults: {numeric: {data_bits: 20, weight_bits: 16}, domain: {low: [0, 0]}}")
    variant = folder.variant("numeric: {data_bits: 22}\ndomain: {low: -2}\n")
    assert (variant.numeric.data_bits, variant.numeric.weight_bits) == (22, 16)
    assert variant.domain.low == (-2.0,)


def test_an_error_in_a_default_is_marked_in_the_file_of_the_workspace(folder: Folder) -> None:
    folder.write("inrarch.yaml", "defaults:\n  board: u55\n")
    assert folder.error("") == (
        "inrarch.yaml:2:10: unknown board 'u55'; expected one of kv260, pynq_z2, u280, u50, ulx3s_85f, zcu102\n"
        "    2 |   board: u55\n      |          ^\nhint: did you mean 'u50'?"
    )


def test_a_broken_project_does_not_hinder_the_others(folder: Folder) -> None:
    folder.project("board: u55\n", "bad")
    folder.project("", "good")
    workspace = folder.load()
    assert [project.name for project in workspace.projects] == ["good"]
    assert [project.name for project in workspace.broken] == ["bad"]
    assert workspace.broken[0].file == folder.root / "projects/bad/project.yaml"


def test_a_project_folder_with_an_illegal_name_is_broken(folder: Folder) -> None:
    folder.project("", "my net")
    (broken,) = folder.load().broken
    assert broken.error.text() == (
        "projects/my net: 'my net' is not allowed as the name of a project; expected letters, digits and _.-, "
        "beginning with a letter or digit, at most 64 of them"
    )


def test_hidden_folders_and_folders_without_a_project_file_are_no_projects(folder: Folder) -> None:
    folder.project("", ".unfinished")
    folder.write("projects/notes/README.md", "")
    workspace = folder.load()
    assert workspace.projects == ()
    assert workspace.broken == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "build: .\n",
            "inrarch.yaml:1:8: the build folder '.' holds the workspace or its projects, or lies among them; expected "
            "a folder for nothing else, like 'build'\n    1 | build: .\n      |        ^",
        ),
        (
            "build: projects/build\n",
            "inrarch.yaml:1:8: the build folder 'projects/build' holds the workspace or its projects, or lies among "
            "them; expected a folder for nothing else, like 'build'\n    1 | build: projects/build\n      |        ^",
        ),
        (
            "boards: [boards]\n",
            "inrarch.yaml:1:10: the board folder 'boards' does not exist; expected a folder\n"
            "    1 | boards: [boards]\n      |          ^",
        ),
        (
            "projects: nets\n",
            "inrarch.yaml:1:11: the folder of projects 'nets' does not exist; expected a folder\n"
            "    1 | projects: nets\n      |           ^",
        ),
    ],
)
def test_what_is_wrong_with_the_folders_of_a_workspace(text: str, message: str, folder: Folder) -> None:
    folder.write("inrarch.yaml", text)
    with pytest.raises(UserError) as caught:
        folder.load()
    assert caught.value.text() == message


def test_a_build_folder_that_is_none_is_refused(folder: Folder) -> None:
    build = folder.write("build", "")
    hint = "hint: remove it, or set `build:` to another folder"
    with pytest.raises(UserError) as caught:
        folder.load()
    assert caught.value.text() == f"the build folder 'build' is a file; expected a folder, or nothing\n{hint}"
    build.unlink()
    build.symlink_to("nowhere")
    folder.write("inrarch.yaml", "build: build\n")
    with pytest.raises(UserError) as caught:
        folder.load()
    assert caught.value.text() == (
        "inrarch.yaml:1:8: the build folder 'build' is a link to nothing; expected a folder, or nothing\n"
        f"    1 | build: build\n      |        ^\n{hint}"
    )
    (folder.root / "nowhere").mkdir()
    assert folder.load().build == folder.root / "build"


def test_a_tool_that_nobody_knows_is_refused_where_the_names_are_known(folder: Folder) -> None:
    folder.write("inrarch.yaml", "tools:\n  g++: /opt/g++\n  verilatr: /nope\n")
    with pytest.raises(UserError) as caught:
        load_workspace(folder.root, tools=("g++", "verilator"))
    assert caught.value.text() == (
        "inrarch.yaml:3:3: unknown tool 'verilatr'; expected one of g++, verilator\n"
        "    3 |   verilatr: /nope\n      |   ^\nhint: did you mean 'verilator'?"
    )
    assert folder.load().tools == {"g++": "/opt/g++", "verilatr": "/nope"}


def test_the_build_folder_may_be_elsewhere(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("scratch") / "build"
    folder.write("inrarch.yaml", f"build: {elsewhere}\n")
    assert folder.load().build == elsewhere


def test_the_projects_of_the_repository_are_right() -> None:
    workspace = load_workspace(REPOSITORY)
    assert workspace.broken == ()
    assert {"siren_tiny", "siren_image"} <= {project.name for project in workspace.projects}


@pytest.mark.parametrize(
    ("store", "place"),
    [("null", None), ("shared", "shared"), ("../disk/./store", "../disk/store"), ("build/.store", "build/.store")],
)
def test_a_shared_store_is_a_folder_relative_to_the_workspace(folder: Folder, store: str, place: str | None) -> None:
    folder.write("inrarch.yaml", f"store: {store}\n")
    root = folder.root.resolve()
    expected = None if place is None else root.parent / place[3:] if place.startswith("../") else root / place
    assert folder.load().store == expected


@pytest.mark.parametrize("store", [".", "projects", "projects/store", "build", "build/store", ".."])
def test_a_store_where_it_would_be_taken_for_something_else_is_refused(folder: Folder, store: str) -> None:
    folder.write("inrarch.yaml", f"store: {store}\n")
    with pytest.raises(UserError) as caught:
        folder.load()
    assert caught.value.text() == (
        f"inrarch.yaml:1:8: the store {store!r} holds the workspace or its projects, or lies among them or in build; "
        f"expected a folder for nothing else, like '/shared/inrarch'\n    1 | store: {store}\n      |        ^"
    )


def test_a_store_that_is_a_file_is_refused(folder: Folder) -> None:
    folder.write("store", "")
    folder.write("inrarch.yaml", "store: store\n")
    with pytest.raises(UserError, match="the store 'store' is a file"):
        folder.load()
