"""The stage synth: what its summary says of the longest path."""

from __future__ import annotations

from inrarch.stages.synth import path_text


def test_the_longest_path_stands_beside_the_clock() -> None:
    path = {"unit": "process linear_1", "ns": 2.904, "logic_ns": 0.88, "levels": 4, "begin": "a", "end": "b"}
    assert path_text(path, 1000 / 300) == "longest path 2.90 of 3.33 ns, 4 levels in process linear_1"
    assert path_text(path, 2.5) == "longest path 2.90 of 2.50 ns (TOO LONG), 4 levels in process linear_1"


def test_without_delays_only_its_levels_are_told() -> None:
    path = {"unit": "stream x", "ns": None, "logic_ns": None, "levels": 7, "begin": "a", "end": "b"}
    assert path_text(path, 12.5) == "longest path: 7 levels in stream x"
