"""Inputs that change while their stage runs, and clocks that jump."""

from __future__ import annotations

import os
import time

from tests.engine.campaign.field import TALLY, Field

YEARS_S = 10 * 365 * 24 * 3600
FIRST = '{"model": variant.folder / "input.txt"}'


def test_an_input_that_is_changed_and_changed_back_while_its_stage_runs_is_noticed(field: Field) -> None:
    body = """
    path = work.files["model"]
    if not (path.parent / "done").exists():
        (path.parent / "done").touch()
        path.write_text("two")
        text = path.read_text()
        path.write_text("one")
    """
    field.toy.write_stage("first", files=FIRST, body=body)
    text = field.build("p@v0", code=1)
    path = field.toy.root / "input.txt"
    assert f"p@v0:first: {path} was written while the stage ran, so its result was not kept\n" in text
    assert field.check() == set()
    field.build("p@v0")
    assert field.results()["p/v0/first/out.txt"] == b"one"
    TALLY["inputs edited under a stage"] += 1


def test_a_result_that_is_edited_while_a_later_stage_reads_it_is_noticed(field: Field) -> None:
    body = """
    path = work.inputs["first"] / "out.txt"
    done = Path(os.environ["TOY_RUNS"]).with_name("done")
    if not done.exists():
        done.touch()
        path.write_text("two")
    """
    field.toy.write_stage("second", ("first",), ("scale",), body=body)
    assert "p@v0:second: input first changed while the stage ran" in field.build("p@v0", code=1)
    field.build()
    names = [line.split()[0] for line in field.executions()]
    assert names == ["first", "second", "first", "second", "third", "second", "third"]
    field.check()
    assert field.results()["p/v0/second/out.txt"] == b"one"
    TALLY["inputs edited under a stage"] += 1


def test_time_stamps_in_the_past_and_in_the_future_change_nothing(field: Field) -> None:
    field.build()
    before = field.executions()
    path = field.toy.root / "input.txt"
    for seconds in (YEARS_S, -YEARS_S):
        stamp = time.time() + seconds
        for file in (path, *field.build_folder.glob(".store/*/payload/*"), *field.build_folder.glob(".*.db")):
            os.utime(file, (stamp, stamp))
        field.build()
        assert field.executions() == before
        TALLY["clock jumps"] += 1
    for seconds, text in ((YEARS_S, "two"), (-YEARS_S, "six")):
        count = len(field.executions())
        path.write_text(text)
        os.utime(path, (time.time() + seconds, time.time() + seconds))
        field.build()
        assert len(field.executions()) > count
        assert field.results()["p/v0/first/out.txt"] == text.encode()


def test_a_clock_that_jumps_between_builds_hides_no_edit(field: Field) -> None:
    path = field.toy.root / "input.txt"
    for seconds, text in ((0, "one"), (YEARS_S, "two"), (-YEARS_S, "six"), (0, "ten")):
        path.write_text(text)
        field.build("--until", "first", clock_s=seconds)
        assert field.results()["p/v0/first/out.txt"] == text.encode()
        before = field.executions()
        field.build("--until", "first", clock_s=-seconds)
        assert field.executions() == before
        TALLY["clock jumps"] += 1
