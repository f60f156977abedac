"""The verdict: what has to hold before a variant counts as verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inrarch.report.notation import count, figure


@dataclass(frozen=True, slots=True)
class Verdict:
    """passed: nothing failed. summary: one line. warnings do not fail a build but are shown beside it."""

    passed: bool
    summary: str
    failures: tuple[str, ...]
    warnings: tuple[str, ...]


def judge(
    csim: Mapping[str, Any] | None, depths: Mapping[str, Any] | None, formats: Mapping[str, Any] | None, tolerance: float
) -> Verdict:
    """Judge the content of csim's report.json, depths.json and formats.json.

    Fails unless the C simulation ran, equals the bit-true model in every word, keeps each output's max_rel within
    `tolerance`, and no FIFO is ever fuller than its depth. Values that saturated on test rows are a warning.
    """
    failures: list[str] = []
    if csim is None:
        failures.append("the C simulation did not run")
    else:
        failures += _differences(csim, tolerance) + _overfull(csim)
    if depths is not None and depths.get("deadlock_free") is False:
        failures.append("the depths of the FIFOs are not proved free of deadlock")
    warnings = _saturations(csim, formats)
    if failures:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        return Verdict(False, failures[0] + more, tuple(failures), warnings)
    assert csim is not None
    return Verdict(True, _success(csim, tolerance), (), warnings)


def _differences(csim: Mapping[str, Any], tolerance: float) -> list[str]:
    found = []
    if csim["mismatches"]:
        found.append(
            f"{count(csim['mismatches'])} output words of the compiled C++ differ from the bit-true model "
            f"({count(csim['rows'])} rows)"
        )
    if csim["last_errors"]:
        found.append(f"the end of a batch is marked on {count(csim['last_errors'])} wrong words")
    if csim["left_over"]:
        found.append(f"{count(csim['left_over'])} words are left over in FIFOs or ports")
    for name, error in csim["outputs"].items():
        if not error["max_rel"] <= tolerance:
            found.append(f"{name}: relative error {figure(error['max_rel'])}, tolerance {figure(tolerance)}")
    return found


def _overfull(csim: Mapping[str, Any]) -> list[str]:
    return [
        f"FIFO {name} held {stream['high_water']} words, its depth is {stream['depth']}"
        for name, stream in csim["streams"].items()
        if stream["high_water"] > stream["depth"]
    ]


def _saturations(csim: Mapping[str, Any] | None, formats: Mapping[str, Any] | None) -> tuple[str, ...]:
    found = []
    if formats is not None and formats["overflows"]:
        found.append(f"{count(formats['overflows'])} values saturated on the {count(formats['samples'])} rows of quantize")
    if csim is not None and csim["saturations"]:
        found.append(f"{count(csim['saturations'])} values saturated on the {count(csim['rows'])} test rows")
    return tuple(found)


def _success(csim: Mapping[str, Any], tolerance: float) -> str:
    worst = max(csim["outputs"], key=lambda name: csim["outputs"][name]["max_rel"])
    return (
        f"all {count(csim['rows'])} test rows of the compiled C++ equal the bit-true model to the last bit; largest relative "
        f"error against float64 {figure(csim['outputs'][worst]['max_rel'])} ({worst}), tolerance {figure(tolerance)}"
    )
