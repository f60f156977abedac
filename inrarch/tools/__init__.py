"""External tools, one file each, found by scanning; the only package that starts processes."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inrarch.tools.tool import Tool

_NOT_TOOLS = {"messages", "process", "tool"}


def tools() -> Mapping[str, Tool]:
    """Every tool by its name. A file that does not import or declares no TOOL is an error."""
    found: dict[str, Tool] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name not in _NOT_TOOLS:
            tool: Tool = import_module(f"{__name__}.{module.name}").TOOL
            found[tool.name] = tool
    return found
