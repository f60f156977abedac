"""Kernels reorder and reduce, compiled over random shapes, lanes, maps and formats, equal numpy."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np

from inrarch.hardware.kernels.reorder import render_reorder
from inrarch.hardware.reorders import build_reorder
from inrarch.hardware.sums import render_sums
from inrarch.hardware.top import token_type
from inrarch.numeric.arithmetic import reduction_bits
from inrarch.numeric.formats import Format
from tests.kernel_lib.compiling import integers, run_program
from tests.kernel_lib.feeder import feeder
from tests.kernel_lib.reorders import Case, divisor, random_case, rounded
from tests.kernel_lib.seeds import QUICK, each_share

_PROGRAM = feeder("reduce", "reorder")


def _stream(name: str, token: str) -> str:
    return f"""
        using {name}_token = {token};
        hls::stream<{name}_token> {name}("{name}");
        INRARCH_DEPTH({name}, 1);"""


def _fed(name: str, token: str, values: np.ndarray, tokens: int) -> str:
    """A stream and the process that feeds it. values: [rows, elements, fields]."""
    listed = ", ".join(map(str, values.reshape(-1)))
    return f"""{_stream(name, token)}
        static const long long {name}_x[] = {{{listed}}};
        INRARCH_PROCESS("feed_{name}", feed({name}, {name}_x, {tokens}));"""


def _reorder(number: int, case: Case) -> str:
    rows, name = case.facts.rows, f"r{number}"
    *inputs, out = case.layout.streams
    feeders = []
    for stream in inputs:
        elements = stream.repeat * stream.features
        columns = [case.data.get(field, np.zeros((rows, elements), dtype=np.int64)) for field in stream.fields]
        tokens = rows * elements // stream.lanes
        feeders.append(_fed(stream.name, token_type(stream), np.stack(columns, axis=2), tokens))
    listed = ", ".join(["out", *(stream.name for stream in inputs)])
    return f"""
    {{{"".join(feeders)}{_stream("out", token_type(out))}
        INRARCH_PROCESS("{name}", inrarch::reorder<{rows}, design::{name}_unit>({listed}));
        INRARCH_PROCESS("show", show(out, {rows * out.repeat * out.features // out.lanes}));
        INRARCH_RUN();
    }}"""


@each_share
def test_random_maps_equal_numpy(tmp_path: Path, seeds: range) -> None:
    cases = [random_case(seed) for seed in seeds]
    for number, case in enumerate(cases):
        built = build_reorder(case.hardware, case.layout, case.facts.initializers, case.facts.formats)
        (tmp_path / f"r{number}.hpp").write_text(render_reorder(f"r{number}", built), encoding="utf-8")
    includes = "".join(f'#include "r{number}.hpp"\n' for number in range(len(cases)))
    body = "".join(_reorder(number, case) for number, case in enumerate(cases))
    printed = integers(run_program(tmp_path, f"{_PROGRAM}{includes}int main() {{{body}\n}}\n"))
    assert printed == [case.expected().reshape(-1).tolist() for case in cases]


def test_random_maps_cover_lanes_constants_and_every_lag() -> None:
    cases = [random_case(seed) for seed in QUICK]
    lags = [(case.hardware.parameters["lag"], case.hardware.parameters["T"]) for case in cases]
    assert any(lag == 0 for lag, _ in lags)
    assert any(lag == step > 1 for lag, step in lags)
    assert any(0 < lag < step for lag, step in lags)
    assert any(not case.unit.inputs for case in cases)
    assert any(stream.lanes > 1 for case in cases for stream in case.layout.streams[:-1])
    assert any(case.layout.streams[-1].lanes > 1 for case in cases)
    assert any("c" in each.sources for case in cases for each in case.unit.maps)
    assert any(-1 in each.source for case in cases for each in case.unit.maps)


@each_share
def test_random_sums_equal_numpy(tmp_path: Path, seeds: range) -> None:
    body, headers, expected = [], [], []
    for number in seeds:
        draw, numbers = random.Random(number), np.random.default_rng(number)
        given, made = Format(draw.choice([8, 16, 24, 32]), 4), []
        rows, features, fields = draw.randint(1, 6), draw.randint(1, 6), draw.randint(1, 3)
        lanes = divisor(draw, features)
        terms = features * divisor(draw, rows)
        sums = rows * features // terms
        width, kept = divisor(draw, sums), draw.sample(range(fields), draw.randint(1, fields))
        x = numbers.integers(given.lowest, given.highest + 1, (rows * features, fields), dtype=np.int64)
        made = [Format(given.bits, 4 - draw.choice([0, 1, 3, 9])) for _ in kept]
        constants = {"tokens": terms // lanes, "coefficients": len(kept)}
        constants["accumulator_bits"] = reduction_bits(given, terms)
        lists = {"field": tuple(kept), "shift": tuple(4 - each.frac for each in made)}
        headers.append(render_sums(f"m{number}", "reduce", constants, lists))
        totals = x.reshape(sums, terms, fields).sum(axis=1)
        columns = [rounded(totals[:, field], given, each) for field, each in zip(kept, made, strict=True)]
        expected.append(np.stack(columns, axis=1).reshape(-1).tolist())
        token = f"inrarch::jet_token<{given.bits}, {lanes}, {fields}>"
        out = f"inrarch::jet_token<{given.bits}, {width}, {len(kept)}>"
        body.append(f"""
    {{{_fed("in", token, x, rows * features // lanes)}{_stream("out", out)}
        INRARCH_PROCESS("sum", inrarch::reduce<{sums}, design::m{number}_unit>(in, out));
        INRARCH_PROCESS("show", show(out, {sums // width}));
        INRARCH_RUN();
    }}""")
    text = "".join(headers)
    printed = integers(run_program(tmp_path, f"{_PROGRAM}{text}int main() {{{''.join(body)}\n}}\n"))
    assert printed == expected


def test_the_accumulator_holds_the_largest_sum() -> None:
    for bits, terms in ((8, 1), (8, 2), (8, 255), (8, 256), (24, 1000)):
        needed = math.ceil(math.log2(terms * 2 ** (bits - 1))) + 1
        assert reduction_bits(Format(bits, 0), terms) == needed


def test_an_address_is_the_number_of_a_token_of_the_row() -> None:
    case = random_case(1)
    built = build_reorder(case.hardware, case.layout, case.facts.initializers, case.facts.formats)
    for word in built.codes:
        for slot in built.slots:
            memory, address = divmod(word[slot.column], 1 << built.address_bits)
            assert memory <= len(slot.taps)
            if memory < len(slot.taps):
                assert address < built.reads[built.taps[slot.taps[memory]].input]
            else:
                assert address < len(built.constants)
