"""Choosing variants by name, variant and glob."""

from __future__ import annotations

import pytest

from inrarch.config.select import select_variants
from inrarch.errors import UserError
from tests.config.folder import Folder


@pytest.fixture
def nets(folder: Folder) -> Folder:
    folder.project("matrix: {axes: {board: [u50, u280]}}", "siren")
    folder.project("", "sdf")
    return folder


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        ([], ["sdf@default", "siren@u50", "siren@u280"]),
        (["siren"], ["siren@u50", "siren@u280"]),
        (["siren@u280"], ["siren@u280"]),
        (["*@u*"], ["siren@u50", "siren@u280"]),
        (["*u280"], ["siren@u280"]),
        (["s*"], ["sdf@default", "siren@u50", "siren@u280"]),
        (["siren@u280", "sdf", "siren@u2*"], ["sdf@default", "siren@u280"]),
        (["siren@u[25]80"], ["siren@u280"]),
    ],
)
def test_patterns_choose_in_the_order_of_the_workspace(patterns: list[str], chosen: list[str], nets: Folder) -> None:
    assert [variant.full_name for variant in select_variants(nets.load(), patterns)] == chosen


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("sirne", "no project 'sirne'; expected one of sdf, siren\nhint: did you mean 'siren'?"),
        ("siren@u5O", "project 'siren' has no variant 'u5O'; expected one of u50, u280\nhint: did you mean 'u50'?"),
        ("x*", "no project 'x*'; expected one of sdf, siren"),
    ],
)
def test_a_pattern_that_matches_nothing_is_refused(pattern: str, message: str, nets: Folder) -> None:
    with pytest.raises(UserError) as caught:
        select_variants(nets.load(), ["sdf", pattern])
    assert caught.value.text() == message


def test_long_lists_of_names_are_cut(folder: Folder) -> None:
    for index in range(15):
        folder.project("", f"n{index:02}")
    with pytest.raises(UserError, match=r"one of n00, n01, .*, n11 and 3 more"):
        select_variants(folder.load(), ["q"])


def test_a_broken_project_is_an_error_only_when_it_is_chosen(nets: Folder) -> None:
    nets.project("board: u55\n", "bad")
    workspace = nets.load()
    assert [variant.full_name for variant in select_variants(workspace, ["sdf"])] == ["sdf@default"]
    for patterns in ([], ["bad"], ["bad@default"], ["*"]):
        with pytest.raises(UserError, match="unknown board 'u55'"):
            select_variants(workspace, patterns)


def test_a_workspace_without_projects_is_refused(folder: Folder) -> None:
    with pytest.raises(UserError) as caught:
        select_variants(folder.load())
    assert caught.value.text() == ("the workspace has no projects\nhint: `inrarch init NAME --onnx MODEL` makes one")
