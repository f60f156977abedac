"""Process networks with blocking FIFOs: exact simulation and sizing (DESIGN.md 7). Knows nothing of neural networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inrarch.fifo.front import pareto
    from inrarch.fifo.sizing import solve

__all__ = ["pareto", "solve"]


def __getattr__(name: str) -> Any:
    """`inrarch.fifo.solve` and `pareto`, imported on first use: who asks what a FIFO costs needs no solver."""
    if name == "solve":
        from inrarch.fifo.sizing import solve

        return solve
    if name == "pareto":
        from inrarch.fifo.front import pareto

        return pareto
    raise AttributeError(f"module 'inrarch.fifo' has no attribute {name!r}")
