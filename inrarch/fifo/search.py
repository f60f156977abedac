"""The cheapest good depths: rules from conflicts, the cheapest depths that keep them, again until these are good.

Each round solves the master program (`master.py`), whose optimum is a lower bound, and dives from its depths: while
they are not good enough, a conflict is turned into a rule, and the streams for which that is cheapest are deepened.
Where a dive ends is good, and then shrunk until no stream can be one step cheaper. The search ends where the master's
depths are good themselves, or as cheap as the best known: these are then proven to be the optimum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from inrarch.fifo.conflict import Conflict, conflicts
from inrarch.fifo.master import Master
from inrarch.fifo.memory import REGISTER_WORDS
from inrarch.fifo.objective import Objective
from inrarch.fifo.question import OutOfTimeError, Question
from inrarch.fifo.shrink import cut_off, shrink


@dataclass(slots=True)
class Found:
    """The best depths, None where there are none; bound: no good depths cost less; rules: how many were used."""

    depths: dict[str, int] | None
    bound: int
    rules: int = 0
    infeasible: bool = False


class Search:
    """One problem: a question, its objective, and bounds of the depths."""

    def __init__(
        self, question: Question, objective: Objective, least: Mapping[str, int], most: Mapping[str, int]
    ) -> None:
        self.question, self.objective, self.most = question, objective, most
        self.floor = dict(least)
        self.master = Master(objective, least, most)
        self.found = Found(None, objective.total(self.master.base))

    def proven(self) -> bool:
        """Whether the best depths are as cheap as the bound."""
        best = self.found.depths
        return best is not None and self.objective.total(best) <= self.found.bound

    def offer(self, depths: Mapping[str, int]) -> None:
        """Take good depths as the best if they are cheaper."""
        if self.found.depths is None or self.objective.total(depths) < self.objective.total(self.found.depths):
            self.found.depths = dict(depths)

    def prove(self, bound: int) -> None:
        """Take a lower bound that was proven elsewhere."""
        self.found.bound = max(self.found.bound, bound)

    def improve(self, enough: Mapping[str, int], others: Iterable[Mapping[str, int]]) -> None:
        """Depths to begin with: `enough`, which are good, cut off, or the best of `others`; then shrunk."""
        for depths in others:
            if self.question.good(depths):
                self.offer(depths)
        if self.proven():
            return
        if self.found.depths is None or self.found.depths == enough:
            self.offer(cut_off(self.question, enough, self.offer))
        assert self.found.depths is not None
        if not self.proven():
            shrink(self.question, self.objective, self.found.depths, self.floor, self.offer)

    def run(self) -> Found:
        """Search until proven or out of time."""
        try:
            while not self.proven():
                answer = self.master.solve(self.question.seconds_left())
                self.found.bound = max(self.found.bound, answer.bound)
                if answer.depths is None:
                    self.question.seconds_left()
                    self.found.infeasible = self.found.depths is None
                    break
                if self.proven():
                    break
                self._dive(answer.depths)
        except OutOfTimeError:
            pass
        return self.found

    def spare_words(self) -> None:
        """Take away words that cost nothing, where the price of a stream is the same for many depths."""
        if self.objective.linear or self.found.depths is None:
            return
        with suppress(OutOfTimeError):
            self.found.depths = shrink(self.question, self.objective, self.found.depths, self.floor, lambda _: None)

    def _dive(self, depths: dict[str, int]) -> None:
        """From the master's depths to good ones, with a rule for every conflict on the way."""
        tried: list[dict[str, int]] = []
        while (world := self.question.failing(depths)) is not None:
            if depths in tried:
                return
            tried.append(depths)
            for rule in conflicts(self.question, world, depths, self.most):
                self.master.add(rule)
                self.found.rules += 1
                if not rule.kept(depths):
                    depths = self._keep(depths, rule)
        self.offer(depths)
        if tried:
            shrink(self.question, self.objective, depths, self.floor, self.offer)

    def _keep(self, depths: dict[str, int], rule: Conflict) -> dict[str, int]:
        """Deepen the stream that keeps the rule at the least price; where none does, make registers of all."""
        choices = [
            (self.objective.of(name, self.objective.plateau(name, least)) - self.objective.of(name, depths[name]), name)
            for name, least in rule.deeper.items()
            if least <= self.most[name]
        ]
        if choices:
            _, name = min(choices)
            return depths | {name: self.objective.plateau(name, rule.deeper[name])}
        return depths | {name: REGISTER_WORDS for name in rule.registers if self.master.base[name] <= REGISTER_WORDS}
