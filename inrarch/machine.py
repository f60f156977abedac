"""The machine that we run on: cores and memory."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_MIB = 2**20
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def machine_cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine_memory_mb() -> int:
    """Main memory in MiB: the machine's, or the limit of the container that we are in."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in _CGROUP_LIMITS:
        with suppress(OSError, ValueError):  # no such limit, or the word "max"
            found.append(int(Path(path).read_text(encoding="ascii")))
    return max(1, min(found) // _MIB)
