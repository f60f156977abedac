"""`why`: every change with old and new, and what a result depends on."""

from __future__ import annotations

import hashlib
import re

from tests.engine.toy import REPOSITORY, Toy


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def test_every_kind_of_change_is_told_with_old_and_new(toy: Toy) -> None:
    toy.doit("build")
    code = toy.root / "toy" / "first.py"
    before = code.read_text()
    (toy.root / "input.txt").write_text("two")
    code.write_text(before + "# more\n")
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50", "fail": "nobody"}))
    expected = (
        "p@v:first  would run:\n"
        '    fail: (none) -> "nobody"\n'
        f"    file model changed: {digest('one')} -> {digest('two')}\n"
        f"    code toy/first.py changed: {digest(before)} -> {digest(before + '# more' + chr(10))}\n"
    )
    assert toy.doit("why", "p@v:first") == expected
    assert toy.doit("why", "p@v:second") == expected + "p@v:second  would run:\n    after first\n"


def test_a_new_module_and_a_changed_result_are_told(toy: Toy) -> None:
    toy.doit("build")
    toy.write_stage("second", ("first",), ("scale",), imports="import inrarch.cli")
    added = digest((REPOSITORY / "inrarch" / "cli" / "__init__.py").read_text(encoding="utf-8"))
    assert f"    code inrarch/cli/__init__.py added: {added}\n" in toy.doit("why", "p@v:second")
    (toy.root / "input.txt").write_text("two")
    toy.doit("build", "p@v:first")
    assert re.search(r"\n    input first changed: [0-9a-f]{12} -> [0-9a-f]{12}\n", toy.doit("why", "p@v:second"))


def test_a_damaged_or_forgotten_result_is_told_as_in_the_build(toy: Toy) -> None:
    toy.doit("build")
    (toy.payload("second") / "out.txt").write_text("xxx")
    assert toy.doit("why", "p@v:second") == "p@v:second  would run:\n    the artefact was damaged (out.txt)\n"
    toy.doit("forget", "p@v:first")
    assert toy.doit("why", "p@v:first") == "p@v:first  would run:\n    forgotten\n"


def test_what_an_up_to_date_stage_depends_on_is_told_when_asked_for(toy: Toy) -> None:
    toy.doit("build")
    output = toy.doit("why", "p@v:second")
    head, *lines = output.splitlines()
    assert re.fullmatch(r"p@v:second  up to date \(made 20\S+ in \d\.\d s\); it depends on", head)
    assert re.fullmatch(r"    input first: [0-9a-f]{12}", lines[0])
    assert lines[1] == "    scale = 1"
    assert any(re.fullmatch(r"    python 3\.\d+\.\d+", line) for line in lines)
    assert any(re.fullmatch(r"    code toy/second.py: [0-9a-f]{12}", line) for line in lines)
    first = toy.doit("why", "p@v:first")
    assert f"    file model: {digest('one')} ({toy.root}/input.txt)\n" in first
    assert [line.split("  ")[1][:10] for line in toy.doit("why").splitlines()] == ["up to date"] * 3


def test_a_result_that_another_variant_made_names_it(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"board": "x"}))
    toy.doit("build")
    toy.write_variants(("p", "v", {"board": "x"}), ("p", "w", {"board": "y"}))
    assert "p@w:first  up to date (made by p@v:first 20" in toy.doit("why", "p@w")


def test_what_cannot_be_read_is_told_and_the_others_too(toy: Toy) -> None:
    toy.write_variants(("p", "v", {}), ("q", "v", {}))
    toy.doit("build")
    (toy.root / "input.txt").unlink()
    output = toy.doit("why")
    assert f"p@v:first  would fail:\n    {toy.root}/input.txt: cannot be read: No such file or directory\n" in output
    assert "q@v:first  would fail:" in output
