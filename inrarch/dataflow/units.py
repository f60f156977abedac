"""The units of a mapped network, before parallelism is chosen: what each computes and whom it reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Input:
    """A stream that a unit reads: the name of the unit that writes it, and the tensors (fields) that are used of it."""

    unit: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Takes a model input of `features` coordinates from the AXI port `port`."""

    name: str
    port: str
    features: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matmul:
    """All products with one constant weight [K, M], one per coefficient, that lie equally deep in the network.

    node: the node that gives the unit its name. nodes, operands, fields, biases: node, input tensor, output tensor
    and bias (initializer or None) per coefficient; `fields` is also the layout of the output stream.
    """

    name: str
    node: str
    nodes: tuple[str, ...]
    weight: str
    input: Input
    operands: tuple[str, ...]
    fields: tuple[str, ...]
    biases: tuple[str | None, ...]
    K: int
    M: int

    @property
    def features(self) -> int:
        """Features of the output stream."""
        return self.M

    @property
    def coefficients(self) -> int:
        """Products that share the weight, C."""
        return len(self.operands)


@dataclass(frozen=True, slots=True)
class Region:
    """Pointwise nodes (in topological order) on the same features of the same row, fused into one pipeline.

    A field that no node makes is passed on from an input.
    """

    name: str
    nodes: tuple[str, ...]
    features: int
    inputs: tuple[Input, ...]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sink:
    """Gives the model outputs `outputs` among the fields of one stream to an AXI port."""

    name: str
    input: Input
    features: int
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """Copies the stream of `input.unit` to several readers. fields: all fields of that stream."""

    name: str
    input: Input
    features: int
    fields: tuple[str, ...]


Unit = Source | Matmul | Region | Sink | Fork


def inputs_of(unit: Unit) -> tuple[Input, ...]:
    """The streams that a unit reads, in order."""
    if isinstance(unit, Source):
        return ()
    return unit.inputs if isinstance(unit, Region) else (unit.input,)


def fields_of(unit: Unit) -> tuple[str, ...]:
    """The layout of a unit's output stream; empty for a sink."""
    return () if isinstance(unit, Sink) else unit.fields


@dataclass(frozen=True, slots=True)
class Link:
    """A stream between two units. fields: all fields of a token, of which the reader may use few."""

    name: str
    writer: str
    reader: str
    features: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Units:
    """A whole network: units in topological order (writers before readers), links in order of their writers.

    A unit other than a fork writes exactly one link; the links of a fork stand in the order of its writes.
    """

    units: tuple[Unit, ...]
    links: tuple[Link, ...]

    def matmuls(self) -> tuple[Matmul, ...]:
        """The matmul units, in order."""
        return tuple(unit for unit in self.units if isinstance(unit, Matmul))

    def incoming(self, name: str) -> tuple[Link, ...]:
        """The links that a unit reads, in the order of its inputs."""
        return tuple(link for link in self.links if link.reader == name)

    def outgoing(self, name: str) -> tuple[Link, ...]:
        """The links that a unit writes."""
        return tuple(link for link in self.links if link.writer == name)
