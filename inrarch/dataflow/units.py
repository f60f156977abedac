"""The units of a mapped network: what each computes, whom it reads, and what a kernel must say of its units.

A kernel is one file in `inrarch/dataflow/kernels/` with a subclass of `Unit`: its streams, its freedom of parallelism,
its schedule, its cost and its cycles. `partition` makes the units; nothing else knows which kernels there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from inrarch.dataflow.resources import Cost
from inrarch.dataflow.target import Target
from inrarch.dataflow.timing import Timing

if TYPE_CHECKING:
    import onnx_ir as ir

    from inrarch.config.model import Lanes
    from inrarch.dataflow.parallelism import Parallelism
    from inrarch.dataflow.schedules import Items
    from inrarch.numeric.formats import Formats


FAR = -(10**12)
"""A time that no maximum sees."""


@dataclass(frozen=True, slots=True)
class Input:
    """A stream that a unit reads: the name of the unit that writes it, and the tensors (fields) that are used of it."""

    unit: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What units may look at, besides themselves: the same for all of them.

    nodes: the graph's nodes by name. initializers: its constants by name. target: what the board is made of.
    rows: rows of the batch per invocation. memo: what units have worked out, by keys that begin with a name of theirs.
    """

    nodes: Mapping[str, ir.Node]
    initializers: Mapping[str, ir.Value]
    formats: Formats
    target: Target
    rows: int
    memo: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Process:
    """What `network.json` says of a unit. end: stage at which it is done, where that is later than its last access."""

    parameters: Mapping[str, Any]
    schedule: Items
    end: int | None = None


@dataclass(frozen=True, slots=True)
class MenuTable:
    """cost: of several choices of a unit, as arrays. delays: four arrays, in the order of `offers.Delay`."""

    cost: Cost
    delays: tuple[Any, Any, Any, Any]


@dataclass(frozen=True, kw_only=True)
class Unit(ABC):
    """One process. features: of a row of the output stream (of a sink: of the stream that it reads).

    repeat: rows of the output stream per row of the batch; 0 where there is one row per invocation. makes: the tensors
    of the output stream, where they are not those that it reads.
    """

    kernel: ClassVar[str]
    """Folder in kernel_lib/."""
    kind: ClassVar[str]
    """What it is to people: product, pointwise, sum, move or port. Reports have a colour for each."""
    is_port: ClassVar[bool] = False
    """Whether it moves one word per cycle of a port, whatever the parallelism."""
    passes_on: ClassVar[bool] = False
    """Whether a token leaves as soon as it can, whatever comes behind it in its row."""
    over_batch: ClassVar[bool] = False
    """Whether it reads all rows of the batch to write one row per invocation."""
    name: str
    features: int
    repeat: int = 1
    makes: tuple[str, ...] = ()

    @property
    @abstractmethod
    def reads(self) -> tuple[Input, ...]:
        """The streams that it reads, in order."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The tensors of its output stream, in order; empty for a sink."""
        return self.makes

    def row_tokens(self, parallelism: Parallelism) -> int:
        """Tokens of a row of its stream."""
        return self.features // parallelism.stream_lanes[self.features]

    @abstractmethod
    def cycles_per_row(self, parallelism: Parallelism) -> int:
        """Cycles that it takes, by itself, per row of the batch; 0 where it works once per invocation, on sums."""

    @abstractmethod
    def cost(self, facts: Facts, parallelism: Parallelism) -> Cost:
        """Its resources, streams not included."""

    @abstractmethod
    def timing(self, facts: Facts, parallelism: Parallelism) -> Timing:
        """The cycles of the accesses that `process` makes, if nothing makes it wait."""

    @abstractmethod
    def process(self, facts: Facts, parallelism: Parallelism, reads: Sequence[str], writes: Sequence[str]) -> Process:
        """Parameters and schedule. reads, writes: the names of its streams, in order."""

    def options(self, facts: Facts, stream_lanes: Mapping[int, int]) -> Sequence[tuple[int, Any]]:
        """Its freedom: (cycles per row, choice), none slower than one before it; empty for none.

        The cheapest comes first. Where it works once per invocation, all cycles per row are 0, and the later choices
        shorten its delay alone.

        stream_lanes: lanes of a stream by the features of its rows. A choice is what `Parallelism.choices` will hold.
        """
        return ()

    def menu(self, facts: Facts, asked: Sequence[tuple[Mapping[int, int], Any]]) -> MenuTable | None:
        """What `cost` and `span` say of choices, where it can be worked out at once. asked: (stream lanes, choice)."""
        return None

    def eased(self, facts: Facts, parallelism: Parallelism, cycles: int) -> Any:
        """A choice of no more resources that takes up to `cycles` per row, so that less waits in it; None for none."""
        return None

    def alike(self, facts: Facts) -> Hashable:
        """Equal for units of one class and equal streams whose choices, timings and costs are equal."""
        return self.name

    @property
    def limits(self) -> Lanes | None:
        """The most lanes that a user may pin: a unit with one input and one output, and `Lanes` as its choice."""
        return None

    def text(self, parallelism: Parallelism) -> tuple[str, ...]:
        """What it computes, in one or two lines of at most 24 characters."""
        return (self.kernel,)

    def macs_per_row(self) -> int:
        """Multiply-accumulates of its matrix products per row of the batch."""
        return 0

    def multipliers(self, parallelism: Parallelism) -> int:
        """Its MAC lanes."""
        return 0


@dataclass(frozen=True, slots=True)
class Link:
    """A stream between two units. fields: those of a token; behind a fork the ones that the reader uses.

    features, repeat: of the unit that makes it.
    """

    name: str
    writer: str
    reader: str
    features: int
    fields: tuple[str, ...]
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Units:
    """A whole network: units in topological order (writers before readers), links in order of their writers.

    A unit other than a fork writes exactly one link; the links of a fork stand in the order of its writes.
    """

    units: tuple[Unit, ...]
    links: tuple[Link, ...]
    _incoming: dict[str, tuple[Link, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _outgoing: dict[str, tuple[Link, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for link in self.links:
            self._incoming[link.reader] = (*self._incoming.get(link.reader, ()), link)
            self._outgoing[link.writer] = (*self._outgoing.get(link.writer, ()), link)
        made_by = {unit.name: unit.reads[0].unit if unit.kernel == "fork" else unit.name for unit in self.units}
        for unit in self.units:
            order = [read.unit for read in unit.reads]
            if len(order) > 1:
                links = sorted(self._incoming[unit.name], key=lambda link: order.index(made_by[link.writer]))
                self._incoming[unit.name] = tuple(links)

    def incoming(self, name: str) -> tuple[Link, ...]:
        """The links that a unit reads, in the order of its inputs."""
        return self._incoming.get(name, ())

    def outgoing(self, name: str) -> tuple[Link, ...]:
        """The links that a unit writes."""
        return self._outgoing.get(name, ())


def in_invocation(unit: Unit, rows: int) -> tuple[Unit, int]:
    """What a unit does in an invocation of `rows` rows: that of the unit given back per row, so many times.

    A unit that works once per invocation is given back as one with a row of its stream per row of the batch.
    """
    return (replace(unit, repeat=1), 1) if unit.repeat == 0 and not unit.over_batch else (unit, rows)


def rows_of(repeat: int, rows: int) -> int:
    """Rows of a stream per invocation of `rows` rows of the batch."""
    return rows * repeat if repeat else 1
