"""The RTL simulation in the report: its figures, and what is wrong with them."""

from __future__ import annotations

from typing import Any

from inrarch.report.evidence import Json

_MOST_NAMES = 3


def cosim_figures(cosim: Json | None) -> dict[str, Any] | None:
    """`cosim` of report.json; None where it did not run."""
    if cosim is None:
        return None
    return {
        **{key: cosim[key] for key in ("equal", "exact", "rows", "invocations", "modules", "waveform")},
        "runs": [
            {
                "stalls": run["stalls"],
                "words": run["words"],
                "mismatches": run["mismatches"],
                "predicted": run["cycles"]["predicted"],
                "measured": run["cycles"]["measured"],
            }
            for run in cosim["runs"]
        ],
    }


def cosim_faults(cosim: Json) -> list[str]:
    """Everything that the RTL did otherwise than the bit-true model and the prediction, a phrase each."""
    found = []
    cycles = cosim["cycles"]
    if cycles["predicted"] is not None and cycles["predicted"] != cycles["measured"]:
        found.append(f"the RTL takes {cycles['measured']:,} cycles, {cycles['predicted']:,} were predicted")
    for run in cosim["runs"]:
        where = f" (ports stalling in {run['stalls']:.0%} of the cycles)" if run["stalls"] else ""
        if run["mismatches"]:
            words = f"{run['mismatches']:,} of {run['words']:,} output words of the RTL"
            found.append(f"{words} differ from the bit-true model{where}")
        if run["last_errors"]:
            found.append(f"the RTL marks the end of a batch on {run['last_errors']:,} wrong words{where}")
        for key, what in (
            ("cycles", f"{cosim['invocations']:,} calls of the RTL"),
            ("first", "the first of these calls"),
        ):
            if run[key]["predicted"] != run[key]["measured"]:
                pair = f"{run[key]['measured']:,} cycles, {run[key]['predicted']:,} were predicted"
                found.append(f"{what} took {pair}{where}")
        if run["processes"]:
            found.append(f"other than predicted, the RTL ended {_names(run['processes'])}{where}")
        if run["streams"]:
            found.append(f"other than predicted, the RTL filled FIFO {_names(run['streams'])}{where}")
    return found


def cosim_success(cosim: Json | None) -> str:
    """What follows the verdict of a design whose RTL is right; empty where it did not run."""
    if cosim is None:
        return ""
    measured = cosim["cycles"]["measured"]
    return f"; the RTL gives the same words, in the {measured:,} cycles that were predicted"


def _names(found: Json) -> str:
    names = list(found)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
