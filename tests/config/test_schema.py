"""Every key of the schemas is described and has a default; defaults come from the schemas alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inrarch.config.schema import dotted_keys, has_key, in_words, load_schema, with_defaults
from inrarch.config.tree import Tree
from inrarch.config.validate import schema_errors


def keys(schema: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Dotted name, schema and whether it is required, of every key, below free names and list items too."""
    for name, below in schema.get("properties", {}).items():
        yield prefix + name, below, name in schema.get("required", [])
        yield from keys(below, f"{prefix}{name}.")
    for below in (*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(below, dict):
            yield from keys(below, prefix)


@pytest.mark.parametrize("name", ["project", "workspace", "board"])
def test_every_key_has_a_description_and_a_default_or_is_required(name: str) -> None:
    for key, schema, required in keys(load_schema(name)):
        assert schema.get("description"), key
        # What a stage needs by default, the stage itself says.
        assert required or "default" in schema or key.startswith("stages."), key


@pytest.mark.parametrize("name", ["project", "workspace", "board"])
def test_no_section_takes_unknown_keys(name: str) -> None:
    def sections(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield schema
        for _, below, _ in keys(schema):
            yield below

    for schema in sections(load_schema(name)):
        if "properties" in schema:
            assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", ["project", "workspace"])
def test_the_defaults_are_valid_themselves(name: str) -> None:
    assert schema_errors(Tree(with_defaults(load_schema(name), {}), {}), name) == []


@pytest.mark.parametrize("name", ["project", "workspace", "board"])
def test_the_schemas_are_draft_07(name: str) -> None:
    from jsonschema import Draft7Validator

    assert load_schema(name)["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(load_schema(name))


def test_defaults_of_the_workspace_are_all_keys_of_a_project_but_matrix() -> None:
    project = dict(load_schema("project")["properties"])
    del project["matrix"]
    assert load_schema("workspace")["properties"]["defaults"]["properties"] == project


def test_defaults_fill_what_is_not_said_at_every_depth() -> None:
    filled = with_defaults(load_schema("project"), {"numeric": {"data_bits": 20}, "clock_mhz": 100})
    assert filled["numeric"]["data_bits"] == 20
    assert filled["numeric"]["weight_bits"] == 18
    assert filled["clock_mhz"] == 100
    assert filled["derivatives"]["order"] == 1


def test_the_boards_in_the_schema_text_are_those_that_are_shipped() -> None:
    from inrarch.boards import board_names

    assert f"({', '.join(board_names())})" in load_schema("project")["properties"]["board"]["description"]


def test_keys_are_known_in_dotted_form_with_free_names_of_units() -> None:
    schema = load_schema("project")
    assert "derivatives.order" in set(dotted_keys(schema))
    assert has_key(schema, ("derivatives", "order"))
    assert has_key(schema, ("dataflow", "parallelism", "l1", "inputs"))
    assert not has_key(schema, ("dataflow", "parallelism", "l1", "depth"))
    assert not has_key(schema, ("board", "name"))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "boolean"}, "boolean"),
        ({"type": "integer", "minimum": 2}, "an integer of at least 2"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "a number above 0 and of at most 1"),
        ({"type": ["string", "null"]}, "a text or null"),
        ({"enum": ["a", "b"]}, "'a' or 'b'"),
        ({"anyOf": [{"const": "auto"}, {"type": "array"}]}, "'auto' or a list"),
        ({}, "another value"),
    ],
)
def test_what_a_schema_expects_is_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert in_words(schema) == words


def test_the_schemas_are_files_of_the_repository() -> None:
    assert (Path(__file__).parents[2] / "schemas" / "project.schema.json").is_file()
