"""Every file that a real stage opens or imports is in its fingerprint: the build of a small network, watched."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inrarch.resources import data_folder
from inrarch.stages import stages
from tests.workspace import ROOT, TestWorkspace, make_workspace

WATCH = """
import atexit, json, os, sys
opened = set()

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
        opened.add(os.path.abspath(arguments[0]))

def report():
    modules = {module.__file__ for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
    path = os.path.join(os.environ["WATCH_FOLDER"], f"{os.getpid()}.json")
    with open(path, "w") as stream:
        json.dump({"last": sys.argv[-1], "read": sorted(opened | modules)}, stream)

def leave(code, leave_at_once=os._exit):
    report()
    leave_at_once(code)

sys.addaudithook(watch)
atexit.register(report)
os._exit = leave
"""
"""Python runs a `sitecustomize` at its start; the build passes PYTHONPATH on to its stages. A stage has two processes:
its guard, which ends as usual, and the one that works, which leaves by `os._exit`."""

STARTERS = (
    "inrarch/__main__.py",
    "inrarch/cli/",
    "inrarch/engine/",
    "inrarch/output.py",
    "inrarch/tools/__init__.py",
    "inrarch/tools/process.py",
)
"""What runs every stage, and has no part in its result."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A finished build, and by stage the files that it read."""

    workspace: TestWorkspace
    read: dict[str, set[Path]]

    def record(self, stage: str) -> dict[str, Any]:
        payload = (self.workspace.build / "net" / "default" / stage).resolve()
        record: dict[str, Any] = json.loads((payload.parent / "record.json").read_text())
        return record


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    folder = tmp_path_factory.mktemp("watched")
    for name in ("seen", "hook"):
        (folder / name).mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(WATCH)
    workspace = make_workspace(folder / "workspace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCH_FOLDER", str(folder / "seen"))
        built = workspace.inrarch("build", search=[folder / "hook"])
    assert built.code == 0, built.text
    read: dict[str, set[Path]] = {}
    for file in (folder / "seen").iterdir():
        seen = json.loads(file.read_text())
        place = Path(seen["last"])
        if place.name == "step.json":
            stage = place.parent.name.rpartition("-")[0]
            read.setdefault(stage, set()).update(Path(path) for path in seen["read"])
    return Watched(workspace, read)


def test_every_stage_was_watched(watched: Watched) -> None:
    assert set(watched.read) == {stage.name for stage in stages()}


@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_code_and_data_of_the_package_are_in_the_fingerprint(watched: Watched, stage: Any) -> None:
    checkout = {path for path in watched.read[stage.name] if path.is_relative_to(ROOT)}
    # A virtual environment may stand in the checkout: its libraries count by their versions.
    read = {path.relative_to(ROOT).as_posix() for path in checkout if not path.is_relative_to(sys.prefix)}
    read = {name for name in read if not name.endswith(".pyc") and not name.startswith(STARTERS)}
    ingredients = watched.record(stage.name)["ingredients"]
    data = {data_folder(each).relative_to(ROOT).as_posix(): each for each in stage.data}
    declared = set(ingredients["code"])
    for folder, name in data.items():
        declared |= {folder + path.removeprefix(name) for path in ingredients["data"] if path.startswith(f"{name}/")}
    assert f"inrarch/stages/{stage.name}.py" in read
    assert read - declared == set()


@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_nothing_of_the_workspace_is_read_but_files_and_inputs_of_the_stage(watched: Watched, stage: Any) -> None:
    build = watched.workspace.build
    inputs = [(build / "net" / "default" / name).resolve() for name in stage.after]
    allowed = [*inputs, build / ".tmp"]
    if "model" in watched.record(stage.name)["ingredients"]["files"]:
        allowed.append(watched.workspace.project / "model.onnx")
    read = {path for path in watched.read[stage.name] if path.is_relative_to(watched.workspace.root)}
    assert {path for path in read if not any(path.is_relative_to(place) for place in allowed)} == set()
