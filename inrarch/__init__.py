"""inrarch: nth-order derivatives of a trained neural field, compiled into verified streaming FPGA hardware."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "derive"]


def __getattr__(name: str) -> Any:
    """`inrarch.derive`, imported on first use: the graph libraries take half a second to load."""
    if name == "derive":
        from inrarch.derivatives.api import derive

        return derive
    raise AttributeError(f"module 'inrarch' has no attribute {name!r}")
