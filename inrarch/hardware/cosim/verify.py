"""One run of the RTL beside what was predicted of it: words, cycles, the end of every process, fill of every FIFO."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inrarch.errors import REPORT_IT, UserError
from inrarch.fifo.network import Network
from inrarch.hardware.cosim.prediction import Pace, Prediction, predict
from inrarch.hardware.cosim.rows import Comparison, Rows, compare
from inrarch.hardware.cosim.run import Inputs, Run, simulate
from inrarch.hardware.design import Design
from inrarch.hardware.rtl.description import Description
from inrarch.hardware.waiting import DEADLOCK_HINT, waiting_text

PATIENCE = 10_000
"""Cycles, beside twice those that were predicted, after which the RTL is stopped."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is run. program: of `models.build_program`. folder: of rtl.json. depths: by stream of the network."""

    program: Path
    design: Design
    rtl: Description
    folder: Path
    network: Network
    depths: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Verified:
    """A run. cycles: until all invocations are done; first: until the first one is."""

    run: Run
    prediction: Prediction
    comparison: Comparison
    cycles: int
    first: int

    @property
    def late(self) -> dict[str, tuple[int, int]]:
        """Processes that were not done in the predicted cycle: predicted and measured."""
        rests = self.prediction.rests
        done = {name: last + 1 + rests[name] for name, last in self.run.last.items()}
        return {name: (at, done[name]) for name, at in self.prediction.finish.items() if at != done[name]}

    @property
    def fuller(self) -> dict[str, tuple[int, int]]:
        """Streams that did not hold as many words at most as predicted: predicted and measured."""
        found = self.run.high_water
        return {name: (high, found[name]) for name, high in self.prediction.high_water.items() if high != found[name]}

    @property
    def equal(self) -> bool:
        """Whether every word and every end of an invocation is as in the bit-true model."""
        return self.comparison.mismatches + self.comparison.last_errors == 0

    @property
    def exact(self) -> bool:
        """Whether all that was predicted came out so."""
        same = (self.cycles, self.first) == (self.prediction.cycles, self.prediction.first)
        return same and not self.late and not self.fuller

    def content(self) -> dict[str, Any]:
        """For report.json."""

        def pairs(found: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, int]]:
            return {name: {"predicted": pair[0], "measured": pair[1]} for name, pair in found.items()}

        compared = self.comparison
        return {
            "words": compared.words,
            "mismatches": compared.mismatches,
            "last_errors": compared.last_errors,
            "first_mismatches": list(compared.first),
            "cycles": {"predicted": self.prediction.cycles, "measured": self.cycles},
            "first": {"predicted": self.prediction.first, "measured": self.first},
            "processes": pairs(self.late),
            "streams": pairs(self.fuller),
        }


def verify(subject: Subject, rows: Rows, pace: Pace, scratch: Path, seed: int) -> Verified:
    """Run and compare. scratch: a folder for the files of the run, made here.

    Raises UserError: the RTL deadlocks, or does not end, or ends where a deadlock was predicted.
    """
    scratch.mkdir(parents=True)
    prediction = predict(subject.network, subject.depths, subject.rtl, pace)
    foreseen = prediction.cycles is None
    limit = 2 * (prediction.cycles or 0) + PATIENCE
    inputs = Inputs(rows.inputs, subject.network.words, pace, limit, seed)
    run = simulate(subject.program, subject.rtl, subject.folder, scratch, inputs)
    if run.ending == "deadlock":
        raise UserError(
            "the RTL deadlocks: every process that is left waits for another",
            excerpt="\n".join(
                waiting_text(each.process, each.stream, each.reading, each.fill, each.depth) for each in run.waiting
            ),
            hint=DEADLOCK_HINT if foreseen else f"no deadlock was predicted with these depths: {REPORT_IT}",
            exit_code=1 if foreseen else 2,
        )
    if run.ending != "complete":
        behind = {name: at for name, at in prediction.finish.items() if run.last[name] + 1 != at}
        raise UserError(
            f"the RTL had not ended after {limit:,} cycles",
            expected="a deadlock, as predicted" if foreseen else f"{prediction.cycles:,} cycles, as predicted",
            excerpt="\n".join(
                f"process {name!r} made its last access in cycle {run.last[name]:,}, its last one was due by {at - 1:,}"
                for name, at in behind.items()
            ),
            hint=REPORT_IT,
            exit_code=2,
        )
    if foreseen:
        raise UserError(
            "the RTL ends",
            expected="a deadlock, as predicted",
            hint=REPORT_IT,
            exit_code=2,
        )
    rests = prediction.rests
    return Verified(
        run,
        prediction,
        compare(subject.design, subject.rtl, rows, run),
        cycles=max(last + 1 + rests[name] for name, last in run.last.items()),
        first=max(last + 1 + rests[name] for name, last in run.last_of_first.items()),
    )
