"""The nonzeros of a constant matrix, the cycle structure of a unit that multiplies these alone, and the arrangements
of its lanes that are worth having.

Each of L lanes adds PI products per cycle to one sum. An output with n nonzeros takes max(1, ceil(n / PI)) blocks (an
empty one still gives its bias). The lanes are dealt out to G ports; port g gives the outputs m with m mod G = g: a
token takes one value at a time from every port.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from inrarch.config.model import Lanes

Integers = npt.NDArray[np.int64]

SPARE = 1.035
TRIED = 8
"""Numbers of products per lane that are tried for a row time: from the least on that is enough."""


@dataclass(frozen=True, slots=True)
class SparseShape:
    """Everything that follows from the counts of nonzeros, the lanes of the unit, and those of its streams.

    lanes_of_port: L, by port. horizon: cycles of products per row. slices_in, slices_out: parts of a row that go
    into the buffer, or leave, in one iteration each. step: T, cycles per row.
    """

    lanes_of_port: tuple[int, ...]
    horizon: int
    slices_in: int
    slices_out: int
    step: int

    @property
    def ports(self) -> int:
        """Outputs that leave in one iteration, G."""
        return len(self.lanes_of_port)


@dataclass(frozen=True, eq=False)
class Pattern:
    """Where a constant matrix [inputs, outputs] is not zero. columns: per output, the inputs, rising."""

    inputs: int
    columns: tuple[Integers, ...]
    _operands: dict[int, tuple[Integers, Integers]] = field(default_factory=dict, repr=False)
    _work: dict[tuple[int, int], Integers] = field(default_factory=dict, repr=False)
    _frontiers: dict[tuple[int, int], tuple[tuple[int, Lanes], ...]] = field(default_factory=dict, repr=False)

    @staticmethod
    def of(weight: Integers) -> Pattern:
        """The pattern of integers [inputs, outputs]."""
        return Pattern(weight.shape[0], tuple(np.flatnonzero(column) for column in weight.T))

    @property
    def outputs(self) -> int:
        """Columns of the matrix, M."""
        return len(self.columns)

    @cached_property
    def counts(self) -> Integers:
        """Nonzeros per output."""
        return np.array([len(column) for column in self.columns], dtype=np.int64)

    @property
    def nonzeros(self) -> int:
        """All of them."""
        return int(self.counts.sum())

    def blocks(self, lanes_in: int) -> Integers:
        """Cycles of a lane, per output."""
        return np.maximum(1, -(-self.counts // lanes_in))

    def operands(self, lanes_in: int) -> tuple[Integers, Integers]:
        """Inputs [all blocks, lanes_in], -1 for none, by output and block; and the first block of every output.

        Each product of a lane has a run of the inputs of an output, so that it uses few of all inputs.
        """
        if lanes_in not in self._operands:
            blocks = self.blocks(lanes_in)
            parts = []
            for column, count in zip(self.columns, blocks, strict=True):
                padded = np.full(count * lanes_in, -1, dtype=np.int64)
                padded[: len(column)] = column
                parts.append(padded.reshape(lanes_in, count).T)
            self._operands[lanes_in] = np.concatenate(parts), np.cumsum(blocks) - blocks
        return self._operands[lanes_in]

    def work(self, lanes_in: int, ports: int) -> Integers:
        """Blocks of the outputs of each port."""
        key = (lanes_in, ports)
        if key not in self._work:
            self._work[key] = np.bincount(np.arange(self.outputs) % ports, self.blocks(lanes_in)).astype(np.int64)
        return self._work[key]

    def shape(self, lanes: Lanes, lanes_before: int, lanes_behind: int) -> SparseShape:
        """Cycle structure with these lanes of the unit and of the streams before and behind it.

        Of all numbers of ports, the smallest with the shortest step: fewer ports share their lanes better.
        """
        found = [
            self._shape(lanes, ports, lanes_before, lanes_behind)
            for ports in _divisors(lanes_behind)
            if ports <= lanes.outputs
        ]
        return min(found, key=lambda shape: shape.step)

    def _shape(self, lanes: Lanes, ports: int, lanes_before: int, lanes_behind: int) -> SparseShape:
        work = self.work(lanes.inputs, ports)
        longest = int(self.blocks(lanes.inputs).max())
        horizon = _horizon(work, lanes.outputs, longest)
        slices_out = self.outputs // ports
        step = max(horizon, self.inputs // lanes_before, slices_out)
        slices_in = self.inputs // _parts(self.inputs, lanes_before, step)
        return SparseShape(_dealt(work, lanes.outputs, horizon), horizon, slices_in, slices_out, step)

    def frontier(self, lanes_before: int, lanes_behind: int) -> tuple[tuple[int, Lanes], ...]:
        """(step, lanes) by rising number of multipliers, each with a smaller step than all before it.

        More products per lane round the blocks of every output up, but need fewer sums and buffers of results: for
        each row time, the largest PI is taken that needs at most `SPARE` more multipliers than the best one.
        """
        key = (self.inputs // lanes_before, lanes_behind)
        if key not in self._frontiers:
            self._frontiers[key] = self._frontier(*key)
        return self._frontiers[key]

    def _frontier(self, reads: int, lanes_behind: int) -> tuple[tuple[int, Lanes], ...]:
        longest = int(self.counts.max(initial=1))
        inputs = sorted({-(-longest // blocks) for blocks in range(1, longest + 1)})
        choices: list[tuple[int, Lanes]] = []
        for step in self._steps(max(reads, self.outputs // lanes_behind)):
            ports = _parts(self.outputs, lanes_behind, step)
            enough = next(index for index, each in enumerate(inputs) if -(-longest // each) <= step)
            lanes = {each: int((-(-self.work(each, ports) // step)).sum()) for each in inputs[enough : enough + TRIED]}
            most = math.floor(min(each * count for each, count in lanes.items()) * SPARE)
            lanes_in = max(each for each, count in lanes.items() if each * count <= most)
            choices.append((step, Lanes(lanes_in, lanes[lanes_in])))
        found: list[tuple[int, Lanes]] = []
        for step, chosen in sorted(choices, key=lambda choice: (choice[1].inputs * choice[1].outputs, choice[0])):
            if not found or step < found[-1][0]:
                found.append((step, chosen))
        return tuple(found)

    def _steps(self, least: int) -> list[int]:
        """The row times from `least` cycles on at which fewer lanes do, the longest first.

        One port is enough from `outputs` cycles on; then L lanes take ceil(blocks / L), and where L is larger than
        the root of the blocks, that is less than the root.
        """
        blocks = int(self.blocks(1).sum())
        root = math.isqrt(blocks) + 1
        short = set(range(least, max(least, root, self.outputs) + 1))
        return sorted(short | {max(least, -(-blocks // lanes)) for lanes in range(1, root + 1)}, reverse=True)


def _horizon(work: Integers, lanes: int, longest: int) -> int:
    """The least number of cycles in which `lanes` lanes, each of one port, do the work of all ports."""
    low, high = longest - 1, max(longest, int(work.sum()))
    if lanes < len(work):
        raise ValueError(f"{lanes} lanes cannot serve {len(work)} ports")
    while high - low > 1:
        middle = (low + high) // 2
        if int((-(-work // middle)).sum()) <= lanes:
            high = middle
        else:
            low = middle
    return high


def _dealt(work: Integers, lanes: int, horizon: int) -> tuple[int, ...]:
    """Lanes of each port; lanes that no port needs go to the ports with the most work per lane."""
    dealt = -(-work // horizon)
    for _ in range(lanes - int(dealt.sum())):
        dealt[int(np.argmax(work / dealt))] += 1
    return tuple(int(each) for each in dealt)


def _parts(size: int, stream_lanes: int, step: int) -> int:
    """Features of a token that go in or out in one iteration: the least divisor with which a row takes `step` of them.

    The whole token, where that is too slow, too.
    """
    return next((part for part in _divisors(stream_lanes) if size // part <= step), stream_lanes)


def _divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]
