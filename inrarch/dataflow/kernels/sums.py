"""What the kernels share that sum over the rows of an invocation: the memory of the sums."""

from __future__ import annotations

from inrarch.dataflow.cost import Cost, either
from inrarch.dataflow.resources import buffer
from inrarch.dataflow.several import Count
from inrarch.dataflow.target import Target

REGISTER_WORDS = 4
"""A sum that comes back after up to 4 cycles cannot be in a memory: read 2, add 1, write 1. It stays in registers."""


def sums_cost(words: Count, bits: Count, target: Target) -> Cost:
    """`words` words of sums, of which one is read and written per cycle, besides the register of the adder."""
    registers = Cost(lut=bits * (words > 1), ff=words * bits * (words > 1))
    memory = sums_memory(words, bits, target) + Cost(ff=bits)
    return either(words <= REGISTER_WORDS, registers, memory)


def sums_memory(words: Count, bits: Count, target: Target) -> Cost:
    """The memory of more than `REGISTER_WORDS` words."""
    return buffer(words, bits, target)
