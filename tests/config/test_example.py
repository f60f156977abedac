"""inrarch.yaml.example is valid, changes nothing, and shows every key of the schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inrarch.config.schema import load_schema, with_defaults
from inrarch.config.yaml12 import parse_yaml
from tests.config.folder import Folder

EXAMPLE = Path(__file__).parents[2] / "inrarch.yaml.example"
_MARK = "#|"


def project_text() -> str:
    """The part of the example that is a project.yaml, without the marks before its lines."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removeprefix(_MARK) for line in lines if line.startswith(_MARK))


def schema_paths(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a schema as a path in which `*` stands for free names and list items."""
    for key, below in schema.get("properties", {}).items():
        yield (*path, key)
        yield from schema_paths(below, (*path, key))
    for branch in schema.get("anyOf", ()):
        yield from schema_paths(branch, path)
    for below in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(below, dict):
            yield from schema_paths(below, (*path, "*"))


def has_path(value: Any, path: tuple[str, ...]) -> bool:
    if not path:
        return True
    if path[0] == "*":
        parts = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
        return any(has_path(part, path[1:]) for part in parts)
    return isinstance(value, dict) and path[0] in value and has_path(value[path[0]], path[1:])


def test_the_example_copied_as_it_stands_is_valid_and_changes_nothing(folder: Folder) -> None:
    folder.write("inrarch.yaml", EXAMPLE.read_text(encoding="utf-8"))
    (folder.root / "projects").mkdir()
    with_example = folder.variant("")
    (folder.root / "inrarch.yaml").unlink()
    assert with_example == folder.variant("")


def test_the_example_shows_the_defaults_of_the_schema() -> None:
    value = parse_yaml(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE).value
    schema = load_schema("workspace")
    expected = with_defaults(schema, {})
    assert value == expected


def test_every_key_of_the_workspace_is_shown() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = re.search(r"^stages: \{} +# [^{]*: (\{.*\})$", text, re.MULTILINE)  # no stage is there by default
    assert shown is not None
    value = {**parse_yaml(text, EXAMPLE).value, "stages": parse_yaml(shown[1], EXAMPLE).value}
    project = parse_yaml(project_text(), EXAMPLE).value
    for path in schema_paths(load_schema("workspace")):
        assert has_path(value, path) or has_path(project, path[1:]), ".".join(path)


def test_every_key_of_a_project_is_shown() -> None:
    defaults = parse_yaml(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE).value["defaults"]
    project = parse_yaml(project_text(), EXAMPLE).value
    for path in schema_paths(load_schema("project")):
        assert has_path(defaults, path) or has_path(project, path), ".".join(path)


def test_the_project_in_the_example_is_valid_and_its_matrix_does_what_the_comments_say(folder: Folder) -> None:
    folder.project(project_text())
    names = [variant.name for variant in folder.loaded().variants]
    assert "u50-order1-fine" in names
    assert "u280-order1-coarse" not in names
    assert names[-1] == "zcu102-order1-coarse-clock_mhz200"
    tolerances = {variant.derivatives.order: variant.verification.tolerance for variant in folder.loaded().variants}
    assert tolerances == {1: 0.01, 2: 0.02}
