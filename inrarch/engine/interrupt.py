"""Ctrl-C, SIGTERM and SIGHUP during a build all mean the same: stop now, keep what is finished."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked the build to stop. Not an Exception: no handler on the way may swallow it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def interruptible(told: Callable[[], None]) -> Iterator[None]:
    """At the first such signal call `told` and raise Stopped in the main thread; more are ignored inside the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    # What is ignored stays so: a build under nohup outlives its terminal.
    wanted = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]

    build = os.getpid()

    def stop(number: int, frame: FrameType | None) -> None:
        if os.getpid() != build:  # a child that has not become its program yet: it must not, and has nothing to tell
            os._exit(128 + number)
        for other in wanted:
            signal.signal(other, signal.SIG_IGN)
        told()
        raise Stopped(number)

    previous = {number: signal.signal(number, stop) for number in wanted}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
