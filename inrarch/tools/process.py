"""External programs: started without a shell, watched, and never left behind.

Every program gets its own process group. The group is ended when the program ends, times out, or the caller is
interrupted; on Linux a program also dies with the process that started it, however that one ends (a synthesis tool that
outlives its build would keep its licence).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from inrarch.errors import UserError

GRACE_S = 2.0
"""Seconds between the polite signal (SIGTERM) and SIGKILL."""

_PR_SET_PDEATHSIG = 1
_living: set[int] = set()
_living_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that has ended: its exit code (negative = killed by that signal), wall time, captured output."""

    command: tuple[str, ...]
    exit_code: int
    seconds: float
    output: str


def run(
    command: Sequence[str | Path],
    *,
    name: str | None = None,
    cwd: Path | None = None,
    log: Path | None = None,
    timeout_s: float | None = None,
    env: Mapping[str, str] | None = None,
    check: bool = True,
    new_session: bool = False,
    death_signal: signal.Signals = signal.SIGKILL,
    stdin: Path | None = None,
    stdout: Path | None = None,
    started: Callable[[int], None] | None = None,
) -> Completed:
    """Run one program to its end; stdout and stderr go together to `log` (appended) or to `Completed.output`.

    name: what messages call the program (default: the file name of the executable).
    env: the whole environment (default: ours). check: an exit code other than 0 is an error.
    new_session: detach from the terminal; whatever the program started is then ended with it, even in other groups.
    death_signal: what the program gets when this process dies first (Linux).
    stdin: the file that it reads (default: nothing). stdout: the file for its stdout alone.
    started: called with the number of its process group, for `signal_one`.

    Raises UserError (exit code 2): not found, failed, killed, timed out; with the last lines of its output.
    """
    arguments = tuple(os.fspath(part) for part in command)
    title = name or Path(arguments[0]).name
    began = time.monotonic()
    timed_out = threading.Event()
    with _output(log) as stream, ExitStack() as files:
        try:
            process = subprocess.Popen(
                arguments,
                cwd=cwd,
                env=env,
                stdin=files.enter_context(stdin.open("rb")) if stdin else subprocess.DEVNULL,
                stdout=files.enter_context(stdout.open("wb")) if stdout else stream,
                stderr=stream,
                start_new_session=new_session,
                process_group=None if new_session else 0,
                preexec_fn=death_signal_setter(death_signal),
            )
        except OSError as error:
            raise UserError(f"{title}: cannot be started: {error.strerror}: {arguments[0]}", exit_code=2) from error
        _watch(process, timeout_s, timed_out, new_session, started)
        stream.seek(0, os.SEEK_END)
        output = "" if log else _read(stream)
    completed = Completed(arguments, process.returncode, time.monotonic() - began, output)
    if timed_out.is_set():
        raise UserError(f"{title}: stopped after {timeout_s:g} s", excerpt=_excerpt(completed, log), exit_code=2)
    if check and completed.exit_code != 0:
        raise UserError(
            f"{title}: {describe_exit(completed.exit_code)}",
            excerpt=_excerpt(completed, log),
            hint=f"its whole output is in {log}" if log else None,
            exit_code=2,
        )
    return completed


def describe_exit(exit_code: int) -> str:
    """`failed with exit code 3`, or `was killed by SIGKILL`."""
    if exit_code >= 0:
        return f"failed with exit code {exit_code}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-exit_code).name}"
    return f"was killed by signal {-exit_code}"


def signal_all(number: signal.Signals) -> None:
    """Send a signal to every group that `run` has started and that has not ended."""
    with _living_lock:
        for group in _living:
            _signal_group(group, number)


def signal_one(group: int, number: signal.Signals) -> bool:
    """Send a signal to a group that `run` has started; returns False if it has ended."""
    with _living_lock:
        if group in _living:
            _signal_group(group, number)
            return True
    return False


def living() -> int:
    """How many programs that `run` has started have not ended."""
    with _living_lock:
        return len(_living)


def last_lines(text: str, count: int) -> str:
    """The last `count` lines that are not blank at the end."""
    return "\n".join(text.rstrip().splitlines()[-count:])


def tail(path: Path, count: int) -> str:
    """The last `count` lines of a log file; empty when there is no such file."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - 65536))
            return last_lines(stream.read().decode("utf-8", "replace"), count)
    except FileNotFoundError:
        return ""


def _watch(
    process: subprocess.Popen[bytes],
    timeout_s: float | None,
    timed_out: threading.Event,
    new_session: bool,
    started: Callable[[int], None] | None,
) -> None:
    """Wait for the end of the program, then end what is left of its group; also when we are interrupted."""

    def stop() -> None:
        timed_out.set()
        _signal_group(process.pid, signal.SIGTERM)
        time.sleep(GRACE_S)
        _signal_group(process.pid, signal.SIGKILL)

    timer = threading.Timer(timeout_s, stop) if timeout_s is not None else None
    with _living_lock:
        _living.add(process.pid)
    try:
        if timer:
            timer.daemon = True
            timer.start()
        if started:
            started(process.pid)
        _wait_unreaped(process)
    finally:
        if timer:
            timer.cancel()
        if not _has_ended(process):
            _signal_group(process.pid, signal.SIGTERM)
            deadline = time.monotonic() + GRACE_S
            while not _has_ended(process) and time.monotonic() < deadline:
                time.sleep(0.01)
        # The leader is not reaped yet, so its number cannot belong to a stranger.
        with _living_lock:
            _signal_group(process.pid, signal.SIGKILL)
            if new_session:
                _kill_session(process.pid)
            _living.discard(process.pid)
        process.wait()


def _wait_unreaped(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:  # macOS before Python 3.13
        process.wait()


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if process.returncode is not None or not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _kill_session(session: int) -> None:
    """Kill every process of a session (Linux: the sixth field of /proc/PID/stat)."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session and int(entry.parent.name) != session:
                os.kill(int(entry.parent.name), signal.SIGKILL)


def death_signal_setter(number: signal.Signals) -> Callable[[], None] | None:
    """What the child calls between fork and exec so that it gets `number` when this process dies (Linux only)."""
    prctl = process_control()
    if prctl is None:
        return None
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # the parent died before the call
            os._exit(1)

    return bind


@cache
def process_control() -> Callable[[int, int], int] | None:
    """prctl(2) of the C library; None where there is no Linux."""
    if sys.platform != "linux":
        return None
    import ctypes

    function: Callable[[int, int], int] = ctypes.CDLL(None).prctl
    return function


@contextmanager
def _output(log: Path | None) -> Iterator[IO[bytes]]:
    """The file that takes the output: a plain file, so that a left-over grandchild cannot block us on a pipe."""
    with log.open("ab") if log else tempfile.TemporaryFile() as stream:
        yield stream


def _read(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


def _excerpt(completed: Completed, log: Path | None) -> str | None:
    text = tail(log, 15) if log else last_lines(completed.output, 15)
    return text or None
