"""Where stages run: one file per executor, found by scanning. `executor.py` has the contract."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from inrarch.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from inrarch.engine.executors.executor import Executor, Setting

_NOT_EXECUTORS = {"executor"}


def executor_names() -> list[str]:
    """The names of all executors, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _NOT_EXECUTORS)


def open_executor(name: str, setting: Setting) -> Executor:
    """The executor of that name, ready to run stages. UserError when there is none, or when it cannot be reached."""
    names = executor_names()
    if name not in names:
        expected = f"one of {', '.join(names)}"
        raise UserError(f"no executor is called {name!r}", expected=expected, hint=did_you_mean(name, names))
    executor: Executor = import_module(f"{__name__}.{name}").open_executor(setting)
    return executor
