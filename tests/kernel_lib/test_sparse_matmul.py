"""The sparse matmul kernel equals the exact dense product over random shapes, densities, lanes and formats."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inrarch.config.model import Lanes
from inrarch.hardware.kernels.sparse_matmul import MEMORIES, render_sparse
from inrarch.hardware.roms import Constants
from inrarch.hardware.sparse_roms import SparseUnit, build_sparse
from inrarch.numeric.arithmetic import accumulator_bits, rescale
from inrarch.numeric.formats import Format
from tests.kernel_lib.compiling import integers, run_program
from tests.kernel_lib.feeder import feeder
from tests.kernel_lib.seeds import QUICK, each_share


@dataclass(frozen=True)
class Case:
    """A unit with its data. x: [rows, K, fields] integers."""

    constants: Constants
    unit: SparseUnit
    x: np.ndarray
    stream_lanes: tuple[int, int]

    def expected(self) -> np.ndarray:
        """[rows, M, C]: one exact product with the whole matrix, one rounding, per coefficient."""
        results = []
        constants = self.constants
        for field, shift, bias in zip(constants.field, constants.shift, constants.bias, strict=True):
            total = self.x[:, :, field] @ constants.weight
            if bias >= 0:
                total = total + constants.biases[bias]
            results.append(rescale(total, shift, Format(constants.data_bits, 0)).values)
        return np.stack(results, axis=2)


def _divisor(draw: random.Random, number: int) -> int:
    return draw.choice([d for d in range(1, number + 1) if number % d == 0])


def random_weight(seed: int, K: int, M: int, bits: int) -> np.ndarray:
    """Integers with random, row-wise or column-wise zeros, one nonzero per row, or zeros alone."""
    numbers = np.random.default_rng(seed)
    weight = numbers.integers(-(1 << (bits - 1)), 1 << (bits - 1), (K, M), dtype=np.int64)
    if seed % 20 == 19:
        return np.zeros((K, M), dtype=np.int64)
    kind = seed % 6
    if kind < 3:
        return np.where(numbers.random((K, M)) < (0.75, 0.9, 0.3)[kind], 0, weight)
    if kind == 3:
        return np.where(numbers.random((K, 1)) < 0.6, 0, weight)
    if kind == 4:
        return np.where(numbers.random((1, M)) < 0.6, 0, weight)
    return np.where(np.arange(M) == numbers.integers(0, M, K)[:, None], weight, 0)


def random_case(seed: int) -> Case:
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    K, M, C, rows = draw.randint(1, 20), draw.randint(1, 20), draw.randint(1, 4), draw.randint(1, 4)
    data_bits, weight_bits = draw.choice([8, 16, 24, 32]), draw.choice([4, 9, 18, 27])
    wi, wo = _divisor(draw, K), _divisor(draw, M)
    lanes = Lanes(draw.choice([1, 1, 2, 3, K]), draw.randint(1, M))
    fields, bias_rows = C + draw.choice([0, 2]), draw.randint(0, min(C, 2))
    data = Format(data_bits, 0)
    weight = random_weight(seed, K, M, weight_bits)
    biases = [numbers.integers(-(1 << 40), 1 << 40, M, dtype=np.int64) for _ in range(bias_rows)]
    constants = Constants(
        weight=weight,
        biases=biases,
        data_bits=data_bits,
        weight_bits=weight_bits,
        accumulator_bits=max(accumulator_bits(weight, data, bias) for bias in [None, *biases]),
        field=tuple(draw.sample(range(fields), C)),
        shift=tuple(draw.randint(-1, weight_bits + 6) for _ in range(C)),
        bias=tuple(draw.randrange(-1, bias_rows) for _ in range(C)),
    )
    x = numbers.integers(data.lowest, data.highest + 1, (rows, K, fields), dtype=np.int64)
    return Case(constants, build_sparse(constants, lanes, wi, wo), x, (wi, wo))


def _run(number: int, case: Case) -> str:
    """The unit between a feeder and a printer, on streams of one word."""
    unit, (wi, wo) = case.unit.numbers, case.stream_lanes
    rows, name = len(case.x), f"m{number}"
    values = ", ".join(map(str, case.x.reshape(-1)))
    memories = ", ".join(f"design::{name}_{memory}" for memory in MEMORIES)
    return f"""
    {{
        using in_token = inrarch::jet_token<{unit["data_bits"]}, {wi}, {case.x.shape[2]}>;
        using out_token = inrarch::jet_token<{unit["data_bits"]}, {wo}, {unit["coefficients"]}>;
        static const long long x[] = {{{values}}};
        hls::stream<in_token> in("in");
        hls::stream<out_token> out("out");
        INRARCH_DEPTH(in, 1);
        INRARCH_DEPTH(out, 1);
        INRARCH_PROCESS("feed", feed(in, x, {rows * unit["inputs"] // wi}));
        INRARCH_PROCESS("{name}", inrarch::sparse_matmul<{rows}, design::{name}_unit>(in, out, {memories}));
        INRARCH_PROCESS("show", show(out, {rows * unit["outputs"] // wo}));
        INRARCH_RUN();
    }}"""


@each_share
def test_random_units_equal_the_exact_dense_product(tmp_path: Path, seeds: range) -> None:
    cases = [random_case(seed) for seed in seeds]
    for number, case in enumerate(cases):
        (tmp_path / f"m{number}.hpp").write_text(render_sparse(f"m{number}", case.unit), encoding="utf-8")
    includes = "".join(f'#include "m{number}.hpp"\n' for number in range(len(cases)))
    body = "".join(_run(number, case) for number, case in enumerate(cases))
    printed = integers(run_program(tmp_path, f"{feeder('sparse_matmul')}{includes}int main() {{{body}\n}}\n"))
    assert printed == [case.expected().reshape(-1).tolist() for case in cases]


def test_random_units_cover_carries_ports_banks_and_empty_outputs() -> None:
    cases = [random_case(seed) for seed in QUICK]
    numbers = [(case.unit.numbers, case.stream_lanes) for case in cases]
    assert sum(bool((case.unit.memories["marks"][2] & 8).any()) for case in cases) > 5
    assert any(len(case.unit.lists["port"]) > 3 for case in cases)
    assert any(unit["slices_in"] < unit["inputs"] for unit, _ in numbers)
    assert any(unit["slices_in"] > unit["inputs"] // wi for unit, (wi, _) in numbers)
    assert any(unit["slices_out"] > unit["outputs"] // wo for unit, (_, wo) in numbers)
    assert any(unit["lag"] == 0 or unit["lag"] == unit["step"] for unit, _ in numbers)
    assert any(not case.constants.weight.any(axis=0).all() for case in cases)
    assert any(not case.constants.weight.any(axis=1).all() for case in cases)
    assert any(not case.constants.weight.any() for case in cases)
