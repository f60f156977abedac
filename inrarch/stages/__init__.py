"""The pipeline: one file per stage, found by scanning and ordered by what each stage comes after."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inrarch.engine.stage import Stage


def stages(package: str = __name__) -> tuple[Stage, ...]:
    """Every stage of a package in an order in which they can run.

    Each module exports `STAGE`, named like its file. A module that does not import is an error, never skipped.
    """
    found: list[Stage] = []
    for module in pkgutil.iter_modules(import_module(package).__path__):
        stage: Stage = import_module(f"{package}.{module.name}").STAGE
        if stage.name != module.name:
            raise ValueError(f"{package}/{module.name}.py declares a stage of another name: {stage.name!r}")
        found.append(stage)
    return ordered(found)


def stage_names() -> list[str]:
    """The names of the stages of the package, without importing them."""
    return [module.name for module in pkgutil.iter_modules(__path__)]


def ordered(found: Iterable[Stage]) -> tuple[Stage, ...]:
    """The stages, each after the ones it names in `after`; ties in order of name.

    Raises ValueError for a stage that comes after an unknown one, or after itself.
    """
    by_name = {stage.name: stage for stage in sorted(found, key=lambda stage: stage.name)}
    for stage in by_name.values():
        for name in stage.after:
            if name not in by_name:
                raise ValueError(f"stage {stage.name!r} comes after an unknown stage {name!r}")
    try:
        order = TopologicalSorter({name: stage.after for name, stage in by_name.items()}).static_order()
        return tuple(by_name[name] for name in order)
    except CycleError as error:
        raise ValueError(f"stages wait for each other: {' -> '.join(error.args[1])}") from error
