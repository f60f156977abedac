"""Function tables in C++ equal the integer tables of inrarch.numeric, for formats of all sizes."""

from __future__ import annotations

import random

import numpy as np
import pytest

from inrarch.hardware.generate import render_tables
from inrarch.hardware.region_cpp import function_template
from inrarch.numeric.arithmetic import saturate
from inrarch.numeric.formats import Format
from inrarch.numeric.functions import power_name, table_functions
from inrarch.numeric.reductions import Table
from inrarch.numeric.tables import build_table, table_name
from tests.kernel_lib.compiling import integers, run_program

_TURNS = {"sin": "sine_of_turns<T>(turns<T>(v))", "cos": "cosine_of_turns<T>(turns<T>(v))"}
_POWERS = tuple(power_name(exponent) for exponent in (-0.5, 0.5, 2.75, -1.5, 0.3))
_EVERY = (*table_functions(), *_POWERS)
# (bits, frac) of input and output: the usual ones, wide, narrow, coarse inputs, fine outputs.
_FORMATS = [
    ((24, 17), (24, 22)),
    ((24, 20), (24, 23)),
    ((32, 24), (32, 29)),
    ((32, 20), (24, 16)),
    ((8, 3), (8, 6)),
    ((16, 14), (32, 28)),
    ((24, 5), (18, 10)),
    ((12, -2), (16, 8)),
    ((20, 22), (20, 18)),
]


def inputs(fmt: Format, function: str) -> list[int]:
    """Extremes, values around zero, and random ones of every magnitude."""
    draw = random.Random(f"{function} {fmt}")
    scattered = [draw.randint(fmt.lowest, fmt.highest) >> draw.randrange(fmt.bits) for _ in range(150)]
    near = [v for v in range(-20, 21) if fmt.lowest <= v <= fmt.highest]
    return [fmt.lowest, fmt.lowest + 1, fmt.highest - 1, fmt.highest, *near, *scattered]


def call(table: Table) -> str:
    return _TURNS[table.function] if table.function in _TURNS else f"{function_template(table)}<T>(v)"


def tables_of(function: str) -> list[Table]:
    return [
        build_table(function, Format(*source), Format(*target))
        for source, target in _FORMATS
        if source[1] >= 0 or function not in ("acosh", "asin", "atanh")
    ]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[int]]]:
    """Values of every function at the inputs of each of its tables, by one compiled program."""
    folder = tmp_path_factory.mktemp("functions")
    tables = {function: tables_of(function) for function in _EVERY}
    every = [table for each in tables.values() for table in each]
    for name, text in render_tables(every).items():
        (folder / name).write_text(text, encoding="utf-8")
    includes = "\n".join(f'#include "{table_name(table)}.hpp"' for table in every)
    parts, calls = [], []
    for number, (function, each) in enumerate(tables.items()):
        parts.append(f"template <class T> struct f{number} {{")
        parts.append(f"    static auto of(const ap_int<T::input_bits>& v) {{ return {call(each[0])}; }}\n}};")
        for table in each:
            values = ", ".join(map(str, inputs(table.input, function)))
            calls.append(f"    {{ const long long x[] = {{{values}}}; run<f{number}, {_of(table)}>(x); }}")
    source = f"""
#include <iostream>
{includes}
using namespace inrarch;
{chr(10).join(parts)}
template <template <class> class F, class T, std::size_t N> void run(const long long (&x)[N]) {{
    for (long long value : x) std::cout << F<T>::of(value).raw << ' ';
    std::cout << '\\n';
}}
int main() {{
{chr(10).join(calls)}
}}
"""
    lines = iter(integers(run_program(folder, source)))
    return {function: [next(lines) for _ in each] for function, each in tables.items()}


def _of(table: Table) -> str:
    return f"design::{table_name(table)}"


@pytest.mark.parametrize("function", _EVERY)
def test_function_equals_its_integer_table(printed: dict[str, list[list[int]]], function: str) -> None:
    expected = []
    for table in tables_of(function):
        exact = table.evaluate(np.array(inputs(table.input, function), dtype=np.int64))
        expected.append(saturate(exact, table.output).values.tolist())
    assert printed[function] == expected


def test_sine_and_cosine_of_one_output_format_share_a_memory() -> None:
    source, target = Format(24, 17), Format(24, 22)
    files = render_tables([build_table("sin", source, target), build_table("cos", source, target)])
    assert len(files) == 3
