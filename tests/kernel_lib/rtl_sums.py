"""Random units that add up, with their streams, words and schedules."""

from __future__ import annotations

import random

import numpy as np

from inrarch.config.model import Lanes
from inrarch.dataflow.kernels.accumulate import Accumulate
from inrarch.dataflow.kernels.matmul_shape import block_lanes
from inrarch.dataflow.kernels.outer import Outer
from inrarch.dataflow.kernels.reduce import Reduce
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.row_shapes import RowShape
from inrarch.dataflow.units import Facts, Input
from inrarch.hardware.layout import Layout, Stream
from inrarch.numeric.arithmetic import reduction_bits, rescale
from inrarch.numeric.batch_sums import product_bits
from inrarch.numeric.formats import Factor, Format, Formats, TensorFormat
from tests.kernel_lib.reorders import divisor
from tests.kernel_lib.rtl_bench import Case, make_port, rtl_of, words_of


class _Summed:
    """A random jet of tensors, and the sums to be made of some of them."""

    def __init__(self, seed: int) -> None:
        self.draw, self.numbers = random.Random(seed), np.random.default_rng(seed)
        draw = self.draw
        self.bits = draw.choice([8, 16, 24, 32])
        self.carried = tuple(f"t{k}" for k in range(draw.randint(1, 3)))
        self.operands = tuple(draw.sample(self.carried, draw.randint(1, len(self.carried))))
        self.results = tuple(f"y{k}" for k in range(len(self.operands)))
        self.given = Format(self.bits, 4)
        tensors = {name: TensorFormat("data", self.given, 1.0) for name in self.carried}
        for name in self.results:
            tensors[name] = TensorFormat("data", Format(self.bits, 4 - draw.choice([-1, 0, 1, 3, self.bits + 4])), 1.0)
        self.tensors = tensors

    def formats(self, terms: int) -> Formats:
        widths = dict.fromkeys(self.results, reduction_bits(self.given, terms))
        return Formats("fixed", self.bits, 18, 2, self.tensors, accumulators=widths)

    def values(self, *shape: int) -> np.ndarray:
        """[*shape, fields] integers of the whole range, or all at its lower end: the largest sums."""
        shape = (*shape, len(self.carried))
        if self.draw.random() < 0.2:
            return np.full(shape, self.given.lowest, dtype=np.int64)
        return self.numbers.integers(self.given.lowest, self.given.highest + 1, shape, dtype=np.int64)

    def rounded(self, sums: np.ndarray) -> np.ndarray:
        """[..., results] of [..., fields]: each sum rounded once."""
        pairs = zip(self.operands, self.results, strict=True)
        return np.stack(
            [
                rescale(sums[..., self.carried.index(operand)], self.given.frac, self.tensors[result].format).values
                for operand, result in pairs
            ],
            axis=-1,
        )


def random_reduce(seed: int) -> Case:
    """Sums of whole rows of a repeat, or of several of them."""
    made = _Summed(seed)
    draw = made.draw
    rows, repeat, features = draw.randint(1, 4), draw.choice([1, 2, 3, 4, 6, 8]), draw.choice([1, 2, 3, 5, 6, 12])
    joined = draw.choice([1, divisor(draw, repeat)])
    sums = repeat // joined
    out_features = draw.choice([sums, divisor(draw, sums)])
    lanes = {features: divisor(draw, features)}
    lanes.setdefault(out_features, draw.choice([out_features, divisor(draw, out_features)]))
    unit = Reduce(
        name="u",
        features=out_features,
        repeat=sums // out_features,
        makes=made.results,
        nodes=made.results,
        input=Input("end", made.carried),
        operands=made.operands,
        given=RowShape(repeat, features),
    )
    formats = made.formats(joined * features)
    facts, parallelism = Facts({}, {}, formats, None, rows), Parallelism({}, lanes)  # type: ignore[arg-type]
    process = unit.process(facts, parallelism, ["in"], ["out"])
    x = made.values(rows, sums, joined * features)
    read = _stream("in", "end", "u", made.bits, lanes[features], made.carried, features, repeat)
    out = _stream("out", "u", "end", made.bits, lanes[out_features], made.results, out_features, unit.repeat)
    return Case(
        "reduce",
        rtl_of("reduce", process, Layout(rows, (read, out), ()), formats=formats),
        [make_port(draw, "in", read.bits, words_of(x, read))],
        [make_port(draw, "out", out.bits, words_of(made.rounded(x.sum(axis=2)), out))],
        process.schedule,
        rows * unit.step(parallelism) + int(process.parameters["latency"]),
        seed,
    )


def random_accumulate(seed: int) -> Case:
    """Sums over all rows of an invocation."""
    made = _Summed(seed)
    draw = made.draw
    rows, features = draw.randint(1, 5), draw.randint(1, 14)
    lanes = divisor(draw, features)
    unit = Accumulate(
        name="u",
        features=features,
        makes=made.results,
        nodes=made.results,
        input=Input("end", made.carried),
        operands=made.operands,
    )
    formats = made.formats(rows)
    facts, parallelism = Facts({}, {}, formats, None, rows), Parallelism({}, {features: lanes})  # type: ignore[arg-type]
    process = unit.process(facts, parallelism, ["in"], ["out"])
    x = made.values(rows, features)
    read = _stream("in", "end", "u", made.bits, lanes, made.carried, features)
    out = _stream("out", "u", "end", made.bits, lanes, made.results, features, 0)
    return Case(
        "accumulate",
        rtl_of("accumulate", process, Layout(rows, (read, out), ()), formats=formats),
        [make_port(draw, "in", read.bits, words_of(x, read))],
        [make_port(draw, "out", out.bits, words_of(made.rounded(x.sum(axis=0)), out))],
        process.schedule,
        (rows + 1) * (features // lanes) + int(process.parameters["latency"]),
        seed,
    )


def random_outer(seed: int) -> Case:
    """Sums over the rows of an invocation of products of two features."""
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    bits, rows, A, B = draw.choice([8, 16, 24, 27]), draw.randint(1, 4), draw.randint(1, 9), draw.randint(1, 9)
    widths = {A: divisor(draw, A)}
    widths.setdefault(B, divisor(draw, B))
    widths.setdefault(A * B, divisor(draw, A * B))
    carried = [tuple(f"{side}{k}" for k in range(draw.randint(1, 3))) for side in "ab"]
    used = [draw.choice(names) for names in carried]
    tensors = {name: TensorFormat("data", Format(bits, 4), 1.0) for names in carried for name in names}
    tensors["y"] = TensorFormat("data", Format(bits, draw.randint(-bits, 9)), 1.0)
    factors = {}
    if draw.random() < 0.5:  # an operand is rounded in front of the multiplier
        factors["n"] = Factor(draw.randrange(2), Format(bits - draw.randint(1, 5), 4 - draw.randint(-1, 5)))
    formats = Formats("fixed", bits, 18, 2, tensors, factors=factors)
    taken = formats.operands_of("n", used)
    formats.accumulators["n"] = product_bits(taken[0], taken[1], rows)  # type: ignore[index]
    unit = Outer(
        name="u",
        features=A * B,
        makes=("y",),
        node="n",
        left=Input("l", (used[0],)),
        right=Input("r", (used[1],)),
        A=A,
        B=B,
    )
    lanes = Lanes(draw.choice(block_lanes(A, widths[A])), draw.choice(block_lanes(B, widths[B])))
    facts, parallelism = Facts({}, {}, formats, None, rows), Parallelism({"u": lanes}, widths)  # type: ignore[arg-type]
    process = unit.process(facts, parallelism, ["left", "right"], ["out"])
    streams, operands, ports = [], [], []
    for side, features, names, name, fmt in zip(("left", "right"), (A, B), carried, used, taken, strict=True):
        stream = _stream(side, "end", "u", bits, widths[features], names, features)
        whole = Format(bits, 4)
        x = numbers.integers(whole.lowest, whole.highest + 1, (rows, features, len(names)), dtype=np.int64)
        if draw.random() < 0.2:
            x = np.full_like(x, whole.lowest)
        streams.append(stream)
        ports.append(make_port(draw, side, stream.bits, words_of(x, stream)))
        operands.append(rescale(x[:, :, names.index(name)], 4, fmt).values.astype(object))
    out = _stream("out", "u", "end", bits, widths[A * B], ("y",), A * B, 0)
    sums = (operands[0].T @ operands[1]).astype(np.int64)
    result = rescale(sums, taken[0].frac + taken[1].frac, formats.of("y")).values
    blocks = -(-A // lanes.inputs) * -(-B // lanes.outputs)
    return Case(
        "outer",
        rtl_of("outer", process, Layout(rows, (*streams, out), ()), formats=formats),
        ports,
        [make_port(draw, "out", out.bits, words_of(result[..., None], out))],
        process.schedule,
        rows * unit.step(parallelism) + blocks + A * B + int(process.parameters["latency"]),
        seed,
    )


def _stream(
    name: str, writer: str, reader: str, bits: int, lanes: int, fields: tuple[str, ...], features: int, repeat: int = 1
) -> Stream:
    return Stream(name, bits * lanes * len(fields), writer, reader, features, lanes, fields, repeat)
