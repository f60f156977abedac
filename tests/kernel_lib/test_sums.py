"""The kernels that sum over rows equal exact integer sums over random shapes, lanes and formats, rounded once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inrarch.hardware.sums import render_sums
from inrarch.numeric.arithmetic import reduction_bits, rescale
from inrarch.numeric.batch_sums import product_bits
from inrarch.numeric.formats import Format
from tests.kernel_lib.compiling import integers, run_program
from tests.kernel_lib.feeder import feeder
from tests.kernel_lib.seeds import QUICK, each_share

_PROGRAM = feeder("accumulate", "outer")


@dataclass(frozen=True)
class Operand:
    """A stream. values: [rows, features, fields] integers of `bits` bits."""

    values: np.ndarray
    bits: int
    lanes: int
    field: int

    @property
    def token(self) -> str:
        return f"inrarch::jet_token<{self.bits}, {self.lanes}, {self.values.shape[2]}>"

    def declare(self, name: str) -> str:
        """The stream `name` and the process that feeds it."""
        words = ", ".join(map(str, self.values.reshape(-1)))
        tokens = self.values.shape[0] * self.values.shape[1] // self.lanes
        return f"""
        using {name}_token = {self.token};
        static const long long {name}_words[] = {{{words}}};
        hls::stream<{name}_token> {name}("{name}");
        INRARCH_DEPTH({name}, 1);
        INRARCH_PROCESS("feed_{name}", feed({name}, {name}_words, {tokens}));"""


def _divisor(draw: random.Random, number: int) -> int:
    return draw.choice([d for d in range(1, number + 1) if number % d == 0])


def _lanes(draw: random.Random, size: int, stream: int) -> int:
    """Lanes of a unit that fit the stream's: one divides the other; the size need not be a multiple."""
    return draw.choice([lanes for lanes in range(1, size + 3) if lanes % stream == 0 or stream % lanes == 0])


def _operand(draw: random.Random, numbers: np.random.Generator, rows: int, features: int, bits: int) -> Operand:
    """Random numbers of the whole range, or all at its lower end: the largest sums that there are."""
    fmt, fields = Format(bits, 0), draw.randint(1, 3)
    shape = (rows, features, fields)
    values = numbers.integers(fmt.lowest, fmt.highest + 1, shape, dtype=np.int64)
    if draw.random() < 0.2:
        values = np.full(shape, fmt.lowest, dtype=np.int64)
    return Operand(values, bits, _divisor(draw, features), draw.randrange(fields))


@dataclass(frozen=True)
class Product:
    """A unit of `outer` with its data."""

    left: Operand
    right: Operand
    constants: dict[str, int]
    result: Format
    lanes: int

    def expected(self) -> list[int]:
        """[A * B]: exact sums of products as Python integers, one rounding."""
        unit = self.constants
        left = rescale(
            self.left.values[:, :, self.left.field], unit["left_shift"], Format(unit["left_bits"], 0)
        ).values.astype(object)
        right = rescale(
            self.right.values[:, :, self.right.field], unit["right_shift"], Format(unit["right_bits"], 0)
        ).values.astype(object)
        sums = (left.T @ right).astype(np.int64)
        shift = self.constants["shift"]
        return rescale(sums, shift, Format(self.result.bits, 0)).values.reshape(-1).tolist()


def random_product(seed: int) -> Product:
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    A, B, rows = draw.randint(1, 14), draw.randint(1, 14), draw.randint(1, 5)
    left_bits, right_bits = draw.choice([8, 16, 24, 27]), draw.choice([8, 16, 24, 27])
    left, right = _operand(draw, numbers, rows, A, left_bits), _operand(draw, numbers, rows, B, right_bits)
    PA, PB = _lanes(draw, A, left.lanes), _lanes(draw, B, right.lanes)
    blocks = -(-A // PA) * -(-B // PB)
    narrower = draw.choice([(0, 0), (0, 0), (3, 0), (0, 5)])
    constants = {
        "left": A,
        "right": B,
        "lanes_left": PA,
        "lanes_right": PB,
        "left_field": left.field,
        "right_field": right.field,
        "left_bits": left_bits - narrower[0],
        "right_bits": right_bits - narrower[1],
        "left_shift": narrower[0],
        "right_shift": narrower[1],
        "accumulator_bits": product_bits(Format(left_bits, 0), Format(right_bits, 0), rows),
        "shift": draw.randint(-1, left_bits + 6),
        "step": max(A // left.lanes, B // right.lanes, blocks) + draw.choice([0, 0, 1, 7]),
    }
    return Product(left, right, constants, Format(draw.choice([16, 24, 32]), 0), _divisor(draw, A * B))


def _run_product(number: int, case: Product) -> str:
    rows, results = len(case.left.values), case.constants["left"] * case.constants["right"]
    return f"""
    {{{case.left.declare("left")}{case.right.declare("right")}
        using out_token = inrarch::jet_token<{case.result.bits}, {case.lanes}, 1>;
        hls::stream<out_token> out("out");
        INRARCH_DEPTH(out, 1);
        INRARCH_PROCESS("unit", inrarch::outer<{rows}, design::p{number}_unit>(left, right, out));
        INRARCH_PROCESS("show", show(out, {results // case.lanes}));
        INRARCH_RUN();
    }}"""


def _compiled(folder: Path, headers: dict[str, str], body: str) -> list[list[int]]:
    for name, text in headers.items():
        (folder / name).write_text(text, encoding="utf-8")
    includes = "".join(f'#include "{name}"\n' for name in headers)
    return integers(run_program(folder, f"{_PROGRAM}{includes}int main() {{{body}\n}}\n"))


@each_share
def test_sums_of_outer_products_are_exact(tmp_path: Path, seeds: range) -> None:
    cases = [random_product(seed) for seed in seeds]
    headers = {f"p{n}.hpp": render_sums(f"p{n}", "outer", case.constants) for n, case in enumerate(cases)}
    printed = _compiled(tmp_path, headers, "".join(_run_product(n, case) for n, case in enumerate(cases)))
    assert printed == [case.expected() for case in cases]


def test_random_products_cover_padding_and_every_ratio_of_lanes() -> None:
    cases = [random_product(seed) for seed in QUICK]
    units = [case.constants for case in cases]
    assert any(unit["left"] % unit["lanes_left"] for unit in units)
    assert any(unit["right"] % unit["lanes_right"] for unit in units)
    assert any(case.left.lanes > case.constants["lanes_left"] for case in cases)
    assert any(case.right.lanes < case.constants["lanes_right"] for case in cases)
    assert any(case.lanes > 1 and case.constants["right"] % case.lanes for case in cases)
    blocks = [-(-u["left"] // u["lanes_left"]) * -(-u["right"] // u["lanes_right"]) for u in units]
    assert any(count == 1 for count in blocks)
    assert any(count > 4 for count in blocks)


@dataclass(frozen=True)
class Sums:
    """A unit of `accumulate` with its data."""

    operand: Operand
    accumulator_bits: int
    fields: tuple[int, ...]
    shifts: tuple[int, ...]
    result: Format

    def expected(self) -> list[int]:
        """[features * C]: exact sums, one rounding."""
        results = [
            rescale(self.operand.values[:, :, field].sum(axis=0), shift, self.result).values
            for field, shift in zip(self.fields, self.shifts, strict=True)
        ]
        return np.stack(results, axis=1).reshape(-1).tolist()


def random_sums(seed: int) -> Sums:
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    rows, bits = draw.randint(1, 6), draw.choice([8, 16, 24, 32])
    operand = _operand(draw, numbers, rows, draw.randint(1, 14), bits)
    fields = tuple(draw.sample(range(operand.values.shape[2]), draw.randint(1, operand.values.shape[2])))
    shifts = tuple(draw.randint(-1, bits + 4) for _ in fields)
    width = reduction_bits(Format(bits, 0), rows)
    return Sums(operand, width, fields, shifts, Format(draw.choice([8, 16, 24, 32]), 0))


def _run_sums(number: int, case: Sums) -> str:
    rows, features, _ = case.operand.values.shape
    return f"""
    {{{case.operand.declare("in")}
        using out_token = inrarch::jet_token<{case.result.bits}, {case.operand.lanes}, {len(case.fields)}>;
        hls::stream<out_token> out("out");
        INRARCH_DEPTH(out, 1);
        INRARCH_PROCESS("unit", inrarch::accumulate<{rows}, design::s{number}_unit>(in, out));
        INRARCH_PROCESS("show", show(out, {features // case.operand.lanes}));
        INRARCH_RUN();
    }}"""


@each_share
def test_sums_over_rows_are_exact(tmp_path: Path, seeds: range) -> None:
    cases = [random_sums(seed) for seed in seeds]
    headers = {}
    for number, case in enumerate(cases):
        constants = {
            "features": case.operand.values.shape[1],
            "coefficients": len(case.fields),
            "accumulator_bits": case.accumulator_bits,
        }
        lists = {"field": case.fields, "shift": case.shifts}
        headers[f"s{number}.hpp"] = render_sums(f"s{number}", "accumulate", constants, lists)
    printed = _compiled(tmp_path, headers, "".join(_run_sums(n, case) for n, case in enumerate(cases)))
    assert printed == [case.expected() for case in cases]
    assert any(case.operand.values.shape[1] // case.operand.lanes > 4 for case in cases)
    assert any(len(case.fields) > 1 for case in cases)
