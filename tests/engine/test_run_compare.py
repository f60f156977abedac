from __future__ import annotations

from inrarch.engine.run_compare import Difference, compare_records
from tests.run_records import record, variant


def test_a_run_does_not_differ_from_itself() -> None:
    comparison = compare_records(record(), record())
    assert comparison.variants == {"net@u50": ()}
    assert comparison.only_before == comparison.only_after == ()


def test_what_differs_is_told_key_by_key() -> None:
    old = variant()
    new = variant(
        configuration={"board": "u280", "derivatives.order": 1, "domain.low": [-2.0], "clock_mhz": 300},
        inputs={"model": "e" * 64},
        verdict={"passed": False, "summary": "bad"},
        metrics=old["metrics"] | {"cycles": 150},
    )
    comparison = compare_records(record("A", old), record("B", new))
    assert comparison.variants["net@u50"] == (
        Difference("configuration", "board", "u50", "u280"),
        Difference("configuration", "domain.low", [-1.0], [-2.0]),
        Difference("configuration", "clock_mhz", None, 300),
        Difference("input", "model", "b" * 12, "e" * 12),
        Difference("verdict", "verdict", "verified", "FAILED"),
        Difference("metric", "cycles", 100, 150),
    )


def test_a_variant_without_a_report_is_compared_too() -> None:
    bare = variant(report=None, inputs=None, verdict=None, metrics=None)
    found = compare_records(record("A", bare), record("B", variant())).variants["net@u50"]
    assert Difference("verdict", "verdict", "no report", "verified") in found
    assert Difference("metric", "cycles", None, 100) in found


def test_variants_of_one_run_only_are_named() -> None:
    comparison = compare_records(
        record("A", variant("a@x"), variant("a@y")), record("B", variant("a@y"), variant("b@z"))
    )
    assert list(comparison.variants) == ["a@y"]
    assert (comparison.only_before, comparison.only_after) == (("a@x",), ("b@z",))
