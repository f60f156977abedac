"""What stages need and what there is: the machine's own figures, the workspace's words, and tokens made of both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from inrarch.config.model import Totals
from inrarch.engine.stage import Needs, Stage
from inrarch.errors import UserError

_MIB = 2**20
_LICENCE = "licence_"
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


def machine_tokens(totals: Totals) -> dict[str, int]:
    """The tokens `cores` and `memory_mb`: this machine's, or what the workspace says of it."""
    return {
        "cores": machine_cores() if totals.cores is None else totals.cores,
        "memory_mb": machine_memory_mb() if totals.memory_mb is None else totals.memory_mb,
    }


def needs_of(stage: Stage, stages: Mapping[str, Mapping[str, Any]]) -> Needs:
    """What a stage needs: what the workspace says of it, else what it says itself."""
    said = stages.get(stage.name, {})
    return replace(stage.needs, **{key: said[key] for key in ("cores", "memory_mb", "licences") if key in said})


def licence_token(name: str) -> str:
    """What the token of a licence is called."""
    return f"{_LICENCE}{name}"


def licence_tokens(totals: Totals) -> dict[str, int]:
    """The tokens of all licences that there are."""
    return {licence_token(name): count for name, count in totals.licences.items()}


def as_tokens(needs: Needs) -> dict[str, int]:
    """The tokens that a stage takes: cores, memory_mb, and one name per licence."""
    licences = {licence_token(name): count for name, count in needs.licences.items() if count}
    return {"cores": needs.cores, "memory_mb": needs.memory_mb, **licences}


def too_big(name: str, needs: Needs, totals: Mapping[str, int], *, licences: bool = True) -> UserError | None:
    """The error of a stage that needs more than there is of something in all; None if it needs no more.

    totals: by token; a missing one is unlimited, but a missing licence is none.
    """
    for token, needed in as_tokens(needs).items():
        licence = token.startswith(_LICENCE)
        there = totals.get(token, 0 if licence else needed)
        if needed > there and (licences or not licence):
            key = f"licences.{token.removeprefix(_LICENCE)}" if licence else token
            return UserError(
                f"stage {name!r} needs {key} {needed}, but there {'is' if there == 1 else 'are'} {there} in all",
                hint=f"raise `resources.{key}` or lower `stages.{name}.{key}` in inrarch.yaml",
            )
    return None
