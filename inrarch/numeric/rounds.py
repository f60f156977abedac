"""Trials on few rows whose results are confirmed on all; the worst rows of what fails there join the few."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import onnx_ir as ir

from inrarch.numeric.choose import Widths
from inrarch.numeric.formats import Formats
from inrarch.numeric.judge import Judge
from inrarch.numeric.samples import Real
from inrarch.numeric.trials import HEADING, Trial, Trials
from inrarch.numeric.width_cost import few_rows

_WORST_ROWS = 128


class Rounds:
    """All rows that judge, the few that trials measure, and the best widths that were confirmed or tried."""

    def __init__(
        self,
        model: ir.Model,
        choose: Callable[[Widths], Formats],
        test: Real,
        scale: Mapping[str, float],
        limits: Mapping[str, float],
        multiplier: tuple[int, int],
    ) -> None:
        """choose: formats at given widths. test: [rows, coordinates]. scale: max|ref| over `test`, by output."""
        self._model, self._test, self._scale, self._limits = model, test, scale, limits
        self._choose, self._multiplier = choose, multiplier
        self._every = Judge(model, test, scale)
        self._rows = np.arange(few_rows(model, len(test)))
        self._current: Trials | None = None
        self._confirmed: list[Trial] = []
        self.best: Trial | None = None

    def trials(self) -> Trials:
        """Trials on the few rows as they are."""
        if self._current is None:
            print(f"on {len(self._rows):,} of {len(self._test):,} rows:\n{HEADING}")
            judge = Judge(self._model, self._test[self._rows], self._scale)
            self._current = Trials(self._model, self._choose, judge, self._limits, self._multiplier)
        return self._current

    def settled(self, step: Callable[[Trials], Trial | None]) -> Trial | None:
        """The result of a step of the search, repeated with more rows until it is confirmed; None where it has none.

        It ends: what was not confirmed fails on the rows that have joined. An overflow ends it too, with None.
        """
        while True:
            trials = self.trials()
            found = step(trials)
            if found is None:
                self.best = self.best or trials.best
                return None
            confirmed = self.confirmed(found.widths)
            if confirmed is not None:
                return confirmed
            if self.best is not None and self.best.formats.overflows:
                return None

    def confirmed(self, widths: Widths) -> Trial | None:
        """The widths on all rows, or None where they miss a limit or a value overflows."""
        for known in self._confirmed:
            if known.widths == widths:
                return known
        trials = self.trials()
        formats, excess = self._every.measure_rows(self._choose(widths), self._limits)
        trial = trials.rated(widths, formats)
        print(f"{trials.line(trial)} on all rows")
        self.best = trial
        if trial.excess <= 1 and not formats.overflows:
            self._confirmed.append(trial)
            return trial
        entries = np.argsort(-excess, kind="stable")[:_WORST_ROWS]
        self._rows = np.union1d(self._rows, self._every.rows_of(entries, len(excess)))
        self._current = None
        return None
