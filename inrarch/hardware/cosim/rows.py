"""The test rows of `hls` as words of the ports, and what comes out beside what should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inrarch.errors import UserError
from inrarch.hardware.cosim.run import Run, Words
from inrarch.hardware.design import Design
from inrarch.hardware.rtl.description import Description
from inrarch.hardware.vectors import INPUTS, Answers, read_answers

LEAST_INVOCATIONS = 2
"""A word too many anywhere in an invocation shows in the next one; so does what an invocation leaves behind."""
MOST_MISMATCHES = 10
"""That are reported one by one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Test rows of whole invocations. rows: of them real ones; the others are zeros. inputs: by port, of all."""

    rows: int
    invocations: int
    inputs: Mapping[str, Words]
    expected: Answers


def load_rows(data: Path, design: Design, most: int) -> Rows:
    """The first rows of a folder `data`, as many as fill the invocations that `most` rows need, or two of them.

    Raises UserError where there are no rows, or not an answer to each.
    """
    words = np.fromfile(data / INPUTS, dtype="<i4").reshape(-1, design.input_words)
    invocations = max(-(-min(most, len(words)) // design.rows), LEAST_INVOCATIONS)
    padded = np.zeros((invocations * design.rows, design.input_words), dtype=np.int32)
    rows = min(len(words), len(padded))
    padded[:rows] = words[:rows]
    inputs = {port.port: padded[:, port.offset : port.offset + port.features].reshape(-1) for port in design.inputs}
    answers = read_answers(design, data, "expected")
    whole = rows // design.rows
    for found, wanted, unit in (
        (len(answers.rows) if design.output_words else rows, rows, "rows"),
        (len(answers.sums) if design.sum_words else whole, whole, "invocations"),
    ):
        if not rows or found < wanted:
            raise UserError(
                f"there are answers to {found} {unit}",
                place=str(data),
                expected=f"{max(wanted, 1)}, as many as `{INPUTS}` has",
                hint="build the stage `hls` again",
            )
    return Rows(rows, invocations, inputs, Answers(answers.rows[:rows], answers.sums[:invocations]))


@dataclass(frozen=True, slots=True)
class Comparison:
    """words: that were compared. mismatches: those that differ, `first` of them; last_errors: wrong marks of TLAST."""

    words: int
    mismatches: int
    last_errors: int
    first: tuple[dict[str, Any], ...]


def compare(design: Design, rtl: Description, rows: Rows, run: Run) -> Comparison:
    """The words of all output ports, and the ends of the invocations on them, against the bit-true model."""
    words, mismatches, last_errors = 0, 0, 0
    first: list[dict[str, Any]] = []
    for port in rtl.ports:
        if port.is_input:
            continue
        found = run.words[port.name].reshape(-1, port.words)
        offset = min(output.offset for output in design.outputs if output.port == port.name)
        wanted = (rows.expected.sums if port.once else rows.expected.rows)[:, offset : offset + port.words]
        differ = np.argwhere(found[: len(wanted)] != wanted)
        words += wanted.size
        mismatches += len(differ)
        for row, word in differ[: MOST_MISMATCHES - len(first)].tolist():
            output, feature = design.place_of(offset + word, once=port.once)
            values = {"found": int(found[row, word]), "expected": int(wanted[row, word])}
            first.append({"row": row, "output": output.tensor, "feature": feature, **values})
        marks = run.marks[port.name].reshape(rows.invocations, -1)
        right = np.zeros_like(marks)
        right[:, -1] = True
        last_errors += int((marks != right).sum())
    return Comparison(words, mismatches, last_errors, tuple(first))
