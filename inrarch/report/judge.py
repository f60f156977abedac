"""The verdict: what has to hold before a variant counts as verified."""

from __future__ import annotations

from dataclasses import dataclass

from inrarch.report.cosim_figures import cosim_faults, cosim_success
from inrarch.report.evidence import Evidence, Json
from inrarch.report.implementation_figures import implementation_faults, unknown_warnings
from inrarch.report.notation import figure

MOST_KINKS = 0.01
"""Of the test rows: share at a kink that still passes."""

CHECKS = ("csim", "cosim")
"""Stages whose absence is worth a warning: they say whether the design is right."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """passed: nothing failed. summary: one line. warnings do not fail a build but are shown beside it."""

    passed: bool
    summary: str
    failures: tuple[str, ...]
    warnings: tuple[str, ...]


def judge(evidence: Evidence) -> Verdict:
    """Judge the results of the stages.

    Fails unless the C simulation ran, equals the bit-true model in every word, keeps each output's max_rel within
    the tolerance, and no FIFO is ever fuller than its depth, and at most 1 % of the test rows are at a kink. Fails
    where the simulation of the RTL ran and a word, a cycle or a FIFO is not as it should, and where a synthesised
    design does not fit the board, a routed one misses its clock, or a tool has a serious warning. Values that saturated
    on test rows, rows at a kink, a check that was left out and a tool's warning that is not known are a warning.
    """
    csim, depths, formats, cosim = evidence.csim, evidence.depths, evidence.formats, evidence.cosim
    tolerance = evidence.settings["tolerance"]
    failures: list[str] = []
    if csim is None:
        failures.append("the C simulation did not run")
    else:
        failures += _differences(csim, tolerance) + _overfull(csim)
        missing = [name for name in evidence.outputs if name not in csim["outputs"]]
        failures += [f"{name}: the C simulation gave no such output" for name in missing]
    if cosim is not None:
        failures += cosim_faults(cosim)
    failures += implementation_faults(evidence)
    if depths is not None and depths.get("deadlock_free") is False:
        failures.append("the depths of the FIFOs are not proved free of deadlock")
    warnings = _saturations(csim, formats)
    warnings += tuple(f"{stage} was not run: {reason}" for stage, reason in evidence.not_run.items() if stage in CHECKS)
    warnings += unknown_warnings(evidence)
    if csim is not None and csim["kinks"]:
        at_kinks = f"{csim['kinks']:,} of {csim['rows']:,} test rows are at a kink"
        if csim["kinks"] > MOST_KINKS * csim["rows"]:
            failures.append(
                f"{at_kinks}, more than {MOST_KINKS:.0%}: the number format is too coarse near 0 (more data bits)"
            )
        else:
            warnings += (f"{at_kinks}: errors of derivatives leave them out",)
    if failures:
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        return Verdict(False, failures[0] + more, tuple(failures), warnings)
    assert csim is not None
    return Verdict(True, _success(csim, tolerance) + cosim_success(cosim), (), warnings)


def _differences(csim: Json, tolerance: float) -> list[str]:
    found = []
    if csim["mismatches"]:
        found.append(
            f"{csim['mismatches']:,} output words of the compiled C++ differ from the bit-true model "
            f"({csim['rows']:,} rows)"
        )
    if csim["last_errors"]:
        found.append(f"the end of a batch is marked on {csim['last_errors']:,} wrong words")
    if csim["left_over"]:
        found.append(f"{csim['left_over']:,} words are left over in FIFOs or ports")
    for name, error in csim["outputs"].items():
        if not error["max_rel"] <= tolerance:
            found.append(f"{name}: relative error {figure(error['max_rel'])}, tolerance {figure(tolerance)}")
    return found


def _overfull(csim: Json) -> list[str]:
    return [
        f"FIFO {name} held {stream['high_water']} words, its depth is {stream['depth']}"
        for name, stream in csim["streams"].items()
        if stream["high_water"] > stream["depth"]
    ]


def _saturations(csim: Json | None, formats: Json | None) -> tuple[str, ...]:
    found = []
    if formats is not None and formats["overflows"]:
        rows = f"{formats['samples']:,}"
        found.append(f"{formats['overflows']:,} values saturated on the {rows} rows of quantize")
    if csim is not None and csim["saturations"]:
        found.append(f"{csim['saturations']:,} values saturated on the {csim['rows']:,} test rows")
    return tuple(found)


def _success(csim: Json, tolerance: float) -> str:
    outputs = csim["outputs"]
    worst = max(outputs, key=lambda name: outputs[name]["max_rel"])
    return (
        f"all {csim['rows']:,} test rows of the compiled C++ equal the bit-true model to the last bit; "
        f"largest relative error against float64 {figure(outputs[worst]['max_rel'])} ({worst}), "
        f"tolerance {figure(tolerance)}"
    )
