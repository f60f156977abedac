"""doit's commands and the names they take, on a toy pipeline (toy.py)."""

from __future__ import annotations

import re
from pathlib import Path

from inrarch.sizes import readable_bytes
from tests.engine.toy import Toy


def test_options_may_follow_the_names(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"scale": 1}), ("q", "v", {"scale": 2}))
    toy.doit("build", "p", "-n", "4", "--until", "second")
    assert sorted(toy.runs()) == ["first", "second"]
    assert "no stage is called 'secnd'" in toy.doit("build", "p", "--until", "secnd", code=3)
    assert "option --untl not recognized" in toy.doit("build", "p", "--untl", "second", code=3)


def test_an_unknown_name_is_an_error_before_anything_starts(toy: Toy) -> None:
    for command in ("build", "clean", "forget", "info", "list"):
        output = toy.doit(command, "p@w", code=3)
        assert output == "ERROR: project 'p' has no variant 'w'; expected one of v\n"
    assert toy.runs() == []


def test_a_broken_project_is_told_and_does_not_hinder_the_others(toy: Toy) -> None:
    toy.write_variants(("bad", "v", "broken"), ("good", "v", {}))
    assert toy.doit("build", code=3) == "ERROR: bad is wrong\n"
    assert toy.doit("build", "b*@v", code=3) == "ERROR: bad is wrong\n"
    assert "project 'bad' is left out: `inrarch check bad` tells what is wrong\n" in toy.doit("list")
    assert toy.runs() == []
    toy.doit("build", "good")
    assert toy.runs() == ["first", "second", "third"]


def test_a_workspace_without_projects_is_told(toy: Toy) -> None:
    toy.write_variants()
    expected = "ERROR: the workspace has no projects\nhint: `inrarch init NAME --onnx MODEL` makes one\n"
    assert toy.doit("build", code=3) == expected


def test_words_that_are_no_names_are_refused(toy: Toy) -> None:
    assert toy.doit("build", "p@v=1", code=3) == "ERROR: a name may not contain '=': 'p@v=...'\n"
    assert toy.doit("build", "-n", "-2", code=3) == (
        "ERROR: -n -2 is no number of stages to run at a time; expected 1 or more\n"
    )


def test_a_dry_run_tells_what_would_run_and_why_and_changes_nothing(toy: Toy) -> None:
    output = toy.doit("build", "--dry-run")
    assert output == (
        "p@v:first  would run (not built yet)\n"
        "p@v:second  would run (after first)\n"
        "p@v:third  would run (after first, second)\n"
        "3 stages: 3 would run, 0 up to date\n"
    )
    assert toy.runs() == []
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50"}))
    before = {path: path.lstat().st_mtime_ns for path in (toy.root / "build").rglob("*")}
    assert "p@v:second  would run (scale: 1 -> 2)\n" in toy.doit("build", "--dry-run")
    after = {path: path.lstat().st_mtime_ns for path in (toy.root / "build").rglob("*") if ".db" not in path.name}
    assert after == {path: time for path, time in before.items() if ".db" not in path.name}


def test_why_tells_every_change(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280", "fail": "nobody"}))
    (toy.root / "input.txt").write_text("two")
    output = toy.doit("why", "p")
    assert re.sub(r"[0-9a-f]{12}\b", "DIGEST", output) == (
        'p@v:first  would run:\n    fail: (none) -> "nobody"\n    file model changed: DIGEST -> DIGEST\n'
        "p@v:second  would run:\n    after first\n"
        "p@v:third  would run:\n    after first, second\n"
    )
    toy.doit("build")
    assert re.match(r"p@v:first  up to date \(made 20\S+ in \d\.\d s\); it depends on\n", toy.doit("why", "p@v:first"))


def test_list_and_info_know_every_name_before_anything_is_built(toy: Toy) -> None:
    assert [line.split()[0] for line in toy.doit("list").splitlines()] == ["p", "p@v"]
    names = ["p", "p@v", "p@v:first", "p@v:second", "p@v:third"]
    assert [line.split()[:2] for line in toy.doit("list", "--all", "-s").splitlines()] == [
        ["R", name] for name in names
    ]
    assert "first: not built yet" in toy.doit("info", "p@v:first", code=1)
    assert not (toy.root / "build").exists()
    toy.doit("build")
    assert all(line.startswith("U ") for line in toy.doit("list", "--all", "-s").splitlines())
    assert "status     : up-to-date" in toy.doit("info", "p@v")


def test_list_takes_names_and_keeps_the_order_of_the_pipeline(toy: Toy) -> None:
    toy.write_stage("another", ("third",))
    toy.write_variants(("p", "v", {}), ("p", "w", {}), ("q", "v", {}))

    def listed(*arguments: str) -> list[str]:
        return [line.split()[0] for line in toy.doit("list", *arguments).splitlines()]

    stages = ("first", "second", "third", "another")
    all_of_w = ["p@w", *(f"p@w:{stage}" for stage in stages)]
    assert listed() == ["p", "p@v", "p@w", "q", "q@v"]
    assert listed("--all")[6:11] == all_of_w
    assert listed("p") == ["p", "p@v", "p@w"]
    assert listed("p@w", "--all") == all_of_w
    assert listed("p@w:*") == all_of_w[1:]
    assert listed("*@v", "q:first") == ["p@v", "q@v", "q@v:first"]
    assert listed("--all", "--sort", "name", "p@v") == ["p@v", *sorted(f"p@v:{stage}" for stage in stages)]


def test_forget_lets_stages_run_again_without_removing_results(toy: Toy) -> None:
    toy.doit("build")
    toy.runs()
    assert toy.doit("forget", "p@v:second") == "forgotten: p@v:second\n"
    assert toy.payload("second").exists()
    assert "(forgotten): " in toy.doit("build")
    assert toy.runs() == ["second"]
    toy.doit("forget")
    toy.doit("build")
    assert toy.runs() == ["first", "second", "third"]


def test_clean_removes_what_no_other_variant_uses(toy: Toy) -> None:
    toy.write_variants(("p", "a", {"scale": 1, "board": "x"}), ("p", "b", {"scale": 1, "board": "y"}))
    toy.doit("build")
    before = sorted((toy.root / "build").rglob("*"))
    output = toy.doit("clean", "p@a", "--dry-run")
    size = sum(path.stat().st_size for path in (toy.payload("third", "p/a").resolve().parent).rglob("*.*"))
    assert output == (
        "would remove p@a:first\nwould remove p@a:second\nwould remove p@a:third\n"
        f"would remove 1 result, {readable_bytes(size)}; 2 stay for other variants\n"
    )
    assert sorted((toy.root / "build").rglob("*")) == before
    assert toy.doit("clean", "p@a") == output.replace("would remove", "removed")
    toy.runs()
    toy.doit("build")
    assert toy.runs() == ["third"]


def test_clean_without_names_removes_every_result_but_nothing_that_it_did_not_make(toy: Toy) -> None:
    toy.write_variants(("p", "v", {}), ("q", "v", {"fail": "first", "scale": 2}))
    toy.doit("build", code=1)
    own = toy.root / "build" / "p" / "notes.txt"
    own.write_text("mine")
    output = toy.doit("clean").splitlines()
    assert output[:-1] == [f"removed {name}" for name in ("p@v:first", "p@v:second", "p@v:third", "q@v:first")]
    assert re.fullmatch(r"removed 3 results, \d+\.\d kB", output[-1])
    assert toy.doit("clean") == "nothing to remove\n"
    found = [path for path in (toy.root / "build").rglob("*") if not path.name.startswith((".lock", ".d"))]
    left = [path for path in found if ".runs" not in path.parts]
    assert sorted(path.relative_to(toy.root / "build").as_posix() for path in left) == [
        ".store",
        ".tmp",
        "p",
        "p/notes.txt",
    ]


def test_pyproject_registers_the_same_plugins_as_the_program() -> None:
    import tomllib

    from inrarch.engine.program import PLUGINS

    table = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["tool"]["doit"]
    plugins = {kind.upper(): entries for kind, entries in table["plugins"].items()}
    assert plugins.pop("LOADER") == {"inrarch": "inrarch.engine.loader:WorkspaceLoader"}
    assert plugins == PLUGINS
    assert table["loader"] == "inrarch"
