"""Warnings of the tools: which are known, and what they mean for a generated design.

The one place for a new warning is `KNOWN`. What is not in it is unknown: reports show its full text. Verilator is not
here, as its warnings are errors to it: a design that it warns of does not get through `cosim`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

HARMLESS, NOTE, SERIOUS, UNKNOWN = "harmless", "note", "serious", "unknown"
"""harmless: counted. note: shown with why. serious: the variant fails. unknown: nobody has looked at it; shown."""


@dataclass(frozen=True, slots=True)
class Known:
    """A warning of `tool` whose text `pattern` finds. why: what follows from it, the end of a sentence."""

    tool: str
    pattern: str
    severity: str
    why: str


KNOWN = (
    Known(
        "yosys",
        r"Resizing cell port \S+\.[A-Z][A-Z0-9]* from",  # ports of ours are in small letters
        HARMLESS,
        "Yosys gives all its block RAMs of UltraScale+ ports of the widest, and cuts them afterwards",
    ),
    Known(
        "yosys", r"multiple conflicting drivers|Driver-driver conflict", SERIOUS, "two parts of the RTL drive a wire"
    ),
    Known("yosys", r"is used but has no driver", SERIOUS, "a wire of the RTL is joined to nothing"),
    Known("yosys", r"found logic loop|combinational loop", SERIOUS, "a path goes round without a register"),
    Known("yosys", r"Resizing cell port", SERIOUS, "a port and its wire have different widths"),
    Known("yosys", r"is implicitly declared", SERIOUS, "a name of the RTL is misspelt"),
    Known("yosys", r"[Ll]atch", SERIOUS, "a register of the RTL has no clock"),
    Known("yosys", r"select out of bounds|Range select", SERIOUS, "the RTL takes bits that are not there"),
    Known("yosys", r"Replacing memory \S+ with list of registers", NOTE, "a memory takes flip-flops, not RAM"),
    Known("nextpnr", r"Max frequency for clock .*FAIL", NOTE, "the clock is missed; the verdict says so, too"),
    Known("nextpnr", r"[Nn]o clocks found", SERIOUS, "nothing of the design is left"),
    Known("nextpnr", r"is unconstrained in LPF", SERIOUS, "a pin is where nextpnr likes, not where the board has it"),
    Known(
        "nextpnr", r"unmatched constraint|ignoring unsupported LPF", SERIOUS, "a constraint of the board has no effect"
    ),
    Known("nextpnr", r"combinational loop", SERIOUS, "a path goes round without a register"),
)
"""The first that fits counts. Texts are those of Yosys 0.70 and nextpnr 0.11."""

_LINES = {
    "yosys": r"Warning: (.*)",
    "nextpnr": r"^Warning: +(.*)",
    "ecppack": r"(?i)^warning:? *(.*)",
    "ecppll": r"(?i)^warning:? *(.*)",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a tool said. count: how often. text: of an unknown warning all of it, else the first of its kind."""

    tool: str
    severity: str
    count: int
    text: str
    why: str | None


def classify(tool: str, printed: str) -> list[Heard]:
    """The warnings in what a tool has printed, equal ones once, known ones of a kind once; in order."""
    found: dict[object, Heard] = {}
    for text, count in Counter(_warnings(tool, printed)).items():
        known = next((each for each in KNOWN if each.tool == tool and re.search(each.pattern, text)), None)
        key = known or text
        if key in found:
            count += found[key].count
            text = found[key].text
        severity, why = (known.severity, known.why) if known else (UNKNOWN, None)
        found[key] = Heard(tool, severity, count, text, why)
    return list(found.values())


def shown(heard: Iterable[Heard]) -> list[str]:
    """A line for a log per warning, but one for all harmless ones."""
    lines = [_line(each) for each in heard if each.severity != HARMLESS]
    harmless = sum(each.count for each in heard if each.severity == HARMLESS)
    return lines + ([f"{harmless} warnings that are known to be harmless"] if harmless else [])


def _line(each: Heard) -> str:
    why = f" ({each.why})" if each.why else ""
    times = f", {each.count} times" if each.count > 1 else ""
    return f"{each.severity} warning of {each.tool}{times}: {each.text}{why}"


def _warnings(tool: str, printed: str) -> Iterable[str]:
    """Their texts, without numbers of lines."""
    for line in printed.splitlines():
        match = re.search(_LINES[tool], line)
        if match:
            yield re.sub(r"(\.s?v):\d+(\.\d+(-\d+\.\d+)?)?", r"\1", match[1].strip())
