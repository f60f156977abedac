"""The guard of a stage: a parent process that does nothing but see to it that nothing outlives the stage.

The guard forks the process that runs the stage, and waits. On Linux it adopts every process that the stage starts and
loses, also one that left its session (`setsid`). When the stage ends, whatever it left is killed; when the guard is
asked to stop, or the build dies (the guard then gets SIGTERM, see `child.run_here`), the stage is asked politely and is
killed a moment later, so a stage deep in numerical code that cannot react ends too.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from inrarch.errors import UserError
from inrarch.tools import process

GRACE_S = process.GRACE_S / 2
"""Seconds between asking the stage to stop and killing it: less than the build waits before it kills the guard."""

_PR_SET_CHILD_SUBREAPER = 36
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def guarded(work: Callable[[], int]) -> int:
    """The exit code of `work`, which runs in a child; returns when no process is left that the work has started.

    A work that dies by a signal takes this process with it by the same signal. Where there is no Linux the work is
    run right here.
    """
    prctl = process.process_control()
    if prctl is None:
        return work()
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    sys.stdout.flush()
    sys.stderr.flush()
    child = 0
    asked: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        if child:
            _signal(child, signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, GRACE_S, 0.05)

    def force(number: int, frame: FrameType | None) -> None:
        for descendant in _children():
            _signal(descendant, signal.SIGKILL)

    handlers = {**dict.fromkeys(_STOPPING, stop), signal.SIGALRM: force}
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    bind = process.death_signal_setter(signal.SIGKILL)
    child = os.fork()
    if child == 0:
        _become_child(work, previous, bind)
    if asked:  # a signal came while the number of the child was not known yet
        _signal(child, signal.SIGTERM)
    status = _wait(child)
    _end_descendants()
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    return os.waitstatus_to_exitcode(status)


def _become_child(
    work: Callable[[], int], previous: Mapping[signal.Signals, Any], bind: Callable[[], None] | None
) -> NoReturn:
    code = 2
    try:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if bind is not None:
            bind()
        code = work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except UserError as error:
        print(error.text(), file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _wait(child: int) -> int:
    """The wait status of the child; orphans that end meanwhile are reaped."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            return status


def _end_descendants() -> None:
    """Kill what the stage has left: each process that is killed hands its children to us, until there are none."""
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not ended:
            for orphan in _children():
                _signal(orphan, signal.SIGKILL)
            time.sleep(0.001)


def _children() -> list[int]:
    """Our children, from the fourth field of /proc/PID/stat."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            if int(entry.read_text(errors="replace").rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(entry.parent.name))
    return found


def _signal(process_id: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process_id, number)
