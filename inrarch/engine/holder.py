"""Which process on which machine: written into files of a shared folder, so that others can tell whether it lives."""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from inrarch.engine.digest import text_digest


@dataclass(frozen=True, slots=True)
class Holder:
    """A process. host: for people. machine: digest of what tells machines (and containers) of one name apart.

    started: when the process began, in clock ticks since the boot: process numbers are used again.
    """

    host: str
    machine: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"

    def text(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self)) + "\n"

    def lives(self) -> bool | None:
        """Whether the process runs; None when it is one of another machine."""
        return _started(self.pid) == self.started if self.machine == _machine() else None


def this_process() -> Holder:
    """The process that asks."""
    return Holder(platform.node(), _machine(), os.getpid(), _started(os.getpid()) or 0)


def parse_holder(text: str) -> Holder | None:
    """What `Holder.text` wrote; None for anything else, as half a file."""
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):
        return None


@cache
def _machine() -> str:
    known = [platform.node()]
    with suppress(OSError):
        known.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
        known.append(os.readlink("/proc/self/ns/pid"))
    return text_digest("\n".join(known))[:16]


def _started(pid: int) -> int | None:
    """When a process of this machine began (Linux: field 22 of /proc/PID/stat; else 0); None if there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(text.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return 0
