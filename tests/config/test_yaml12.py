"""YAML 1.2 scalars, positions, and the full text of every error of a file that is not YAML."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.config.tree import Mark
from inrarch.config.yaml12 import parse_yaml, read_yaml
from inrarch.errors import UserError

FILE = Path("f.yaml")


def error(text: str) -> str:
    with pytest.raises(UserError) as caught:
        parse_yaml(text, FILE)
    return caught.value.text()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 100000.0),
        (".5", 0.5),
        ("-1.", -1.0),
        ("+12", 12),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-.inf", -math.inf),
        ("True", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("NULL", None),
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("nUll", "nUll"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("2026-11-21", "2026-11-21"),
        ("0b11", "0b11"),
        ("=", "="),
        ("80%", "80%"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("!!int '3'", 3),
        ("!!float 3", 3.0),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: Any) -> None:
    found = parse_yaml(f"k: {text}", FILE).value["k"]
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number() -> None:
    assert math.isnan(parse_yaml("k: .nan", FILE).value["k"])


# Not U+2028 and U+2029, which end a line in YAML 1.1 and in PyYAML.
_PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xD7FF, exclude_categories=("C", "Zl", "Zp")))
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_PRINTABLE, inner, max_size=4),
    max_leaves=8,
)


@given(_JSON)
def test_json_documents_are_read_as_json_reads_them(value: Any) -> None:
    assert parse_yaml(json.dumps({"k": value}, ensure_ascii=False), FILE).value == {"k": value}


@given(st.text(st.sampled_from("ab:-?[]{},&*!|>'\"%@`#<~.0123e+ \t\n\r\x07\ufeff\u2028é"), max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        parse_yaml(text, FILE)
        place = "f.yaml:"
    except UserError as caught:
        place = caught.text()
    assert place.startswith("f.yaml:")


def test_keys_are_texts_as_they_are_written() -> None:
    assert parse_yaml("{1: a, true: b, 1e3: c, ~: d, 'x y': e}", FILE).value == {
        "1": "a",
        "true": "b",
        "1e3": "c",
        "~": "d",
        "x y": "e",
    }


def test_positions_of_keys_and_values_are_kept() -> None:
    origins = parse_yaml("# c\na:\n  b: [1,\n      two]\n", FILE).origins
    assert origins[("a",)].key == Mark(2, 1)
    assert origins[("a",)].value == Mark(3, 3)
    assert origins[("a", "b")].key == Mark(3, 3)
    assert origins[("a", "b", 1)].value == Mark(4, 7)
    assert origins[("a", "b", 1)].key is None


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n# nothing\n"])
def test_a_file_without_content_is_an_empty_mapping(text: str) -> None:
    assert parse_yaml(text, FILE).value == {}


def test_anchors_and_merge_keys_work_and_own_keys_win() -> None:
    tree = parse_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [*a, {y: 5, z: 4}]}\nd: *a\n", FILE)
    assert tree.value["b"] == {"x": 1, "y": 3}
    assert tree.value["c"] == {"x": 1, "y": 2, "z": 4}
    assert tree.value["d"] == tree.value["a"]
    assert tree.origins[("b", "x")].key == Mark(1, 8)
    assert tree.origins[("b", "y")].key == Mark(2, 13)


def test_all_duplicate_keys_are_reported_at_once() -> None:
    assert error("a: 1\nb: {c: 1, c: 2}\na: 3\n") == (
        "f.yaml:2:11: the key 'c' appears twice; expected each key once\n"
        "    2 | b: {c: 1, c: 2}\n"
        "      |           ^\n"
        "hint: it stands first on line 2; remove one of the two\n"
        "f.yaml:3:1: the key 'a' appears twice; expected each key once\n"
        "    3 | a: 3\n"
        "      | ^\n"
        "hint: it stands first on line 1; remove one of the two"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\t- b\n", "f.yaml:2:1: a tab; expected spaces as indentation\n    2 |  - b\n      | ^"),
        (
            "a:\n  b: 1\n c: 2\n",
            "f.yaml:3:2: this line is indented unlike the lines that it belongs to; expected the same indentation\n"
            "    3 |  c: 2\n      |  ^",
        ),
        (
            "a: b: c\n",
            "f.yaml:1:5: a second ': ' in one line; expected one key\n    1 | a: b: c\n      |     ^\n"
            "hint: put a text that has a colon in quotes",
        ),
        (
            "a: 1\nb\nc: 2\n",
            "f.yaml:3:1: a line without a colon; expected a key, a colon, a space and a value\n    3 | c: 2\n      | ^",
        ),
        (
            "a: [1, 2\nb: 3\n",
            "f.yaml:2:2: expected ',' or ']', but got ':' while parsing a flow sequence that starts on line 1\n"
            "    2 | b: 3\n      |  ^",
        ),
        ("@a: 1\n", "f.yaml:1:1: found character '@' that cannot start any token\n    1 | @a: 1\n      | ^"),
        ("a: *b\n", "f.yaml:1:4: found undefined alias 'b'\n    1 | a: *b\n      |    ^"),
        (
            "a: 1\n---\nb: 2\n",
            "f.yaml:3:1: a second document starts here; expected one document in the file\n    3 | b: 2\n      | ^",
        ),
        (
            "a: &x [*x]\n",
            "f.yaml:1:4: an alias stands inside the value of its own anchor\n    1 | a: &x [*x]\n      |    ^",
        ),
        (
            "a: &x {<<: *x}\n",
            "f.yaml:1:4: an alias stands inside the value of its own anchor\n    1 | a: &x {<<: *x}\n      |    ^",
        ),
        (
            "a: !!python/object:os.system x\n",
            "f.yaml:1:4: the tag !!python/object:os.system; expected plain data without tags\n"
            "    1 | a: !!python/object:os.system x\n      |    ^",
        ),
        (
            "a: !mine {b: 1}\n",
            "f.yaml:1:4: the tag !mine; expected plain data without tags\n    1 | a: !mine {b: 1}\n      |    ^",
        ),
        (
            "a: !mine [1]\n",
            "f.yaml:1:4: the tag !mine; expected plain data without tags\n    1 | a: !mine [1]\n      |    ^",
        ),
        ("a: !!int x\n", "f.yaml:1:4: 'x' cannot be read as an integer of 64 bits\n    1 | a: !!int x\n      |    ^"),
        (
            "a: 0xfffffffffffffffff\n",
            "f.yaml:1:4: '0xfffffffffffffffff' cannot be read as an integer of 64 bits\n"
            "    1 | a: 0xfffffffffffffffff\n      |    ^",
        ),
        ("? [a]\n: 1\n", "f.yaml:1:3: a list or mapping as a key; expected a name\n    1 | ? [a]\n      |   ^"),
        (
            "a:\n  <<: 3\n",
            "f.yaml:2:7: no mapping after <<; expected an alias of a mapping\n    2 |   <<: 3\n      |       ^",
        ),
        (
            "a: x\x07y\n",
            "f.yaml:1:5: the character U+0007 is not allowed in YAML; expected printable text\n"
            "    1 | a: x y\n      |     ^",
        ),
        ("[" * 3000, "f.yaml: lists or mappings are nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_refused_with_line_and_caret(text: str, message: str) -> None:
    assert error(text) == message


def test_exploding_aliases_are_refused() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    message = error("\n".join(rows)).splitlines()[0]
    assert message.startswith("f.yaml:1:")
    assert message.endswith(": more than 100,000 values, aliases written out; expected a file that people can read")


def test_of_a_long_line_only_the_part_around_the_place_is_shown() -> None:
    first, excerpt, caret = error(f"a: [{'1, ' * 200}*x, {'2, ' * 200}]").splitlines()
    assert first == "f.yaml:1:605: found undefined alias 'x'"
    assert len(excerpt) <= 128
    assert excerpt[caret.index("^") :].startswith("*x, 2")


def test_bytes_that_are_not_utf_8_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(UserError) as caught:
        read_yaml(tmp_path / "f.yaml")
    assert caught.value.text() == "f.yaml:2:7: byte 0xe9 is not UTF-8; expected a text file in UTF-8"


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    tree = read_yaml(tmp_path / "f.yaml")
    assert tree.value == {"a": 1, "b": 2}
    assert tree.origins[("b",)].key == Mark(2, 1)


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.yaml").mkdir()
    with pytest.raises(UserError) as caught:
        read_yaml(tmp_path / "f.yaml")
    assert caught.value.text() == "f.yaml: cannot read the file: Is a directory; expected a YAML file"
