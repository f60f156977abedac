"""Names of models become legal, unique, recognisable identifiers, whatever they contain."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.hardware.names import MAX_LENGTH, Namer, identifier

_KEYWORDS = [
    "int",
    "class",
    "and",
    "union",
    "final",
    "Module",
    "wire",
    "begin",
    "fixed",
    "main",
    "linux",
    "NULL",
    "EOF",
]


@given(st.text())
def test_every_text_becomes_an_identifier(text: str) -> None:
    name = identifier(text)
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name)
    assert "__" not in name
    assert len(name) <= MAX_LENGTH + len("v_")
    assert identifier(name) == name


@given(st.lists(st.text() | st.sampled_from(["a", "A", "a.b", "a_b", "a/b", "a_b_2", "int", "v_int"]), unique=True))
def test_different_texts_get_names_that_differ_by_more_than_case(texts: list[str]) -> None:
    names = Namer()
    given_names = [names(text) for text in texts]
    assert len({name.lower() for name in given_names}) == len(texts)
    assert [names(text) for text in texts] == given_names
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in given_names)


@pytest.mark.parametrize("keyword", _KEYWORDS)
def test_keywords_and_macros_are_not_used(keyword: str) -> None:
    assert identifier(keyword) == f"v_{keyword}"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("layer_1", "layer_1"),
        ("/net/net.0/Gemm_output_0", "net_net_0_Gemm_output_0"),
        ("0.weight", "v_0_weight"),
        ("Größe", "Groe"),
        ("é", "e"),
        ("φ", "v"),
        ("", "v"),
        ("a*/ int x; //", "a_int_x"),
        ('"); system("rm', "system_rm"),
        ("line\nbreak\\\r", "line_break"),
        ("what??/", "what"),
        ("x__y", "x_y"),
        ("a" * 100, "a" * 60),
    ],
)
def test_names_stay_recognisable(text: str, name: str) -> None:
    assert identifier(text) == name


def test_equal_names_are_numbered_in_order() -> None:
    names = Namer()
    assert [names(text) for text in ("a.b", "a/b", "A.B", "a_b_2")] == ["a_b", "a_b_2", "A_B_3", "a_b_2_2"]
