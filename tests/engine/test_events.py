"""`build --json`: one event per line, as schemas/event.schema.json says."""

from __future__ import annotations

import json
import signal
from typing import Any

from jsonschema import Draft7Validator

from tests.engine.toy import REPOSITORY, Toy, end

SCHEMA = json.loads((REPOSITORY / "schemas" / "event.schema.json").read_text(encoding="utf-8"))


def events(output: str) -> list[dict[str, Any]]:
    """The events in an output that has nothing else, each valid."""
    found = [json.loads(line) for line in output.splitlines()]
    for event in found:
        Draft7Validator(SCHEMA).validate(event)
    assert [event["event"] for event in found].count("build_started") == 1
    assert found[0]["event"] == "build_started"
    assert found[-1]["event"] == "build_finished"
    return found


def told(found: list[dict[str, Any]], event: str) -> list[dict[str, Any]]:
    return [each for each in found if each["event"] == event]


def test_a_build_tells_its_start_each_stage_and_its_end(toy: Toy) -> None:
    found = events(toy.doit("build", "--json"))
    assert [f"{each['event']} {each.get('stage', '')}".strip() for each in found] == [
        "build_started",
        *(f"stage_{what} {stage}" for stage in ("first", "second", "third") for what in ("started", "finished")),
        "build_finished",
    ]
    began, finished, done = found[0], told(found, "stage_finished")[1], found[-1]
    assert (began["variants"], began["stages"], began["to_run"], began["workers"]) == (["p@v"], 3, 3, 1)
    assert (finished["job"], finished["project"], finished["variant"]) == ("p@v:second", "p", "v")
    assert (finished["result"], finished["reasons"]) == ("ran", ["not built yet"])
    assert finished["summary"].endswith(" characters")
    assert finished["folder"] == str(toy.payload("second"))
    assert finished["seconds"] > 0
    assert [each["expected_s"] for each in told(found, "stage_started")] == [None] * 3
    assert (done["exit_code"], done["ran"], done["stopped"]) == (0, 3, False)


def test_what_is_up_to_date_is_told_without_a_start_and_what_ran_before_is_expected_to_take_as_long(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    found = events(toy.doit("build", "--json"))
    assert (found[0]["stages"], found[0]["to_run"]) == (3, 1)
    assert [each["result"] for each in told(found, "stage_finished")] == ["up_to_date", "up_to_date", "ran"]
    (started,) = told(found, "stage_started")
    assert started["stage"] == "third"
    assert 0 < started["expected_s"] < 60
    assert (found[-1]["ran"], found[-1]["up_to_date"]) == (1, 2)


def test_a_result_that_variants_share_is_expected_to_take_its_time_once(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"board": "x"}), ("p", "w", {"board": "y"}))
    toy.doit("build")
    (toy.root / "input.txt").write_text("two")
    toy.delay("first", 1)
    started = told(events(toy.doit("build", "--json", "-n", "2")), "stage_started")
    expected = {each["job"]: each["expected_s"] for each in started}
    # The other variant's does not start at all where this run has ended before its turn.
    shared = [expected[job] for job in ("p@v:first", "p@w:first") if job in expected]
    assert shared
    assert sum(each > 0 for each in shared) == 1 or shared == [0]
    assert expected["p@w:third"] > 0


def test_a_failure_is_told_with_its_message_and_what_could_not_run_is_counted(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"fail": "second"}))
    found = events(toy.doit("build", "--json", code=1))
    (failed,) = told(found, "stage_failed")
    assert failed["job"] == "p@v:second"
    assert failed["fault"] == "project"
    assert "the number is odd; expected an even one" in failed["message"]
    assert "repeat just this stage" in failed["message"]
    done = found[-1]
    assert (done["exit_code"], done["ran"], done["failed"], done["not_run"]) == (1, 1, 1, 1)


def test_a_crash_is_a_fault_of_the_program(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"crash": "first"}))
    (failed,) = told(events(toy.doit("build", "--json", code=2)), "stage_failed")
    assert failed["fault"] == "program"
    assert "RuntimeError: a bug" in failed["message"]


def test_a_build_that_is_stopped_tells_its_end(toy: Toy) -> None:
    toy.delay("second", 30)
    build = toy.start("build", "--json")
    toy.wait_for_run("second")
    lines = end(build, signal.SIGTERM).splitlines()
    assert "stopped; what has finished is kept, the next build goes on from there" in lines
    found = events("\n".join(line for line in lines if line.startswith("{")))
    assert (found[-1]["exit_code"], found[-1]["stopped"], found[-1]["ran"]) == (143, True, 1)
    assert told(found, "stage_failed") == []


def test_a_build_that_cannot_begin_tells_no_event(toy: Toy) -> None:
    assert toy.doit("build", "--json", "nobody", code=3).startswith("ERROR: ")
