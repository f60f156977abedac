"""Tokens for what is scarce: a stage takes all that it needs at once, or waits; so there is no deadlock.

Who waits is served in the order of arrival, except that a small one may pass a big one that does not fit yet. After
`PATIENCE` of them have passed it, nobody passes any more until it has got what it needs: nobody waits for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

PATIENCE = 16
"""How many may pass one that waits."""


class TokensClosedError(Exception):
    """Nothing is given out any longer."""


@dataclass(slots=True, eq=False)
class _Waiter:
    needs: dict[str, int]
    passed: int = 0
    admitted: bool = False


class Tokens:
    """Counted tokens by name. A name without a total is not limited."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        self.totals = dict(totals)
        self._free = dict(totals)
        self._queue: list[_Waiter] = []
        self._closed = False
        self._changed = threading.Condition()

    def lacking(self, needs: Mapping[str, int]) -> str | None:
        """The first name of which more is needed than there is at all; None if the needs can be met."""
        return next((name for name, count in needs.items() if count > self.totals.get(name, count)), None)

    @contextmanager
    def hold(self, needs: Mapping[str, int]) -> Iterator[None]:
        """Wait for the tokens and hold them. Raises ValueError for more than there are, TokensClosedError."""
        lacking = self.lacking(needs)
        if lacking is not None:
            raise ValueError(f"{needs[lacking]} {lacking} of {self.totals[lacking]}")
        waiter = _Waiter({name: count for name, count in needs.items() if name in self.totals})
        with self._changed:
            self._queue.append(waiter)
            self._admit()
            self._changed.wait_for(lambda: waiter.admitted or self._closed)
            if not waiter.admitted:
                self._queue.remove(waiter)
                raise TokensClosedError
        try:
            yield
        finally:
            with self._changed:
                self._add(waiter.needs, 1)
                self._admit()

    def close(self) -> None:
        """Give out nothing more: who waits now or later gets TokensClosedError."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _admit(self) -> None:
        """Let in, in order, everybody for whom there is enough."""
        if self._closed:
            return
        before: list[_Waiter] = []
        for waiter in self._queue:
            if all(self._free[name] >= count for name, count in waiter.needs.items()):
                waiter.admitted = True
                self._add(waiter.needs, -1)
                for passed in before:
                    passed.passed += 1
            else:
                before.append(waiter)
            if any(passed.passed >= PATIENCE for passed in before):
                break
        self._queue = [waiter for waiter in self._queue if not waiter.admitted]
        self._changed.notify_all()

    def _add(self, needs: Mapping[str, int], sign: int) -> None:
        for name, count in needs.items():
            self._free[name] += sign * count
