"""The local executor, through real builds of toy stages that record when they run."""

from __future__ import annotations

import json
import signal

import pytest

from tests.engine.executors.overlap import most, together, write_recording_stage
from tests.engine.toy import Toy, end


@pytest.fixture
def matrix(toy: Toy) -> Toy:
    """Four variants; first runs once, second and third in each."""
    for name, after, keys in (("first", (), ()), ("second", ("first",), ("scale",)), ("third", ("second",), ())):
        write_recording_stage(toy, name, after, keys)
    # The output has the scale in it, so that third is another one in each variant.
    path = toy.root / "toy" / "second.py"
    path.write_text(path.read_text().replace("text[-20:]", 'text[-20:] + str(work.settings["scale"])'))
    toy.write_variants(*(("p", f"v{index}", {"scale": index}) for index in range(4)))
    return toy


def test_cores_bound_the_stages_that_run_at_a_time_however_many_are_asked_for(matrix: Toy) -> None:
    matrix.write_workspace(resources={"cores": 3}, stages={"second": {"cores": 2}})
    matrix.doit("build", "-n", "8")
    assert most(matrix, "second") == 1
    assert 2 <= most(matrix) <= 3


def test_memory_holds_heavy_stages_back_while_light_ones_of_other_variants_run(matrix: Toy) -> None:
    matrix.write_workspace(
        resources={"cores": 4, "memory_mb": 1000},
        stages={"first": {"memory_mb": 10}, "second": {"memory_mb": 600}, "third": {"memory_mb": 100}},
    )
    matrix.doit("build", "-n", "4")
    assert most(matrix, "second") == 1
    assert together(matrix, "second", "third")


def test_waiting_stages_take_no_place_from_those_that_can_run(matrix: Toy) -> None:
    matrix.write_workspace(
        resources={"cores": 2, "licences": {"hls": 1}}, stages={"second": {"licences": {"hls": 1}, "memory_mb": 1}}
    )
    matrix.doit("build", "-n", "2")
    # Three of second wait for the licence with only two places: third must still get one of them.
    assert most(matrix, "second") == 1
    assert together(matrix, "second", "third")


def test_n_is_the_upper_bound(matrix: Toy) -> None:
    matrix.write_workspace(resources={"cores": 8, "memory_mb": 8000})
    matrix.doit("build", "-n", "2")
    assert most(matrix) == 2


def test_without_n_there_is_a_stage_per_core(matrix: Toy) -> None:
    matrix.write_workspace(jobs=None, resources={"cores": 3, "memory_mb": 8000})
    matrix.doit("build")
    assert 2 <= most(matrix) <= 3


def test_a_stage_bigger_than_the_machine_is_refused_before_anything_runs(matrix: Toy) -> None:
    matrix.write_workspace(resources={"memory_mb": 1000}, stages={"third": {"memory_mb": 4096}})
    assert matrix.doit("build", code=3) == (
        "ERROR: stage 'third' needs memory_mb 4096, but there are 1000 in all\n"
        "hint: raise `resources.memory_mb` or lower `stages.third.memory_mb` in inrarch.yaml\n"
    )
    assert matrix.runs() == []
    matrix.doit("build", "--until", "second")
    assert set(matrix.runs()) == {"first", "second"}


def test_what_is_up_to_date_needs_nothing(matrix: Toy) -> None:
    matrix.doit("build")
    matrix.write_workspace(resources={"memory_mb": 1}, executor={"name": "slurm"})
    assert "up to date" in matrix.doit("build")


def test_needs_and_executor_are_no_reason_to_run_again(matrix: Toy) -> None:
    matrix.doit("build")
    matrix.runs()
    matrix.write_workspace(stages={"second": {"memory_mb": 7, "cores": 2, "licences": {"x": 1}}})
    matrix.doit("build")
    assert matrix.runs() == []


def test_stopping_does_not_wait_for_stages_that_wait(matrix: Toy) -> None:
    matrix.write_workspace(resources={"cores": 8, "memory_mb": 600}, stages={"second": {"memory_mb": 600}})
    matrix.delay("second", 30)
    build = matrix.start("build", "-n", "8")
    matrix.wait_for_run("second")
    assert "stopped; what has finished is kept" in end(build, signal.SIGINT)
    assert build.returncode == 130
    assert matrix.runs() == ["first", "second"]


def test_after_a_failure_with_no_continue_nothing_that_waited_is_started(matrix: Toy) -> None:
    matrix.write_workspace(resources={"cores": 1})
    matrix.write_variants(*(("p", f"v{index}", {"scale": index, "fail": "second"}) for index in range(4)))
    matrix.doit("build", "-n", "4", "--no-continue", code=1)
    assert matrix.runs() == ["first", "second"]


def test_the_record_tells_how_much_memory_a_stage_took(toy: Toy) -> None:
    toy.write_stage("second", ("first",), ("scale",), body="kept = bytes(range(256)) * (400 * 4096)")
    toy.doit("build")
    record = json.loads((toy.payload("second").resolve().parent / "record.json").read_text())
    assert 400 <= record["provenance"]["peak_memory_mb"] < 700
