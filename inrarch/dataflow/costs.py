"""Resources of a network at a given parallelism: its units, and FIFOs of two words."""

from __future__ import annotations

from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import Cost, fifo_cost, total
from inrarch.dataflow.units import Facts, Link, Units


def token_bits(link: Link, facts: Facts, parallelism: Parallelism) -> int:
    """Width of a stream."""
    return len(link.fields) * parallelism.stream_lanes[link.features] * facts.formats.data_bits


def network_cost(units: Units, facts: Facts, parallelism: Parallelism) -> Cost:
    """Resources of the whole network; `fifo` adds the memory of FIFOs deeper than two words."""
    streams = (fifo_cost(token_bits(link, facts, parallelism), facts.target) for link in units.links)
    return total(unit.cost(facts, parallelism) for unit in units.units) + total(streams)
