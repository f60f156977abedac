"""Several workspaces, as if on several machines, with one store: the toy pipeline through doit's command line."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.engine.toy import Toy, end, make_toy


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "shared disk"


@pytest.fixture
def toys(tmp_path: Path, store: Path) -> tuple[Toy, Toy]:
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append(make_toy(tmp_path / name))
        made[-1].share(store)
    return made[0], made[1]


def artefacts(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []


def wait_for_wait(build: subprocess.Popen[str]) -> str:
    """Read what a build prints until it says that it waits for another one; returns that line."""
    assert build.stdout is not None
    line = build.stdout.readline()
    while "waits: " not in line:
        assert line, "the build ended"
        line = build.stdout.readline()
    return line


def test_what_one_workspace_has_built_the_other_does_not(toys: tuple[Toy, Toy], store: Path) -> None:
    one, two = toys
    one.doit("build")
    output = two.doit("build")
    assert (one.runs(), two.runs()) == (["first", "second", "third"], [])
    assert "p@v: up to date (3 stages)" in output
    assert len(artefacts(store)) == 3
    assert not (two.root / "build" / ".store").exists()
    for toy in toys:
        assert Path(os.readlink(toy.payload("third"))).parent.parent == store
        assert (toy.payload("third") / "out.txt").read_text() == "oneoneone"[:6]
    assert all(line.startswith("U ") for line in two.doit("list", "--all", "-s").splitlines())
    assert sorted(path.name for path in store.iterdir() if path.name.startswith(".")) == [".claims", ".incoming"]
    assert [path for path in (store / ".claims").rglob("*") if path.is_file()] == []


def test_links_lead_to_the_store_after_it_was_configured_and_back(toys: tuple[Toy, Toy], store: Path) -> None:
    toy = toys[0]
    (toy.root / "store").unlink()
    toy.doit("build")
    toy.share(store)
    toy.runs()
    toy.doit("build")
    assert toy.runs() == [], "what is in build/.store is used from there"
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50"}))
    toy.doit("build")
    assert toy.runs() == ["second"]
    assert Path(os.readlink(toy.payload("second"))).parent.parent == store
    assert os.readlink(toy.payload("first")).startswith("../../.store/")
    (toy.root / "store").unlink()
    toy.doit("build")
    assert toy.runs() == ["second"]
    assert os.readlink(toy.payload("second")).startswith("../../.store/")


def test_two_builds_at_once_do_no_stage_twice(toys: tuple[Toy, Toy], store: Path) -> None:
    variants = [("p", f"v{index}", {"scale": index, "board": "u50"}) for index in range(3)]
    builds = []
    for toy in toys:
        toy.write_variants(*variants)
        for stage in ("first", "second", "third"):
            toy.delay(stage, 0.3)
        builds.append(toy.start("build", "-n", "2"))
    outputs = [build.communicate(timeout=60)[0] for build in builds]
    assert [build.returncode for build in builds] == [0, 0], outputs
    # third reads the outputs of first and second, which are the same for every scale
    assert Counter([*toys[0].runs(), *toys[1].runs()]) == {"first": 1, "second": 3, "third": 1}
    waits = [line for output in outputs for line in output.splitlines() if "waits" in line]
    assert waits
    assert re.fullmatch(r"p@v\d:first  waits: process \d+ on \S+ makes the same", waits[0])


def test_a_build_goes_on_with_what_a_killed_one_was_making(toys: tuple[Toy, Toy], store: Path) -> None:
    one, two = toys
    one.delay("second", 60)
    killed = one.start("build")
    one.wait_for_run("second")
    waiting = two.start("build")
    assert wait_for_wait(waiting).startswith(f"p@v:second  waits: process {killed.pid} on ")
    assert two.runs() == []
    end(killed, signal.SIGKILL)
    output = waiting.communicate(timeout=30)[0]
    assert waiting.returncode == 0, output
    assert two.runs() == ["second", "third"]


def test_an_input_edited_while_another_build_makes_the_result_is_noticed(toys: tuple[Toy, Toy]) -> None:
    one, two = toys
    one.delay("first", 2)
    working = one.start("build")
    one.wait_for_run("first")
    waiting = two.start("build")
    wait_for_wait(waiting)
    (two.root / "input.txt").write_text("edited")
    working.communicate(timeout=30)
    output = waiting.communicate(timeout=30)[0]
    assert waiting.returncode == 1
    assert (
        "p@v:first: file model changed while another build made the result, so its result was not kept\n"
        "    hint: build again\n"
    ) in output
    assert not two.payload("first").exists()


def test_a_build_that_waits_for_another_one_can_be_stopped(toys: tuple[Toy, Toy], store: Path) -> None:
    one, two = toys
    one.delay("first", 60)
    working = one.start("build")
    one.wait_for_run("first")
    waiting = two.start("build", "-n", "2")
    wait_for_wait(waiting)
    output = end(waiting, signal.SIGINT)
    assert waiting.returncode == 130
    assert "stopped; what has finished is kept" in output
    end(working, signal.SIGTERM)
    assert two.runs() == []
    assert [path for path in (store / ".claims").rglob("*") if path.is_file()] == []


def test_a_store_that_cannot_be_written_is_read_and_new_results_stay_at_home(
    toys: tuple[Toy, Toy], store: Path
) -> None:
    one, two = toys
    one.doit("build")
    shutil.rmtree(store / ".incoming")
    (store / ".incoming").write_text("as on a read-only disk: nothing can be put here")
    two.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    output = two.doit("build")
    home = two.root / "build" / ".store"
    assert f"the store {store} is only read from, new results go to {home}: File exists\n" in output
    assert two.runs() == ["third"]
    assert len(artefacts(store)) == 3
    assert len(artefacts(home)) == 1
    assert os.readlink(two.payload("third")).startswith("../../.store/")
    two.doit("build")
    assert two.runs() == []


def test_a_store_that_is_not_there_and_cannot_be_made_does_not_stop_a_build(toys: tuple[Toy, Toy]) -> None:
    toy = toys[0]
    (toy.root / "file").touch()
    toy.share(toy.root / "file" / "store")
    assert "is only read from, new results go to" in toy.doit("build")
    assert len(artefacts(toy.root / "build" / ".store")) == 3
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []


@pytest.mark.parametrize("harm", ["truncate", "lose", "add", "record", "empty"])
def test_a_damaged_artefact_is_noticed_and_made_again(toys: tuple[Toy, Toy], store: Path, harm: str) -> None:
    one, two = toys
    one.doit("build")
    folder = one.payload("second").resolve().parent
    if harm == "truncate":
        os.truncate(folder / "payload" / "out.txt", 1)
    elif harm == "lose":
        (folder / "payload" / "out.txt").unlink()
    elif harm == "add":
        (folder / "payload" / "more.txt").touch()
    elif harm == "record":
        os.truncate(folder / "record.json", 100)
    else:
        shutil.rmtree(folder)
        folder.mkdir()
    output = two.doit("build")
    assert two.runs() == ["second"]
    assert "p@v:second" in output
    assert "(the artefact was damaged (" in output
    one.runs()
    one.doit("build")
    assert one.runs() == []


def test_forget_and_clean_of_one_workspace_leave_the_other_alone(toys: tuple[Toy, Toy], store: Path) -> None:
    one, two = toys
    for toy in toys:
        toy.doit("build")
        toy.runs()
    one.doit("forget", "p@v:second")
    two.doit("build")
    assert two.runs() == []
    one.doit("build")
    one.doit("build")
    assert one.runs() == ["second"]
    one.doit("clean")
    assert not one.payload("first").exists()
    assert len(artefacts(store)) == 3
    two.doit("build")
    assert two.runs() == []


def test_the_store_of_a_build_directory_that_others_use_counts_as_shared(toys: tuple[Toy, Toy]) -> None:
    one, two = toys
    (one.root / "store").unlink()
    one.doit("build")
    two.share(one.root / "build" / ".store")
    two.runs()
    two.doit("build")
    assert two.runs() == []
    one.doit("clean")
    two.doit("build")
    assert two.runs() == []


@pytest.mark.slow
def test_builds_killed_at_random_times_leave_a_whole_store_and_cost_only_what_was_running(tmp_path: Path) -> None:
    store = tmp_path / "store"
    random_times = random.Random(1)
    toys = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        toys.append(make_toy(tmp_path / name))
        toys[-1].share(store)
        toys[-1].write_stage(
            "second", ("first",), ("scale",), body='time.sleep(0.05); text += str(work.settings["scale"])'
        )
    kills = runs = 0
    for turn in range(30):
        for toy in toys:
            toy.write_variants(*(("p", f"v{index}", {"scale": 10 * turn + index, "board": "x"}) for index in range(4)))
        builds = [toy.start("build", "-n", "2") for toy in toys]
        for build in builds[:2]:
            time.sleep(random_times.uniform(0.1, 0.6))
            build.send_signal(random_times.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
            kills += 1
        outputs = [build.communicate(timeout=60)[0] for build in builds]
        assert builds[2].returncode == 0, outputs[2]
        runs += sum(len(toy.runs()) for toy in toys)
    # Each turn has 4 new results of second and of third; a build that is killed loses at most the two that it runs.
    assert runs <= 1 + 30 * 8 + 2 * kills
    for toy in toys:
        toy.doit("build")
        assert toy.runs() == []
        toy.doit("gc", "--shared", "--keep-days", "0")
    assert len(artefacts(store)) == 9
    assert [path for path in (store / ".claims").rglob("*") if path.is_file()] == []
