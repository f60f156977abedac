"""The double input buffer of a product: kernel_lib/common/inrarch_row_buffer.sv."""

from __future__ import annotations

from inrarch.dataflow.cost import Cost
from inrarch.dataflow.memories import buffer
from inrarch.dataflow.several import Count, larger
from inrarch.dataflow.target import Target


def row_memories(inputs: Count, lanes: Count, stream_lanes: Count, bits: int) -> tuple[Count, Count, Count]:
    """(memories, words, bits of a word). bits: of an input with all its coefficients.

    A word has `lanes` inputs. Where a token is narrower, each part of the word that a token fills is a memory.
    """
    parts = larger(1, lanes // stream_lanes)
    return parts, 2 * -(-inputs // lanes), lanes // parts * bits


def one_memory(inputs: Count, lanes: Count, stream_lanes: Count, bits: int, target: Target) -> Cost:
    """One of these memories."""
    _, words, wide = row_memories(inputs, lanes, stream_lanes, bits)
    return buffer(words, wide, target)


def row_buffer(inputs: Count, lanes: Count, stream_lanes: Count, bits: int, target: Target) -> Cost:
    """All of them, and the token that is written next."""
    count = row_memories(inputs, lanes, stream_lanes, bits)[0]
    return one_memory(inputs, lanes, stream_lanes, bits, target).times(count) + Cost(ff=stream_lanes * bits)
