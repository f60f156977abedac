"""Trees: merging keeps values and the places they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.config.tree import Tree, dotted, nested, overlaid
from inrarch.config.yaml12 import parse_yaml


def test_mappings_are_merged_and_everything_else_is_replaced() -> None:
    base = parse_yaml("a: {x: 1, y: [1, 2]}\nb: 1\n", Path("base.yaml"))
    top = parse_yaml("a: {y: [3], z: 4}\nb: {c: 5}\n", Path("top.yaml"))
    merged = overlaid(base, top)
    assert merged.value == {"a": {"x": 1, "y": [3], "z": 4}, "b": {"c": 5}}
    assert merged.origins[("a", "x")].source.path == Path("base.yaml")
    assert merged.origins[("a", "y", 0)].source.path == Path("top.yaml")
    assert base.value == {"a": {"x": 1, "y": [1, 2]}, "b": 1}


def test_a_part_can_be_taken_out_and_put_elsewhere_with_its_place() -> None:
    tree = parse_yaml("a:\n  b: [7, 8]\n", Path("f.yaml"))
    moved = nested(("x", "y"), tree.at(("a", "b")))
    assert moved.value == {"x": {"y": [7, 8]}}
    assert moved.error(("x", "y", 1), "wrong").text() == "f.yaml:2:10: wrong\n    2 |   b: [7, 8]\n      |          ^"


def test_the_error_of_a_defaulted_part_stands_at_the_section_above_it() -> None:
    tree = parse_yaml("a:\n  b: 1\n", Path("f.yaml"))
    assert tree.error(("a", "c", "d"), "wrong").text() == "f.yaml:1:1: wrong\n    1 | a:\n      | ^"


def test_the_error_of_a_tree_without_a_file_has_no_place() -> None:
    assert Tree({}, {}).error(("a",), "wrong", expected="right").text() == "wrong; expected right"


@pytest.mark.parametrize(
    ("path", "text"), [((), ""), (("a", "b"), "a.b"), (("a", 0, "b"), "a[0].b"), (("a", 1, 2), "a[1][2]")]
)
def test_paths_are_written_as_people_write_them(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text
