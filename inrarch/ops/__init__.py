"""The ONNX operators that inrarch understands: one file each, found by scanning this folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inrarch.ops.operator import Operator

NOT_OPERATORS = frozenset({"operator"})
"""Modules of this folder that define no operator."""


@cache
def operators() -> Mapping[str, Operator]:
    """All operators by ONNX name (`Sin`), in alphabetical order. A module that cannot be imported is an error."""
    modules = [entry.name for entry in iter_modules(__path__) if entry.name not in NOT_OPERATORS]
    found = [import_module(f"{__name__}.{module}").OPERATOR for module in modules]
    return MappingProxyType({operator.name: operator for operator in sorted(found, key=lambda each: str(each.name))})
