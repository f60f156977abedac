"""RTL of source, sink and fork: random shapes and stalls give the right words in the cycles that the simulator says."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from inrarch.dataflow.kernels.fork import Fork
from inrarch.dataflow.kernels.sink import Sink
from inrarch.dataflow.kernels.source import Source
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.units import Facts, Input
from inrarch.hardware.layout import Layout, Stream
from tests.kernel_lib.rtl_bench import Case, as_bits, check, make_port, rtl_of


def _numbers(draw: random.Random, bits: int, count: int) -> list[int]:
    return [draw.randint(-(1 << (bits - 1)), (1 << (bits - 1)) - 1) for _ in range(count)]


def _words(tokens: list[list[int]], bits: int) -> list[int]:
    return [as_bits(token, bits) for token in tokens]


class _Drawn:
    """A random shape with its tokens: [lane][field] numbers."""

    def __init__(self, seed: int, fields: int | None = None) -> None:
        self.draw = draw = random.Random(seed)
        self.rows, row_tokens, self.lanes = (draw.randint(1, most) for most in (5, 4, 4))
        self.names = tuple(f"t{k}" for k in range(fields or draw.randint(1, 4)))
        self.features, self.bits = row_tokens * self.lanes, draw.choice([2, 8, 24, 27, 32])
        tokens, size = self.rows * row_tokens, self.lanes * len(self.names)
        self.tokens = [_numbers(draw, self.bits, size) for _ in range(tokens)]
        self.facts = Facts({}, {}, None, None, self.rows)  # type: ignore[arg-type]
        self.parallelism = Parallelism({}, {self.features: self.lanes})

    def field(self, token: list[int], lane: int, name: str) -> int:
        return token[lane * len(self.names) + self.names.index(name)]

    def stream(self, name: str, writer: str, reader: str, fields: tuple[str, ...] | None = None) -> Stream:
        carried = fields or self.names
        return Stream(name, self.bits * self.lanes * len(carried), writer, reader, self.features, self.lanes, carried)


def random_source(seed: int) -> Case:
    drawn = _Drawn(seed, fields=1)
    unit = Source(name="u", features=drawn.features, repeat=1, makes=(), port="x", tensor="t0")
    process = unit.process(drawn.facts, drawn.parallelism, [], ["out"])
    numbers = [number for token in drawn.tokens for number in token]
    port = {"at": 0, "repeat": len(numbers), "every": 1, "body": [{"at": 0, "read": "port"}]}
    return Case(
        "source",
        rtl_of("source", process, Layout(drawn.rows, (drawn.stream("out", "u", "end"),), ())),
        [make_port(drawn.draw, "port", 32, [as_bits([number], 32) for number in numbers])],
        [make_port(drawn.draw, "out", drawn.bits * drawn.lanes, _words(drawn.tokens, drawn.bits))],
        [port, *process.schedule],
        len(numbers) + 1,
        seed,
    )


def random_sink(seed: int) -> Case:
    drawn = _Drawn(seed)
    sent = tuple(drawn.draw.sample(drawn.names, drawn.draw.randint(1, len(drawn.names))))
    unit = Sink(name="u", features=drawn.features, repeat=1, makes=(), input=Input("end", drawn.names), outputs=sent)
    process = unit.process(drawn.facts, drawn.parallelism, ["in"], [])
    numbers = [drawn.field(t, lane, name) for t in drawn.tokens for lane in range(drawn.lanes) for name in sent]
    words = [as_bits([number], 32) for number in numbers]
    words[-1] |= 1 << 32
    port = {"at": 0, "repeat": len(words), "every": 1, "body": [{"at": 0, "write": "port"}]}
    layout = Layout(drawn.rows, (drawn.stream("in", "end", "u"),), ())
    return Case(
        "sink",
        rtl_of("sink", process, layout),
        [make_port(drawn.draw, "in", layout.streams[0].bits, _words(drawn.tokens, drawn.bits))],
        [make_port(drawn.draw, "port", 33, words)],
        [*process.schedule, port],
        len(words),
        seed,
    )


def random_fork(seed: int) -> Case:
    drawn = _Drawn(seed)
    draw, names = drawn.draw, drawn.names
    lists = [tuple(draw.sample(names, draw.randint(1, len(names)))) for _ in range(draw.randint(2, 4))]
    outs = [drawn.stream(f"out{n}", "u", f"end{n}", fields) for n, fields in enumerate(lists)]
    unit = Fork(name="u", features=drawn.features, repeat=1, makes=(), input=Input("end", names))
    process = unit.process(drawn.facts, drawn.parallelism, ["in"], [out.name for out in outs])
    layout = Layout(drawn.rows, (drawn.stream("in", "end", "u"), *outs), ())
    copies = [
        [[drawn.field(token, lane, name) for lane in range(drawn.lanes) for name in fields] for token in drawn.tokens]
        for fields in lists
    ]
    return Case(
        "fork",
        rtl_of("fork", process, layout),
        [make_port(draw, "in", layout.streams[0].bits, _words(drawn.tokens, drawn.bits))],
        [make_port(draw, out.name, out.bits, _words(c, drawn.bits)) for out, c in zip(outs, copies, strict=True)],
        process.schedule,
        len(drawn.tokens) + 1,
        seed,
    )


_KERNELS: tuple[Callable[[int], Case], ...] = (random_source, random_sink, random_fork)


def test_ports_and_forks(tmp_path: Path) -> None:
    check([make(seed) for make in _KERNELS for seed in range(6)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("make", _KERNELS)
@pytest.mark.parametrize("batch", range(5))
def test_many_ports_and_forks(make: Callable[[int], Case], batch: int, tmp_path: Path) -> None:
    check([make(100 + 40 * batch + seed) for seed in range(40)], tmp_path)


def test_random_shapes_cover_wide_tokens_and_single_words() -> None:
    cases = [random_sink(seed) for seed in range(6)]
    assert any(case.reads[0].bits > 64 for case in cases)
    assert any(case.rtl.parameters["OUTPUTS"] == 1 for case in cases)
    assert any(case.rtl.parameters["LANES"] == 1 for case in cases)
