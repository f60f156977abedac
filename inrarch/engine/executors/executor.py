"""The contract of an executor: run the stage that a folder's `step.json` describes, somewhere, and wait for its end.

A module of this package exports `open_executor(setting: Setting) -> Executor`. Nothing that an executor does or knows
is part of a fingerprint.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from inrarch.config.model import Totals
from inrarch.engine.stage import Needs
from inrarch.errors import UserError


@dataclass(frozen=True, slots=True)
class Work:
    """One run of a stage.

    name: of the stage. folder: has `step.json`; afterwards also `log.txt`, and `payload/` and `result.json` if it ended
    well. tools: configured paths of tools by name. begun: to be called when the run no longer waits for its turn.
    """

    name: str
    folder: Path
    needs: Needs
    tools: Mapping[str, str]
    begun: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that has ended: its exit code as `inrarch step` gives it (negative = killed by that signal), its seconds.

    seconds: of the stage itself, without waiting.
    """

    exit_code: int
    seconds: float


STOPPED = Ended(-signal.SIGTERM, 0.0)
"""What `run` returns for a stage that was not started, or ended, because the build is being stopped."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What an executor is opened with.

    options: its own section of inrarch.yaml. slots: stages at a time at most, if a person has said it.
    """

    options: Mapping[str, Any]
    totals: Totals
    slots: int | None
    staged: bool


class Executor(Protocol):
    """Runs stages. `run` is called from several threads at a time, everything else from one."""

    @property
    def room(self) -> int:
        """How many stages can run at a time."""

    @property
    def elsewhere(self) -> bool:
        """Whether stages run outside this machine's own processes, so that code and tools there must be compared."""

    def obstacle(self, name: str, needs: Needs) -> UserError | None:
        """Why a stage of that name can never run here, naming what there is too little of; None if it can."""

    def run(self, work: Work) -> Ended:
        """Run one stage to its end. UserError when it can not be run. After `stop` any exit code may be returned."""

    def stop(self) -> None:
        """The build is being stopped: end what runs, return from every `run` soon."""

    def close(self) -> None:
        """Give back what the executor holds; nothing runs any longer."""
