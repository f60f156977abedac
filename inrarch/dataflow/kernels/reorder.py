"""Elements of streams and constants in another order: Concat, Slice, Transpose, repetition and any chain of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar

import numpy as np

from inrarch.dataflow.element_maps import ElementMap
from inrarch.dataflow.kernels.steps import evenly, turn, turns
from inrarch.dataflow.logic import counter, multiplexer, rounding, taken
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import LONG, Cost, buffer, rom, total
from inrarch.dataflow.row_shapes import RowShape
from inrarch.dataflow.schedules import Items, compressed, repeated
from inrarch.dataflow.target import Target
from inrarch.dataflow.timing import Timing
from inrarch.dataflow.units import Facts, Input, Process, Unit, rows_of

LATENCY = 5
"""Cycles from the iteration that gives a token to its write: address and memory read 3, rounding 2."""

Tap = tuple[int, int, int]
"""(input, tensor of it, lane of its tokens): where a number comes from."""


@dataclass(frozen=True, kw_only=True)
class Reorder(Unit):
    """Every element of every field of the output stream is a fixed element of an input, or a constant.

    given: row shape of each input. maps: per tensor of the output (`makes`), its elements; their sources are fields of
    the inputs and initializers.
    """

    kernel: ClassVar[str] = "reorder"
    kind: ClassVar[str] = "move"
    inputs: tuple[Input, ...]
    given: tuple[RowShape, ...]
    maps: tuple[ElementMap, ...]

    @property
    def reads(self) -> tuple[Input, ...]:
        """One stream per unit that it reads."""
        return self.inputs

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """(input, number among its tensors) of every tensor that is read."""
        return {name: (s, k) for s, read in enumerate(self.inputs) for k, name in enumerate(read.fields)}

    def tokens(self, parallelism: Parallelism) -> tuple[tuple[int, ...], int]:
        """Tokens per row of the batch: of every input, of the output."""
        lanes = parallelism.stream_lanes
        elements = max(self.repeat, 1) * self.features
        return tuple(shape.elements // lanes[shape.features] for shape in self.given), elements // lanes[self.features]

    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """T; of sums over the batch, which come once per invocation, none."""
        return self.step(parallelism) if self.repeat else 0

    def step(self, parallelism: Parallelism) -> int:
        """T: the most tokens of an input or of the output."""
        reads, writes = self.tokens(parallelism)
        return max((writes, *reads))

    def taps(self, parallelism: Parallelism) -> dict[tuple[int, int], tuple[Tap, ...]]:
        """By lane of the output and field: the places that it takes numbers from, a memory each."""
        lanes = parallelism.stream_lanes
        widths = [lanes[shape.features] for shape in self.given]
        found: dict[tuple[int, int], dict[Tap, None]] = {}
        for field, each in enumerate(self.maps):
            for k, (source, element) in enumerate(zip(each.source, each.element, strict=True)):
                slot = found.setdefault((k % lanes[self.features], field), {})
                place = self.places.get(each.sources[source]) if source >= 0 else None
                if place is not None:
                    slot[(*place, element % widths[place[0]])] = None
        return {slot: tuple(taps) for slot, taps in sorted(found.items())}

    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """A memory of two rows of tokens per tap, the memory of the addresses, a multiplexer and rounding per slot."""
        lanes = parallelism.stream_lanes
        key = ("reorder", self.name, lanes[self.features], *(lanes[shape.features] for shape in self.given))
        if key not in facts.memo:
            facts.memo[key] = self._cost(facts, parallelism)
        found = facts.memo[key]
        assert isinstance(found, Cost)
        return found

    def _cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        bits = facts.formats.data_bits
        reads, writes = self.tokens(parallelism)
        taps = self.taps(parallelism)
        copies = Counter(stream for slot in taps.values() for stream, _, _ in slot)
        memories = total(tap_memory(reads[s], bits, facts.target).times(count) for s, count in copies.items())
        logic = total(
            multiplexer(len(slot), bits, facts.target) + rounding(bits, 1, bits, facts.target) for slot in taps.values()
        )
        deepest = max((*reads, 2))
        code = (deepest - 1).bit_length() + max((len(slot) for slot in taps.values()), default=0).bit_length()
        widths = [
            len(read.fields) * parallelism.stream_lanes[shape.features] * bits
            for read, shape in zip(self.inputs, self.given, strict=True)
        ]
        arriving = total(taken(each) + Cost(ff=each) for each in widths)
        return memories + rom(writes, code * len(taps), facts.target) + logic + arriving + counter(LONG, facts.target)

    def lag(self, parallelism: Parallelism) -> int:
        """Iterations from the reads of a row to its writes: the least with which nothing is used before it is there."""
        lanes = parallelism.stream_lanes
        reads, writes = self.tokens(parallelism)
        step = self.step(parallelism)
        least = 0
        for each in self.maps:
            source = np.array(each.source)
            token = np.arange(len(source)) // lanes[self.features]
            for number, name in enumerate(each.sources):
                if name not in self.places:
                    continue
                stream = self.places[name][0]
                used = source == number
                element = np.array(each.element)[used] // lanes[self.given[stream].features]
                arrives = turn(element, reads[stream], step)
                least = max(least, int((arrives + 1 - turn(token[used], writes, step)).max(initial=0)))
        return least

    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """Reads and writes are spread over a step, these `lag` iterations later."""
        reads, writes = self.tokens(parallelism)
        step = self.step(parallelism)
        behind = self.lag(parallelism) + LATENCY
        return Timing(step, tuple(turns(count, step) for count in reads), turns(writes, step) + behind)

    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """Parameters as in kernel_lib/reorder/kernel.yaml."""
        step, lag = self.step(parallelism), self.lag(parallelism)
        read_tokens, written = self.tokens(parallelism)
        parameters: dict[str, Any] = {
            "features": self.features,
            "repeat": self.repeat,
            "lanes": parallelism.stream_lanes[self.features],
            "inputs": [
                {"stream": stream, "fields": list(read.fields), "features": shape.features, "repeat": shape.repeat}
                for stream, read, shape in zip(reads, self.inputs, self.given, strict=True)
            ],
            "output_fields": list(self.fields),
            "maps": [{"sources": list(each.sources), "runs": [list(run) for run in each.runs()]} for each in self.maps],
            "T": step,
            "lag": lag,
            "latency": LATENCY,
        }
        rows = rows_of(self.repeat, facts.rows) // max(self.repeat, 1)
        return Process(parameters, reorder_schedule(reads, read_tokens, writes[0], written, rows, step, lag))


def tap_memory(reads: int, bits: int, target: Target) -> Cost:
    """The memory of a tap: two rows of `reads` tokens, one number of each; the second row at a power of two."""
    return buffer((1 << max(1, (reads - 1).bit_length())) + reads, bits, target)


def reorder_schedule(
    streams: Sequence[str], reads: Sequence[int], output: str, writes: int, rows: int, step: int, lag: int
) -> Items:
    """The loop of `kernel_lib/reorder`: row r is read in iterations r*T + t, spread evenly, and written `lag` later.

    reads, writes: tokens per row. A token is written LATENCY cycles after the iteration that gives it.
    """
    iteration = np.arange(step)
    read = [evenly(count, step) for count in reads]
    write = np.roll(evenly(writes, step), lag)
    accesses: list[Items] = [[{"at": 0, "read": stream}] for stream in streams]
    accesses.append([{"at": LATENCY, "write": output}])

    def frame(row: int) -> Items:
        """Accesses of iterations row*T to (row+1)*T: reads of the row, writes of it and of the one before."""
        flags = np.zeros(step, dtype=np.int64)
        for bit, due in enumerate(read):
            flags |= np.where(due & (row < rows), 1 << bit, 0)
        begun = iteration >= lag
        writing = write & np.where(begun, row < rows, row > 0)
        return compressed(flags | np.where(writing, 1 << len(read), 0), accesses)

    items: Items = []
    row = 0
    for _, same in groupby((row == 0, row < rows) for row in range(rows + (lag > 0))):
        count = len(list(same))
        if body := frame(row):
            items.append(repeated(row * step, count, step, body))
        row += count
    return items
