"""A kernel as SystemVerilog between random giving and taking, beside what the simulator says of it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.dataflow.units import Process
from inrarch.hardware.cosim.rhythm import random_gaps
from inrarch.hardware.kernels import Source, code_of
from inrarch.hardware.layout import Layout, Stream, Unit
from inrarch.hardware.rtl.module import Rtl
from inrarch.hardware.rtl.wrapper import PLACEHOLDER, wrapped
from inrarch.numeric.formats import Formats
from tests.rtl_bench import Bench, Given, Instance, Wanted, predicted
from tests.targets import U50

INVOCATIONS = 2


@dataclass(frozen=True)
class Port:
    """A stream beside a kernel. words: of an invocation, as unsigned integers; of an output, those that must come.

    gaps: see `inrarch.hardware.cosim.rhythm`, of all invocations.
    """

    name: str
    bits: int
    words: Sequence[int]
    gaps: Sequence[int]


@dataclass(frozen=True)
class Case:
    """A kernel with its parameters and streams. schedule: of one invocation; period: its stages; seed: for messages."""

    kernel: str
    rtl: Rtl
    reads: Sequence[Port]
    writes: Sequence[Port]
    schedule: list[dict[str, Any]]
    period: int
    seed: object = 0

    def instance(self) -> Instance:
        """The kernel in the bench, in its wrapper."""
        module = wrapped(self.kernel, self.rtl, [port.bits for port in self.reads], [port.bits for port in self.writes])
        return Instance(
            module.name,
            replace(self.rtl, body=module.text.replace(module.name, PLACEHOLDER)),
            [Given(port.bits, [*port.words] * INVOCATIONS, port.gaps) for port in self.reads],
            [Wanted(port.bits, len(port.words) * INVOCATIONS, port.gaps) for port in self.writes],
        )


def make_port(draw: random.Random, name: str, bits: int, words: Sequence[int]) -> Port:
    """A stream whose other end is always able, or stalls some of the time."""
    share = draw.choice([0.0, 0.0, 0.1, 0.5, 0.9])
    gaps = random_gaps(INVOCATIONS * len(words), share, np.random.default_rng(draw.getrandbits(32)))
    return Port(name, bits, words, gaps)


def as_bits(values: Sequence[int], bits: int) -> int:
    """Numbers as a word, the first lowest, `bits` bits of two's complement each."""
    mask = (1 << bits) - 1
    return sum((value & mask) << (place * bits) for place, value in enumerate(values))


def words_of(values: np.ndarray, stream: Stream) -> list[int]:
    """Words of a stream. values: [..., fields], feature by feature."""
    size = stream.lanes * len(stream.fields)
    return [as_bits(token, stream.field_bits) for token in values.reshape(-1, size).tolist()]


def rtl_of(
    kernel: str,
    process: Process,
    layout: Layout,
    initializers: Mapping[str, ir.Value] | None = None,
    formats: Formats | None = None,
    name: str = "u",
) -> Rtl:
    """What the facet says of the unit `name` of a layout."""
    model = ir.Model(ir.Graph((), (), nodes=(), initializers=[*(initializers or {}).values()]), ir_version=10)
    source = Source(name, layout, model, {}, formats, U50)  # type: ignore[arg-type]
    return code_of(kernel).rtl(Unit(name, kernel, process.parameters), source)


def check(cases: Sequence[Case], folder: Path) -> None:
    """No module has a warning; each writes its words, and makes every access in the cycle that the simulator says."""
    instances = [case.instance() for case in cases]
    bench = Bench(folder, ["-Wall"])  # every warning is an error
    for case, instance, found in zip(cases, instances, bench.run(instances, check=False), strict=True):
        names = {port.name: f"in{k}" for k, port in enumerate(case.reads)}
        names |= {port.name: f"out{k}" for k, port in enumerate(case.writes)}
        schedule = [renamed(item, names) for item in case.schedule]
        expected = predicted(schedule, instance, invocations=INVOCATIONS, end=case.period - 1)
        ports = [*case.reads, *case.writes]
        ends = zip((*found.reads, *found.writes), (*expected.reads, *expected.writes), ports, strict=True)
        for made, times, port in ends:
            what = f"{case.kernel}, {case.seed}, {port.name}: {dict(case.rtl.parameters)}"
            assert made.words == [*port.words] * INVOCATIONS, what
            assert made.cycles == times.cycles, what


def renamed(item: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """An item of a schedule with other names of streams."""
    if "body" in item:
        return {**item, "body": [renamed(inner, names) for inner in item["body"]]}
    return {key: names[value] if key in ("read", "write") else value for key, value in item.items()}
