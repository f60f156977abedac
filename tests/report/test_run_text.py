from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from inrarch.engine.run_compare import compare_records
from inrarch.report.run_text import compare_text, list_text, show_text
from tests.run_records import record, variant


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_the_list_has_a_line_per_build() -> None:
    dirty = {"commit": "d" * 40, "branch": None, "dirty": True}
    text = list_text([record(git=None, seconds=75.2, command=["inrarch", "build", "a b", "x" * 80]), record(git=dirty)])
    assert text.splitlines() == [
        "id                    started                    time  result  stages               commit               "
        "command",
        "20261121-130303-6ae1  2026-11-21 13:03:03  1 min 15 s  ok      1 ran, 1 up to date  –                    "
        "inrarch build 'a b' " + "x" * 39 + "…",
        "20261121-130303-6ae1  2026-11-21 13:03:03       2.0 s  ok      1 ran, 1 up to date  ddddddddd + changes  "
        "inrarch build net",
    ]


def test_a_run_is_shown_with_its_figures_and_why_each_stage_ran() -> None:
    failed = {"stage": "csim", "outcome": "failed", "seconds": 3.0, "reasons": [], "summary": "g++ is\nnot there"}
    bare = variant("net@b", report=None, verdict=None, metrics=None, stages=[failed])
    assert show_text(record("20261121-130303-6ae1", variant(), bare)).splitlines() == [
        "run 20261121-130303-6ae1: ok",
        "  command  inrarch build net",
        "  started  2026-11-21 13:03:03, took 2.0 s",
        "  commit   ccccccccc",
        "  stages   1 ran, 1 up to date",
        "",
        "variant  verdict   largest relative error  cycles  DSP",
        "net@u50  verified                   0.002     100   12",
        "net@b    –                              –       –    –",
        "",
        "stage         outcome   time  why        what",
        "net@u50:fifo  ran      1.5 s  x: 1 -> 2  8 words",
        "net@b:csim    failed   3.0 s             see below",
        "",
        "net@b:csim failed:",
        "    g++ is",
        "    not there",
    ]


def test_two_runs_stand_side_by_side_with_only_what_differs() -> None:
    old = record("20261120-080000-0000", variant(), variant("net@same"), variant("net@gone"))
    configuration = {**variant()["configuration"], "board": "u280"}
    metrics = {**variant()["metrics"], "cycles": 150, "max_rel": 0.001}
    new = record("20261121-130303-6ae1", variant(configuration=configuration, metrics=metrics), variant("net@same"))
    assert compare_text(old, new, compare_records(old, new)).splitlines() == [
        "         20261120-080000-0000  20261121-130303-6ae1",
        "started  2026-11-21 13:03:03   2026-11-21 13:03:03",
        "result   ok                    ok",
        "commit   ccccccccc             ccccccccc",
        "inrarch  0.1.0                 0.1.0",
        "stages   1 ran, 1 up to date   1 ran, 1 up to date",
        "",
        "net@u50",
        "                                         before  after  change",
        "  configuration  board                   u50     u280",
        "  metric         largest relative error  0.002   0.001  -50.0%",
        "  metric         cycles                  100     150    +50.0%",
        "",
        "only in 20261120-080000-0000: net@gone",
        "",
        "the same in both: net@same",
    ]


def test_variants_in_which_the_same_differs_are_told_together() -> None:
    metrics = {**variant()["metrics"], "dsp": 18}
    old = record("A", variant("net@a"), variant("net@b"))
    new = record("B", variant("net@a", metrics=metrics), variant("net@b", metrics=metrics))
    lines = compare_text(old, new, compare_records(old, new)).splitlines()
    assert lines[-3:] == [
        "net@a, net@b",
        "               before  after  change",
        "  metric  DSP  12      18     +50.0%",
    ]


def test_runs_without_a_common_variant_say_so() -> None:
    old, new = record("A", variant("a@x")), record("B", variant("b@y"))
    assert compare_text(old, new, compare_records(old, new)).endswith("the runs have no variant in common")


def test_nothing_in_a_record_moves_the_cursor() -> None:
    assert "\x1b" not in list_text([record(command=["inrarch", "\x1b[2J"])])
