"""A fork gives every reader the fields that it needs, in the order that its stream lists."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from tests.kernel_lib.compiling import integers, run_program

_PROGRAM = """
#include "common/process.hpp"
#include "fork/fork.hpp"
#include <iostream>

template <class TOKEN> void feed(hls::stream<TOKEN>& out, const int* x, int tokens) {
    for (int token = 0; token < tokens; ++token) {
        TOKEN t;
        for (auto& feature : t.value) {
            for (auto& field : feature) field = *x++;
        }
        out.write(t);
    }
}
template <class TOKEN> void keep(hls::stream<TOKEN>& in, int tokens, std::string& text) {
    for (int token = 0; token < tokens; ++token) {
        const TOKEN t = in.read();
        for (const auto& feature : t.value) {
            for (const auto& field : feature) text += std::to_string(field.to_int()) + " ";
        }
    }
}
"""


def _case(seed: int) -> tuple[str, list[list[int]]]:
    """The C++ of one fork between a feeder and its readers, and what each of these must see."""
    draw = random.Random(seed)
    tokens, lanes, fields, readers = (draw.randint(1, most) for most in (6, 4, 4, 4))
    values = np.random.default_rng(seed).integers(-2048, 2048, (tokens, lanes, fields))
    lists = [draw.sample(range(fields), draw.randint(1, fields)) for _ in range(readers)]
    words = ", ".join(map(str, values.reshape(-1)))
    places = ", ".join(f"inrarch::index_list<{', '.join(map(str, each))}>" for each in lists)
    streams = "".join(
        f"""
        using token{r} = inrarch::jet_token<12, {lanes}, {len(each)}>;
        hls::stream<token{r}> s{r}("s{r}");
        INRARCH_DEPTH(s{r}, 1);
        std::string text{r};"""
        for r, each in enumerate(lists)
    )
    names = ", ".join(f"s{r}" for r in range(readers))
    keeps = "".join(f'INRARCH_PROCESS("r{r}", keep(s{r}, {tokens}, text{r}));\n' for r in range(readers))
    shows = "".join(f"std::cout << text{r} << std::endl;\n" for r in range(readers))
    body = f"""
    {{
        using token = inrarch::jet_token<12, {lanes}, {fields}>;
        static const int x[] = {{{words}}};
        hls::stream<token> in("in");
        INRARCH_DEPTH(in, 1);{streams}
        INRARCH_PROCESS("feed", feed(in, x, {tokens}));
        INRARCH_PROCESS("fork", inrarch::fork_fields<{tokens}, {places}>(in, {names}));
        {keeps}INRARCH_RUN();
        {shows}
    }}"""
    return body, [values[:, :, each].reshape(-1).tolist() for each in lists]


def test_readers_get_their_fields(tmp_path: Path) -> None:
    cases = [_case(seed) for seed in range(20)]
    printed = integers(run_program(tmp_path, f"{_PROGRAM}int main() {{{''.join(body for body, _ in cases)}\n}}\n"))
    assert printed == [seen for _, expected in cases for seen in expected]
