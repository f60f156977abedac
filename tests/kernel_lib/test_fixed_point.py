"""The fixed-point primitives equal the integer definition (inrarch.numeric.arithmetic) to the last bit."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inrarch.numeric.arithmetic import align, rescale
from inrarch.numeric.formats import Format
from tests.kernel_lib.compiling import integers, run_program

Operation = Callable[[np.ndarray, Format, np.ndarray, Format, Format], np.ndarray]


def _aligned(x: np.ndarray, fx: Format, y: np.ndarray, fy: Format) -> tuple[np.ndarray, np.ndarray, int]:
    frac = max(fx.frac, fy.frac)
    return align(x, fx.frac, frac), align(y, fy.frac, frac), frac


def _sum(sign: int) -> Operation:
    def operation(x: np.ndarray, fx: Format, y: np.ndarray, fy: Format, result: Format) -> np.ndarray:
        a, b, frac = _aligned(x, fx, y, fy)
        return rescale(a + sign * b, frac, result).values

    return operation


def _greater(x: np.ndarray, fx: Format, y: np.ndarray, fy: Format, result: Format) -> np.ndarray:
    a, b, _ = _aligned(x, fx, y, fy)
    return np.where(a > b, rescale(x, fx.frac, result).values, rescale(y, fy.frac, result).values)


OPERATIONS: dict[str, tuple[str, Operation]] = {
    "add": ("add<R>(a, b)", _sum(1)),
    "subtract": ("subtract<R>(a, b)", _sum(-1)),
    "multiply": ("multiply<R>(a, b)", lambda x, fx, y, fy, r: rescale(x * y, fx.frac + fy.frac, r).values),
    "negate": ("negate<R>(a)", lambda x, fx, y, fy, r: rescale(-x, fx.frac, r).values),
    "relu": ("relu<R>(a)", lambda x, fx, y, fy, r: rescale(np.maximum(x, 0), fx.frac, r).values),
    "rescale": ("rescale<R>(a)", lambda x, fx, y, fy, r: rescale(x, fx.frac, r).values),
    "select": ("select<R>(greater(a, b), a, b)", _greater),
}
_PROGRAM = """
#include "common/fixed_point.hpp"
#include <cstddef>
#include <iostream>
using namespace inrarch;
template <class A, class B, class R, std::size_t N> void run(const long long (&x)[N], const long long (&y)[N]) {
    for (std::size_t i = 0; i < N; ++i) {
        const A a{ap_int<A::bits>(x[i])};
        const B b{ap_int<B::bits>(y[i])};
        std::cout << %CALLS% << ' ';
    }
    std::cout << '\\n';
}
"""


def _values(draw: random.Random, fmt: Format, count: int) -> list[int]:
    extremes = [fmt.lowest, fmt.highest, 0, -1]
    return extremes + [draw.randint(fmt.lowest, fmt.highest) for _ in range(count)]


def test_every_primitive_equals_the_integer_model_on_random_formats(tmp_path: Path) -> None:
    draw = random.Random(5)
    calls = " << ' ' << ".join(f"{call}.raw" for call, _ in OPERATIONS.values())
    lines, expected = [], []
    for _ in range(70):
        fx, fy = (Format(draw.choice([2, 8, 13, 24, 32]), draw.randint(-6, 30)) for _ in range(2))
        spread = 60 - max(fx.bits, fy.bits)
        fy = Format(fy.bits, fx.frac + max(-spread, min(spread, fy.frac - fx.frac)))
        # Up to a few places finer than the exact sum or product, which then shifts to the left.
        result = Format(draw.choice([8, 24, 32]), draw.randint(min(fx.frac, fy.frac) - 20, min(fx.frac, fy.frac) + 3))
        x, y = _values(draw, fx, 30), _values(draw, fy, 30)
        draw.shuffle(y)
        kinds = ", ".join(f"fixed<{f.bits}, {f.frac}>" for f in (fx, fy, result))
        arrays = "; ".join(
            f"static const long long {n}[] = {{{', '.join(map(str, v))}}}" for n, v in (("x", x), ("y", y))
        )
        lines.append(f"    {{ {arrays}; run<{kinds}>(x, y); }}")
        a, b = np.array(x, dtype=np.int64), np.array(y, dtype=np.int64)
        columns = [model(a, fx, b, fy, result) for _, model in OPERATIONS.values()]
        expected.append(np.stack(columns, axis=1).reshape(-1).tolist())
    source = _PROGRAM.replace("%CALLS%", calls) + "int main() {\n" + "\n".join(lines) + "\n}\n"
    assert integers(run_program(tmp_path, source)) == expected


def test_ties_round_towards_plus_infinity_and_large_shifts_give_zero(tmp_path: Path) -> None:
    source = """
    #include "common/fixed_point.hpp"
    #include <iostream>
    int main() {
        const ap_int<8> values[] = {-128, -6, -5, -2, 2, 5, 6, 127};
        for (const ap_int<8>& v : values) {
            std::cout << inrarch::round_shift<8, 2>(v) << ' ' << inrarch::round_shift<4, 0>(v) << ' '
                      << inrarch::round_shift<8, 8>(v) << ' ' << inrarch::round_shift<8, 70>(v) << ' '
                      << inrarch::round_shift<12, -3>(v) << "\\n";
        }
    }"""
    assert integers(run_program(tmp_path, source)) == [
        [-32, -8, 0, 0, -1024],
        [-1, -6, 0, 0, -48],
        [-1, -5, 0, 0, -40],
        [0, -2, 0, 0, -16],
        [1, 2, 0, 0, 16],
        [1, 5, 0, 0, 40],
        [2, 6, 0, 0, 48],
        [32, 7, 0, 0, 1016],
    ]
