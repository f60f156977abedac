from __future__ import annotations

import csv
import io

from inrarch.report.run_csv import write_csv
from tests.run_records import record, variant


def rows(*records: dict[str, object]) -> list[dict[str, str]]:
    stream = io.StringIO()
    assert write_csv(records, stream) == stream.getvalue().count("\n") - 1
    stream.seek(0)
    return list(csv.DictReader(stream))


def test_there_is_a_row_per_run_and_variant() -> None:
    found = rows(record("A", variant("net@a"), variant("net@b")), record("B", idle=True), record("C", variant("o@c")))
    assert [(row["run"], row["project"], row["variant"]) for row in found] == [
        ("A", "net", "a"),
        ("A", "net", "b"),
        ("B", "net", "u50"),
        ("C", "o", "c"),
    ]
    row = found[0]
    assert (row["verdict"], row["stages_ran"], row["stages_seconds"]) == ("verified", "1", "1.5")
    assert (row["status"], row["commit"], row["dirty"]) == ("ok", "c" * 40, "false")
    assert (row["max_rel"], row["max_rel.order1"], row["cycles"]) == ("0.002", "0.002", "100")
    assert (row["config.board"], row["config.domain.low"], row["config.constraints.dsp_count"]) == ("u50", "[-1.0]", "")


def test_figures_stand_in_the_order_of_the_report_and_what_is_absent_is_empty() -> None:
    bare = variant(verdict=None, metrics=None, configuration={"clock_mhz": 300})
    found = rows(record("A", variant(), bare))
    names = list(found[0])
    assert names[names.index("max_rel") :][:5] == ["max_rel", "max_rel.order0", "max_rel.order1", "cycles", "dsp"]
    assert (found[1]["verdict"], found[1]["cycles"], found[1]["config.board"]) == ("", "", "")
    assert found[0]["config.clock_mhz"] == ""


def test_without_runs_there_is_still_a_header() -> None:
    stream = io.StringIO()
    assert write_csv([], stream) == 0
    assert stream.getvalue().startswith("run,started,seconds,status,")


def test_no_text_is_a_formula_for_a_spreadsheet() -> None:
    (row,) = rows(record("A", variant(configuration={"model": "=1+1", "x": -2})))
    assert (row["config.model"], row["config.x"]) == ("'=1+1", "-2")
