"""`inrarch verify-manifest` and `inrarch gc` on results of the real stages (the cheap ones)."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inrarch.engine.digest import canonical, text_digest
from tests.workspace import TestWorkspace, make_workspace


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> TestWorkspace:
    workspace = make_workspace(tmp_path_factory.mktemp("original"))
    (workspace.root / "inrarch.yaml").write_text("store: shared\n")
    built = workspace.inrarch("build", "--until", "optimize")
    assert built.code == 0, built.text
    return workspace


@pytest.fixture
def built(original: TestWorkspace, tmp_path: Path) -> TestWorkspace:
    """A copy of the built workspace, in another place."""
    shutil.copytree(original.root, tmp_path / "copy", symlinks=True)
    for link in (tmp_path / "copy" / "build").glob("net/default/*"):
        if link.is_symlink():
            target = Path(os.readlink(link)).relative_to(original.root)
            link.unlink()
            link.symlink_to(tmp_path / "copy" / target)
    return TestWorkspace(tmp_path / "copy")


def lines(workspace: TestWorkspace, *arguments: str, code: int) -> list[str]:
    ran = workspace.inrarch("verify-manifest", *arguments)
    assert ran.code == code, ran.text
    return ran.text.replace(f"{workspace.root}/", "").splitlines()


def artefact(workspace: TestWorkspace, stage: str) -> Path:
    return (workspace.build / "net" / "default" / stage).resolve().parent


def test_what_a_build_has_just_made_is_as_recorded(built: TestWorkspace) -> None:
    (said,) = lines(built, code=0)
    number = int(said.removeprefix("net@default: ").partition(" digests and versions checked, all as recorded")[0])
    manifest = json.loads((built.build / "net/default/manifest.json").read_text())
    assert number > len(manifest["content"]["code"]) + 3
    for chosen in ("net", "net@default", "n*", "build/net/default/manifest.json"):
        assert lines(built, chosen, code=0) == [said]


def test_a_manifest_that_was_carried_elsewhere_is_checked_against_the_workspace(
    built: TestWorkspace, tmp_path: Path
) -> None:
    shutil.copy(built.build / "net/default/manifest.json", tmp_path / "carried.json")
    assert "all as recorded" in lines(built, str(tmp_path / "carried.json"), code=0)[0]


def edited(text: str) -> str:
    return text_digest(text)


def change_output(built: TestWorkspace) -> str:
    path = artefact(built, "expand") / "payload" / "derivative.onnx"
    expected = json.loads((built.build / "net/default/manifest.json").read_text())
    expected = expected["content"]["stages"]["expand"]["outputs"]["files"]["derivative.onnx"]["sha256"]
    path.write_text("edited")
    shown = path.relative_to(built.root.resolve())
    return f"{shown}: found {text_digest('edited')}, expected {expected}"


def lose_output(built: TestWorkspace) -> str:
    path = artefact(built, "optimize") / "payload" / "passes.json"
    content = path.read_text()
    path.unlink()
    return f"{path.relative_to(built.root.resolve())}: found nothing, expected {text_digest(content)}"


def add_output(built: TestWorkspace) -> str:
    path = artefact(built, "optimize") / "payload" / "more.txt"
    path.write_text("more")
    return f"{path.relative_to(built.root.resolve())}: found {text_digest('more')}, expected nothing"


def truncate_record(built: TestWorkspace) -> str:
    path = artefact(built, "expand") / "record.json"
    os.truncate(path, 40)
    name = path.parent.name
    return f"{path.relative_to(built.root.resolve())}: found a damaged record, expected the record of {name}"


def lose_artefact(built: TestWorkspace) -> str:
    folder = artefact(built, "optimize")
    files = len(list((folder / "payload").iterdir()))
    shutil.rmtree(folder)
    return f"{folder.relative_to(built.root.resolve())}: found nothing, expected an artefact ({files} files)"


def lose_link(built: TestWorkspace) -> str:
    name = artefact(built, "optimize").name
    (built.build / "net/default/optimize").unlink()
    return f"build/net/default/optimize: found nothing, expected {name}"


def change_model(built: TestWorkspace) -> str:
    content = json.loads((built.build / "net/default/manifest.json").read_text())["content"]
    (built.project / "model.onnx").write_text("edited")
    expected = content["stages"]["expand"]["files"]["model"]["sha256"]
    return f"projects/net/model.onnx: found {text_digest('edited')}, expected {expected}"


@pytest.mark.parametrize(
    "harm",
    [change_output, lose_output, add_output, truncate_record, lose_artefact, lose_link, change_model],
)
def test_each_difference_is_told_with_place_found_and_expected(
    built: TestWorkspace, harm: Callable[[TestWorkspace], str]
) -> None:
    told = harm(built)
    said = lines(built, "net", code=1)
    assert said[:-1] == [told]
    assert said[-1].endswith(" digests and versions checked, 1 difference")


def test_a_manifest_that_was_edited_is_noticed(built: TestWorkspace) -> None:
    path = built.build / "net/default/manifest.json"
    manifest = json.loads(path.read_text())
    digest = manifest["content"]["stages"]["expand"]["outputs"]["digest"]
    manifest["content"]["stages"]["expand"]["outputs"]["digest"] = "0" * 64
    manifest["content"]["code"]["../../etc/passwd"] = "1" * 64
    manifest["content"]["code"]["inrarch/stages/expand.py"] = "2" * 64
    path.write_text(json.dumps(manifest))
    said = lines(built, code=1)
    assert said[0].startswith("build/net/default/manifest.json: content: found ")
    assert f"build/net/default/manifest.json: expand: outputs: found {digest}, expected {'0' * 64}" in said
    assert f"build/net/default/manifest.json: optimize: input expand: found {'0' * 64}, expected {digest}" in said
    assert f"../../etc/passwd: found nothing, expected {'1' * 64}" in said
    assert any(line.startswith("inrarch/stages/expand.py: found ") for line in said)
    assert said[-1].endswith(" digests and versions checked, 6 differences")


def test_other_versions_of_tools_and_libraries_are_told(built: TestWorkspace) -> None:
    path = built.build / "net/default/manifest.json"
    manifest = json.loads(path.read_text())
    stage = manifest["content"]["stages"]["expand"]
    numpy = stage["libraries"]["numpy"]
    for each in manifest["content"]["stages"].values():
        each["libraries"] |= {"numpy": "0.1", "no-such-library": "2"}
        each["tools"] = {"g++": "1.0", "no-such-tool": "3"}
    manifest["digest"] = text_digest(canonical(manifest["content"]))
    path.write_text(json.dumps(manifest))
    said = lines(built, code=1)
    assert re.fullmatch(r"tool g\+\+: found [0-9.]+, expected 1\.0", said[0])
    assert said[1:-1] == [
        "tool no-such-tool: found nothing, expected 3",
        "library no-such-library: found not installed, expected 2",
        f"library numpy: found {numpy}, expected 0.1",
    ]
    assert said[-1].endswith(" digests and versions checked, 4 differences")


def test_a_tool_that_is_not_there_is_told(built: TestWorkspace) -> None:
    path = built.build / "net/default/manifest.json"
    manifest = json.loads(path.read_text())
    manifest["content"]["stages"]["expand"]["tools"] = {"g++": "1.0"}
    manifest["digest"] = text_digest(canonical(manifest["content"]))
    path.write_text(json.dumps(manifest))
    (built.root / "inrarch.yaml").write_text("store: shared\ntools: {g++: /nowhere/g++}\n")
    assert lines(built, code=1)[0] == ("tool g++: found g++ is not an executable file at '/nowhere/g++', expected 1.0")


def test_what_is_no_manifest_is_refused(built: TestWorkspace) -> None:
    path = built.build / "net/default/manifest.json"
    path.write_text("{")
    assert lines(built, code=1) == [
        "build/net/default/manifest.json:1:2: is not JSON: "
        "Expecting property name enclosed in double quotes; expected a manifest (JSON)"
    ]
    path.write_text('{"format": 1}')
    assert lines(built, code=1) == [
        "build/net/default/manifest.json: 'state' is a required property; "
        "expected what schemas/manifest.schema.json says"
    ]
    assert lines(built, "nut", code=3) == [
        "no project 'nut'; expected one of net",
        "hint: did you mean 'net'?",
    ]
    assert lines(built, "nowhere/manifest.json", code=3) == [
        "no manifest 'nowhere/manifest.json'; expected a file, or a variant that has been built"
    ]
    path.unlink()
    assert lines(built, code=3) == [
        "build: no variant has a manifest yet",
        "hint: a build writes one for each variant",
    ]


def test_gc_of_the_real_plan_removes_only_what_is_not_needed(built: TestWorkspace) -> None:
    assert "removed nothing; 2 artefacts stay" in built.inrarch("gc").text
    built.configure((built.project / "project.yaml").read_text().replace("order: 1", "order: 2"))
    ran = built.inrarch("build", "--until", "expand")
    assert ran.code == 0, ran.text
    assert "removed nothing; 3 artefacts stay" in built.inrarch("gc", "--shared", "--keep-days", "1").text
    for path in (built.root / "shared").iterdir():
        os.utime(path, (0, 0))
    output = built.inrarch("gc", "--shared", "--dry-run").text
    assert "(net@default:expand, " in output
    assert "would remove 1 artefact: " in output
    assert built.inrarch("gc", "--shared").text == output.replace("would remove", "removed")
