"""What stages need and what there is, by the machine and by the workspace, as tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from inrarch.config.model import Totals
from inrarch.engine.stage import Needs, Stage
from inrarch.errors import UserError
from inrarch.machine import machine_cores, machine_memory_mb

_LICENCE = "licence_"


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
