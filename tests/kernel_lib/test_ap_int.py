"""Our ap_int has the vendor's result widths and wraps on assignment; it equals the vendor's open header."""

from __future__ import annotations

import importlib.util
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernel_lib.compiling import integers, run_program

OPERATIONS = ("+", "-", "*", "&", "|", "^")
_PRINT = """
#include <ap_int.h>
#include <iostream>
// The low 64 bits and the rest, so that 128 bits can be printed.
template <int W> void put(ap_int<W> x) {
    std::cout << ' ' << W << ' ' << (x >> 62).to_int64() << ' ' << ap_uint<62>(x).to_int64();
}
"""


@dataclass(frozen=True)
class Kind:
    """A type: ap_int or ap_uint of some bits."""

    bits: int
    signed: bool

    @property
    def cpp(self) -> str:
        return f"ap_{'' if self.signed else 'u'}int<{self.bits}>"

    def wrap(self, value: int) -> int:
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if self.signed and value >> (self.bits - 1) else value


def result_kind(operation: str, a: Kind, b: Kind) -> Kind:
    """Width and sign of a result, as the vendor's user guide states them."""
    signed = a.signed or b.signed
    common = max(a.bits + (signed and not a.signed), b.bits + (signed and not b.signed))
    if operation in "&|^":
        return Kind(common, signed)
    if operation == "*":
        return Kind(a.bits + b.bits, signed)
    return Kind(common + 1, signed or operation == "-")


def apply(operation: str, a: int, b: int) -> int:
    return {"+": a + b, "-": a - b, "*": a * b, "&": a & b, "|": a | b, "^": a ^ b}[operation]


def cases(seed: int, count: int) -> list[tuple[Kind, int, Kind, int]]:
    """Random types of 1 to 62 bits with random and extreme values."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        kinds = [Kind(draw.choice([1, 2, 7, 16, 24, 31, 32, 33, 45, 61, 62]), draw.random() < 0.7) for _ in range(2)]
        values = [k.wrap(draw.choice([0, -1, 1 << (k.bits - 1), draw.getrandbits(62)])) for k in kinds]
        found.append((kinds[0], values[0], kinds[1], values[1]))
    return found


def program(chosen: list[tuple[Kind, int, Kind, int]]) -> str:
    """Prints, per case: every operation with the width of its type, then conversions, shifts and comparisons."""
    lines = []
    for a, x, b, y in chosen:
        body = [f"const {a.cpp} a({x}LL); const {b.cpp} b({y}LL);"]
        for operation in OPERATIONS:
            width = result_kind(operation, a, b).bits
            body.append(f'static_assert(decltype(a {operation} b)::width == {width}, "width");')
            body.append(f"put<{width + 1}>(a {operation} b);")
        body.append(f"put<{a.bits + 2}>(-a); put<{a.bits + 1}>(~a); put<{b.bits + 1}>({b.cpp}(a));")
        body.append(f"put<{a.bits + 1}>({a.cpp}(a << {a.bits // 2})); put<{a.bits + 1}>({a.cpp}(a >> {a.bits // 2}));")
        if a.signed == b.signed:  # the vendor compares a signed with an unsigned number as C does, not by value
            body.append("std::cout << ' ' << (a < b) << ' ' << (a == b) << ' ' << (a >= b);")
        body.append("std::cout << '\\n';")
        lines.append("    { " + "\n      ".join(body) + " }")
    return _PRINT + "int main() {\n" + "\n".join(lines) + "\n}\n"


def expected(a: Kind, x: int, b: Kind, y: int) -> list[int]:
    """What the program must print for one case."""
    words: list[int] = []

    def put(bits: int, value: int) -> None:
        words.extend((bits, value >> 62, value & ((1 << 62) - 1)))

    for operation in OPERATIONS:
        kind = result_kind(operation, a, b)
        put(kind.bits + 1, kind.wrap(apply(operation, x, y)))
    put(a.bits + 2, -x)
    put(a.bits + 1, a.wrap(~x))
    put(b.bits + 1, b.wrap(x))
    put(a.bits + 1, a.wrap(x << (a.bits // 2)))
    put(a.bits + 1, x >> (a.bits // 2))
    return [*words, x < y, x == y, x >= y] if a.signed == b.signed else words


def test_results_have_the_documented_width_and_value(tmp_path: Path) -> None:
    chosen = cases(seed=1, count=60)
    assert integers(run_program(tmp_path, program(chosen))) == [expected(*case) for case in chosen]


def test_conversion_from_wider_integers_keeps_the_low_bits(tmp_path: Path) -> None:
    source = (
        _PRINT
        + """
    int main() {
        put<9>(ap_int<8>(200)); put<9>(ap_uint<8>(-1)); put<18>(ap_int<17>(1LL << 40));
        put<33>(ap_int<32>(0xFFFFFFFFu));
        ap_int<6> sum = 30;
        sum += 5;
        put<7>(sum);
        std::cout << '\\n';
    }"""
    )
    assert integers(run_program(tmp_path, source))[0][2::3] == [v & ((1 << 62) - 1) for v in (-56, 255, 0, -1, -29)]


@pytest.mark.slow
def test_equal_to_the_open_vendor_header(tmp_path: Path) -> None:
    found = importlib.util.find_spec("hls4ml")
    if found is None or found.origin is None:
        pytest.skip("the hls4ml wheel, which carries the vendor's open headers, is not installed")
    theirs = Path(found.origin).parent / "templates" / "vivado" / "ap_types"
    text = program(cases(seed=2, count=20))
    assert run_program(tmp_path / "ours", text) == run_program(tmp_path / "theirs", text, ap_types=theirs)
