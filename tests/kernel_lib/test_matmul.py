"""The matmul kernel equals the exact integer product over random shapes, lanes, coefficients and formats."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inrarch.hardware.kernels.matmul import render_matmul
from inrarch.hardware.roms import MatmulUnit, pack_biases, pack_weights
from inrarch.numeric.arithmetic import accumulator_bits, rescale
from inrarch.numeric.formats import Format
from tests.kernel_lib.compiling import integers, run_program
from tests.kernel_lib.feeder import feeder
from tests.kernel_lib.seeds import QUICK, each_share


@dataclass(frozen=True)
class Case:
    """A unit with its data. x: [rows, K, fields] integers."""

    unit: MatmulUnit
    weight: np.ndarray
    biases: list[np.ndarray]
    x: np.ndarray
    stream_lanes: tuple[int, int]

    def expected(self) -> np.ndarray:
        """[rows, M, C]: one exact product, one rounding, per coefficient."""
        results = []
        for field, shift, bias in zip(self.unit.field, self.unit.shift, self.unit.bias, strict=True):
            total = self.x[:, :, field] @ self.weight
            if bias >= 0:
                total = total + self.biases[bias]
            results.append(rescale(total, shift, Format(self.unit.data_bits, 0)).values)
        return np.stack(results, axis=2)


def _divisor(draw: random.Random, number: int) -> int:
    return draw.choice([d for d in range(1, number + 1) if number % d == 0])


def _lanes(draw: random.Random, size: int, stream: int) -> int:
    """Lanes of a unit that fit the stream's: one divides the other; the size need not be a multiple."""
    return draw.choice([lanes for lanes in range(1, size + 3) if lanes % stream == 0 or stream % lanes == 0])


def random_case(seed: int) -> Case:
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    K, M, C, rows = draw.randint(1, 18), draw.randint(1, 18), draw.randint(1, 7), draw.randint(1, 4)
    data_bits, weight_bits = draw.choice([8, 16, 24, 32]), draw.choice([4, 9, 18, 27])
    wi, wo = _divisor(draw, K), _divisor(draw, M)
    PI, PO, PC = _lanes(draw, K, wi), _lanes(draw, M, wo), draw.choice([C, draw.randint(1, C)])
    KB, MB, CB = math.ceil(K / PI), math.ceil(M / PO), math.ceil(C / PC)
    step = max(K // wi, MB * max(KB * CB, math.ceil(PO / wo) + CB - 1)) + draw.choice([0, 0, 1, 7])
    fields = C + draw.choice([0, 2])
    bias_rows = draw.randint(0, min(C, 2))
    data = Format(data_bits, 0)
    weight = numbers.integers(-(1 << (weight_bits - 1)), 1 << (weight_bits - 1), (K, M), dtype=np.int64)
    biases = [numbers.integers(-(1 << 40), 1 << 40, M, dtype=np.int64) for _ in range(bias_rows)]
    accumulators = [accumulator_bits(weight, data, bias) for bias in [None, *biases]]
    places = [draw.randrange(-1, bias_rows) for _ in range(C)]
    unit = MatmulUnit(
        inputs=K,
        outputs=M,
        lanes_in=PI,
        lanes_out=PO,
        lanes_coefficients=PC,
        coefficients=C,
        data_bits=data_bits,
        weight_bits=weight_bits,
        accumulator_bits=max(accumulators),
        field=tuple(draw.sample(range(fields), C)),
        shift=tuple(draw.randint(-1, weight_bits + 6) for _ in range(C)),
        bias=tuple(places),
        bias_rows=max(1, bias_rows),
        step=step,
        weights=pack_weights(weight, PI, PO, CB),
        biases=pack_biases(biases, M, PO),
    )
    x = numbers.integers(data.lowest, data.highest + 1, (rows, K, fields), dtype=np.int64)
    return Case(unit, weight, biases, x, (wi, wo))


def _run(number: int, case: Case) -> str:
    """The unit between a feeder and a printer, on streams of one word."""
    unit, (wi, wo) = case.unit, case.stream_lanes
    rows, name = len(case.x), f"m{number}"
    values = ", ".join(map(str, case.x.reshape(-1)))
    return f"""
    {{
        using in_token = inrarch::jet_token<{unit.data_bits}, {wi}, {case.x.shape[2]}>;
        using out_token = inrarch::jet_token<{unit.data_bits}, {wo}, {unit.coefficients}>;
        static const long long x[] = {{{values}}};
        hls::stream<in_token> in("in");
        hls::stream<out_token> out("out");
        INRARCH_DEPTH(in, 1);
        INRARCH_DEPTH(out, 1);
        INRARCH_PROCESS("feed", feed(in, x, {rows * unit.inputs // wi}));
        using namespace design;
        INRARCH_PROCESS("{name}", inrarch::matmul<{rows}, {name}_unit>(in, out, {name}_weights, {name}_biases));
        INRARCH_PROCESS("show", show(out, {rows * unit.outputs // wo}));
        INRARCH_RUN();
    }}"""


@each_share
def test_random_units_equal_the_exact_product(tmp_path: Path, seeds: range) -> None:
    cases = [random_case(seed) for seed in seeds]
    for number, case in enumerate(cases):
        (tmp_path / f"m{number}.hpp").write_text(render_matmul(f"m{number}", case.unit), encoding="utf-8")
    includes = "".join(f'#include "m{number}.hpp"\n' for number in range(len(cases)))
    body = "".join(_run(number, case) for number, case in enumerate(cases))
    printed = integers(run_program(tmp_path, f"{feeder('matmul')}{includes}int main() {{{body}\n}}\n"))
    assert printed == [case.expected().reshape(-1).tolist() for case in cases]


def test_random_units_cover_padding_and_every_ratio_of_lanes() -> None:
    units = [(case.unit, case.stream_lanes) for case in map(random_case, QUICK)]
    assert any(unit.inputs % unit.lanes_in for unit, _ in units)
    assert any(unit.outputs % unit.lanes_out for unit, _ in units)
    assert any(wi > unit.lanes_in for unit, (wi, _) in units)
    assert any(wi < unit.lanes_in for unit, (wi, _) in units)
    assert any(wo > unit.lanes_out for unit, (_, wo) in units)
    assert any(wo < unit.lanes_out for unit, (_, wo) in units)
    turns = [unit for unit, _ in units if unit.lanes_coefficients < unit.coefficients]
    assert any(unit.coefficients % unit.lanes_coefficients for unit in turns)
    assert any(unit.lanes_coefficients == 1 for unit in turns)
    assert any(unit.lanes_in * unit.lanes_out == 1 for unit in turns)  # one word for several turns
    assert any(unit.inputs <= unit.lanes_in and unit.outputs <= unit.lanes_out for unit in turns)  # one block
    assert any((unit.lanes_in * unit.lanes_out) % unit.weights.shape[1] for unit in turns)  # a word that is filled up
    assert any(max(unit.shift) > min(unit.shift) for unit in turns if unit.lanes_coefficients == 1)
