"""`gc` on the toy pipeline: what it removes, what it never does."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.engine.toy import Toy, end, make_toy

DAY_S = 86400


def names(toy: Toy) -> set[str]:
    return {path.name for path in (toy.root / "build" / ".store").iterdir()}


def age(store: Path, days: float) -> None:
    then = time.time() - days * DAY_S
    for path in store.iterdir():
        if not path.name.startswith("."):
            os.utime(path, (then, then))


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def everything(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.name.startswith((".d", ".lock")))


def test_nothing_goes_while_everything_is_needed(toy: Toy) -> None:
    toy.doit("build")
    before = everything(toy.root / "build")
    stay = sum(size(path) for path in (toy.root / "build" / ".store").iterdir())
    assert toy.doit("gc") == f"removed nothing; 3 artefacts stay ({stay} bytes)\n"
    assert everything(toy.root / "build") == before


def test_the_result_of_an_earlier_setting_goes_when_the_new_one_is_built(toy: Toy) -> None:
    toy.doit("build")
    old = toy.payload("third").resolve().parent
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    assert "removed nothing" in toy.doit("gc"), "the last result of a stage stays until there is a new one"
    toy.doit("build")
    before = everything(toy.root / "build")
    output = toy.doit("gc", "--dry-run")
    assert everything(toy.root / "build") == before
    stay = sum(size(path) for path in (toy.root / "build" / ".store").iterdir() if path != old)
    lines = output.splitlines()
    assert lines == [
        f"would remove build/.store/{old.name} (p@v:third, {size(old)} bytes)",
        f"would remove 1 artefact: {size(old)} bytes; 3 artefacts stay ({stay} bytes)",
    ]
    assert toy.doit("gc") == output.replace("would remove", "removed")
    assert not old.exists()
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []


def test_an_artefact_of_the_present_inputs_stays_though_no_link_shows_it(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u50"}))
    assert "removed nothing" in toy.doit("gc")
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []


def test_what_belongs_to_variants_that_are_gone_goes(toy: Toy) -> None:
    toy.write_variants(("p", "a", {"scale": 1, "board": "x"}), ("q", "b", {"scale": 1, "board": "y"}))
    toy.doit("build")
    toy.write_variants(("p", "a", {"scale": 1, "board": "x"}), ("q", "b", {"scale": 1, "fail": "second"}))
    toy.doit("build", code=1)
    assert (toy.root / "build" / "q" / "b" / ".previous" / "second").is_symlink()
    own = toy.root / "build" / "q" / "notes.txt"
    own.write_text("mine")
    toy.write_variants(("p", "a", {"scale": 1, "board": "x"}))
    output = toy.doit("gc")
    assert "removed build/q/b/.previous/second (0 bytes)" in output
    assert re.search(r"removed build/.failed/q/b/second \(\d+ bytes\)", output)
    assert re.search(r"removed build/q/b/manifest.json \(\d+ bytes\)", output)
    assert re.search(r"(?m)^removed 3 links, 1 manifest, 1 failure, 2 artefacts: \d+ bytes; 3 artefacts stay", output)
    left = {path.relative_to(toy.root / "build").as_posix() for path in everything(toy.root / "build")}
    assert {path for path in left if path.startswith(("q", ".failed"))} == {"q", "q/notes.txt"}
    assert "removed nothing" in toy.doit("gc")
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []


def test_a_failed_stage_of_the_plan_keeps_its_log_and_its_last_result(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50", "fail": "second"}))
    toy.doit("build", code=1)
    output = toy.doit("gc")
    assert "(p@v:first, " in output, "it has a new result"
    assert "removed 1 artefact: " in output
    assert (toy.root / "build" / ".failed" / "p" / "v" / "second" / "log.txt").exists()
    assert "    scale: 1 -> 2\n" in toy.doit("why"), "the last result still tells what changed"


def test_a_broken_project_loses_nothing(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"scale": 1}), ("q", "v", {"scale": 2, "board": "y"}))
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1}), ("q", "v", "broken"))
    assert "removed nothing" in toy.doit("gc")


def test_an_input_that_cannot_be_read_costs_no_result(toy: Toy) -> None:
    toy.doit("build")
    (toy.root / "input.txt").rename(toy.root / "away.txt")
    assert "removed nothing" in toy.doit("gc")
    (toy.root / "away.txt").rename(toy.root / "input.txt")
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []


def test_damaged_and_left_over_things_go_and_strangers_stay(toy: Toy) -> None:
    toy.doit("build")
    store = toy.root / "build" / ".store"
    (store / ("0" * 64)).mkdir()
    (store / ("1" * 64)).write_text("not even a folder")
    (store / "README").write_text("a stranger")
    (toy.root / "build" / ".tmp" / "map-1234").mkdir(parents=True)
    (toy.root / "build" / ".tmp" / "map-1234" / "half").write_text("12345")
    output = toy.doit("gc")
    assert f"removed build/.store/{'0' * 64} (damaged, 0 bytes)\n" in output
    assert f"removed build/.store/{'1' * 64} (damaged, 17 bytes)\n" in output
    assert "removed build/.tmp/map-1234 (5 bytes)\n" in output
    assert "removed 1 temporary, 2 artefacts: 22 bytes; 3 artefacts stay" in output
    assert (store / "README").exists()
    assert len(names(toy)) == 4
    assert list((toy.root / "build" / ".tmp").iterdir()) == []


def test_what_was_used_in_the_days_to_keep_stays(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    toy.doit("build")
    store = toy.root / "build" / ".store"
    assert "removed nothing" in toy.doit("gc", "--keep-days", "2")
    age(store, 3)
    assert "removed nothing" in toy.doit("gc", "--keep-days", "4")
    assert "removed 1 artefact" in toy.doit("gc", "--keep-days", "2")


def test_while_a_build_is_running_gc_refuses(toy: Toy) -> None:
    toy.delay("second", 30)
    build = toy.start("build")
    toy.wait_for_run("second")
    for arguments in (("gc",), ("gc", "--dry-run")):
        output = toy.doit(*arguments, code=3)
        assert output.startswith(f"ERROR: another build (process {build.pid}) is using {toy.root}/build\n")
    end(build, signal.SIGKILL)


def test_what_gc_cannot_do_is_told(toy: Toy) -> None:
    assert toy.doit("gc") == "nothing is built here\n"
    assert toy.doit("gc", "p", code=3) == (
        "ERROR: gc takes no names: 'p'\nhint: `clean NAME` removes the results of one variant\n"
    )
    assert toy.doit("gc", "--keep-days", "-1", code=3) == (
        "ERROR: --keep-days '-1' is no number of days; expected 0 or more\n"
    )
    assert toy.doit("gc", "--shared", code=3) == (
        "ERROR: this workspace has no shared store; expected `store: PATH` in inrarch.yaml\n"
        "hint: without --shared, gc cleans up the store of the build directory\n"
    )
    toy.write_variants()
    assert toy.doit("gc", code=3) == (
        "ERROR: the workspace has no projects\nhint: `inrarch init NAME --onnx MODEL` makes one\n"
    )


@pytest.fixture
def sharing(tmp_path: Path) -> tuple[Toy, Path]:
    """A workspace with two artefacts of `third` in a shared store, one of them unneeded."""
    (tmp_path / "one").mkdir()
    toy = make_toy(tmp_path / "one")
    store = tmp_path / "shared"
    toy.share(store)
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    toy.doit("build")
    return toy, store


def count(store: Path) -> int:
    return len([path for path in store.iterdir() if not path.name.startswith(".")])


def test_a_shared_store_is_left_alone_unless_asked_for(sharing: tuple[Toy, Path]) -> None:
    toy, store = sharing
    age(store, 365)
    assert "removed nothing; 4 artefacts stay" in toy.doit("gc", "--keep-days", "0")
    assert count(store) == 4


def test_from_a_shared_store_only_what_nobody_has_used_for_long_goes(sharing: tuple[Toy, Path]) -> None:
    toy, store = sharing
    age(store, 29)
    assert "removed nothing" in toy.doit("gc", "--shared")
    age(store, 31)
    assert "would remove 1 artefact" in toy.doit("gc", "--shared", "--dry-run")
    assert count(store) == 4
    assert "removed 1 artefact" in toy.doit("gc", "--shared")
    assert count(store) == 3
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []


def test_use_by_another_workspace_keeps_an_artefact(sharing: tuple[Toy, Path], tmp_path: Path) -> None:
    toy, store = sharing
    age(store, 31)
    (tmp_path / "two").mkdir()
    other = make_toy(tmp_path / "two")
    other.share(store)
    other.doit("build")
    assert other.runs() == []
    assert "removed nothing" in toy.doit("gc", "--shared")


def test_nothing_goes_that_was_in_use_since_a_living_build_began(sharing: tuple[Toy, Path], tmp_path: Path) -> None:
    toy, store = sharing
    (tmp_path / "two").mkdir()
    other = make_toy(tmp_path / "two")
    other.share(store)
    other.write_stage("second", ("first",), ("scale",), body="# another one")
    other.delay("second", 60)
    build = other.start("build")
    other.wait_for_run("second")
    assert "removed nothing" in toy.doit("gc", "--shared", "--keep-days", "0")
    assert [path.name for path in (store / ".claims").iterdir() if path.is_file()] != []
    end(build, signal.SIGKILL)
    output = toy.doit("gc", "--shared", "--keep-days", "0")
    assert re.search(r"(?m)^removed 2 claims, |, 2 claims: ", output)
    assert "removed 1 artefact" in output
    assert [path for path in (store / ".claims").rglob("*") if path.is_file()] == []


def test_old_copies_of_killed_builds_go_from_a_shared_store(sharing: tuple[Toy, Path]) -> None:
    toy, store = sharing
    (store / ".incoming" / "incoming-1").mkdir()
    (store / ".incoming" / "incoming-2").mkdir()
    os.utime(store / ".incoming" / "incoming-1", (0, 0))
    assert f"removed {store}/.incoming/incoming-1 (0 bytes)" in toy.doit("gc", "--shared").replace(
        "../", f"{store.parent}/"
    )
    assert [path.name for path in (store / ".incoming").iterdir()] == ["incoming-2"]
