"""Process networks with blocking FIFOs: exact simulation and sizing (DESIGN.md 7). Knows nothing of neural networks."""

from inrarch.fifo.pareto import pareto
from inrarch.fifo.solve import solve

__all__ = ["pareto", "solve"]
