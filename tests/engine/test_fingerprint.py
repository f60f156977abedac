from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inrarch.engine.fingerprint import differences, fingerprint, shorten


def ingredients(**parts: Any) -> dict[str, Any]:
    empty = {"settings": {}, "files": {}, "inputs": {}, "code": {}, "data": {}, "tools": {}, "libraries": {}}
    return {"format": 1, "stage": "map", **empty, **parts}


def test_every_change_is_told_by_its_name() -> None:
    old = ingredients(
        settings={"numeric": {"data_bits": 24, "policy": "fixed"}, "gone": 1},
        files={"model": "a"},
        inputs={"expand": "a", "optimize": "a"},
        code={"inrarch/ops/sin.py": "a", "inrarch/old.py": "a"},
        tools={"g++": "12.2.0"},
        libraries={"numpy": "1.26.4"},
        data={"kernel_lib/common/token.hpp": "a"},
    )
    new = ingredients(
        settings={"numeric": {"data_bits": 20, "policy": "fixed"}, "new": [1, 2]},
        files={"model": "b"},
        inputs={"expand": "a", "optimize": "b"},
        code={"inrarch/ops/sin.py": "b", "inrarch/new.py": "a"},
        tools={"g++": "13.1.0"},
        libraries={"numpy": "2.0.0"},
        data={"kernel_lib/common/token.hpp": "b"},
    )
    assert differences(old, new) == [
        "gone: 1 -> (none)",
        "new: (none) -> [1,2]",
        "numeric.data_bits: 24 -> 20",
        "file model changed",
        "input optimize changed",
        "g++ 12.2.0 -> 13.1.0",
        "numpy 1.26.4 -> 2.0.0",
        "code inrarch/ops/sin.py changed",
        "code inrarch/new.py added",
        "code inrarch/old.py removed",
        "file kernel_lib/common/token.hpp changed",
    ]


def test_the_name_of_what_was_exchanged_comes_first() -> None:
    old = ingredients(settings={"board": {"family": "us+", "name": "u50", "part": "a"}, "clock_mhz": 300})
    new = ingredients(settings={"board": {"family": "ecp5", "name": "ulx3s_85f", "part": "b"}, "clock_mhz": 50})
    assert differences(old, new) == [
        'board.name: "u50" -> "ulx3s_85f"',
        'board.family: "us+" -> "ecp5"',
        'board.part: "a" -> "b"',
        "clock_mhz: 300 -> 50",
    ]


def test_a_record_of_another_format_is_not_compared() -> None:
    assert differences({"format": 0}, ingredients()) == ["the format of the build records changed"]


def test_long_lists_and_values_are_shortened() -> None:
    assert shorten(["a", "b", "c", "d"]) == "a; b; 2 more"
    phrase = differences(ingredients(settings={"x": "y" * 100}), ingredients(settings={"x": 1}))[0]
    assert phrase == f'x: "{"y" * 36}... -> 1'


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)
settings_ = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@given(settings_, settings_)
def test_settings_differ_exactly_when_the_fingerprint_does(old: dict[str, Any], new: dict[str, Any]) -> None:
    a, b = ingredients(settings=old), ingredients(settings=new)
    assert (differences(a, b) == []) == (fingerprint(a) == fingerprint(b))
