"""Executor `local`: child processes on this machine, held back by tokens for cores, memory and licences."""

from __future__ import annotations

from inrarch.engine.child import run_here
from inrarch.engine.executors.executor import STOPPED, Ended, Setting, Work
from inrarch.engine.needs import as_tokens, licence_tokens, machine_tokens, too_big
from inrarch.engine.stage import Needs
from inrarch.engine.tokens import Tokens, TokensClosedError
from inrarch.errors import UserError


class LocalExecutor:
    """Runs each stage in a child process when its tokens are free."""

    elsewhere = False

    def __init__(self, setting: Setting) -> None:
        totals = machine_tokens(setting.totals)
        self.room = min(setting.slots or totals["cores"], totals["cores"])
        self._tokens = Tokens({"slots": self.room, **totals, **licence_tokens(setting.totals)})

    def obstacle(self, name: str, needs: Needs) -> UserError | None:
        """See `Executor`."""
        return too_big(name, needs, self._tokens.totals)

    def run(self, work: Work) -> Ended:
        """See `Executor`."""
        obstacle = self.obstacle(work.name, work.needs)
        if obstacle is not None:
            raise obstacle
        try:
            with self._tokens.hold({"slots": 1, **as_tokens(work.needs)}):
                work.begun()
                return run_here(work.folder, work.tools)
        except TokensClosedError:
            return STOPPED

    def stop(self) -> None:
        """See `Executor`. The session ends the processes that run on this machine."""
        self._tokens.close()

    def close(self) -> None:
        """See `Executor`."""


def open_executor(setting: Setting) -> LocalExecutor:
    """See `executor.py`."""
    return LocalExecutor(setting)
