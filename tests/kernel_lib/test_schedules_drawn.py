"""The schedules that docs/hardware.md draws are those of the RTL: accesses by cycle, of a small unit of every kernel.

`INRARCH_UPDATE_GOLDEN=1` in the environment draws them anew.
"""

from __future__ import annotations

import dataclasses
import os
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from inrarch.resources import data_folder
from tests.hardware.test_region_sv import case as region
from tests.hardware.test_region_sv import chained
from tests.kernel_lib.rtl_bench import INVOCATIONS, Case, renamed
from tests.kernel_lib.rtl_sums import random_accumulate, random_outer, random_reduce
from tests.kernel_lib.test_matmul_rtl import make_case as random_matmul
from tests.kernel_lib.test_ports_rtl import random_fork, random_sink, random_source
from tests.kernel_lib.test_reorder_rtl import make_case as random_reorder
from tests.kernel_lib.test_sparse_matmul_rtl import make_case as random_sparse
from tests.rtl_bench import Bench, Found, Instance, predicted

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hardware.md"
BEGIN, END = "<!-- schedules, drawn by tests/kernel_lib/test_schedules_drawn.py -->", "<!-- end of schedules -->"
CYCLES = 28


@dataclasses.dataclass(frozen=True)
class Drawing:
    """A unit and its title. rows, period: of an invocation; period in stages. once: outputs come once in it."""

    title: str
    instance: Instance
    schedule: Sequence[Mapping[str, Any]]
    rows: int
    period: int = 1
    once: bool = False

    def lines(self, found: Found) -> list[str]:
        """A line per port: the words in the cycle in which they go through it."""
        ends = [(f"read {k}", each, False) for k, each in enumerate(found.reads)]
        ends += [(f"write {k}", each, self.once) for k, each in enumerate(found.writes)]
        if len(found.reads) == 1:
            ends[0] = ("read", *ends[0][1:])
        if len(found.writes) == 1:
            ends[-1] = ("write", *ends[-1][1:])
        cells = [("cycle", [str(cycle) for cycle in range(CYCLES)])]
        for name, each, once in ends:
            rows = INVOCATIONS * (1 if once else self.rows)
            letters = string.ascii_uppercase if once else string.ascii_lowercase
            size = len(each.cycles) // rows
            labels = [f"{letters[word // size]}{word % size}" for word in range(len(each.cycles))]
            at = dict(zip(each.cycles, labels, strict=True))
            cells.append((name, [at.get(cycle, "") for cycle in range(CYCLES)]))
        drawn = ["    " + (f"{name:9}" + "".join(f"{cell:>4}" for cell in row)).rstrip() for name, row in cells]
        return [f"{self.title}:", "", *drawn, ""]


def of_case(title: str, case: Case, rows: int, *, once: bool = False) -> Drawing:
    """A kernel of `rtl_bench` without gaps at its ports."""
    whole = dataclasses.replace(
        case,
        reads=[dataclasses.replace(port, gaps=()) for port in case.reads],
        writes=[dataclasses.replace(port, gaps=()) for port in case.writes],
    )
    names = {port.name: f"in{k}" for k, port in enumerate(case.reads)}
    names |= {port.name: f"out{k}" for k, port in enumerate(case.writes)}
    return Drawing(title, whole.instance(), [renamed(item, names) for item in case.schedule], rows, case.period, once)


def drawings() -> list[Drawing]:
    """All kernels, in the order of the table in docs/hardware.md."""
    sparse = random_sparse(183)
    assert sparse is not None
    nodes = chained(1, ("Mul", "Add"), features=4, inputs=1)
    pointwise = region(nodes, interval=3, rows=2, invocations=INVOCATIONS)
    return [
        of_case("`source`, 2 rows of 4 words, 2 lanes", random_source(51), 2),
        of_case("`matmul`, 3 rows, 10 inputs in tokens of 5, 3 outputs; 10 x 2 lanes", random_matmul(23), 3),
        of_case("`sparse_matmul`, 3 rows, 4 inputs, 3 outputs, all one by one", sparse, 3),
        Drawing("`pointwise`, 2 rows of 4 tokens, interval 3", pointwise.instance, pointwise.schedule, 2),
        of_case("`reorder`, 2 rows, 2 tokens in, 3 tokens out, lag 2", random_reorder(61), 2),
        of_case("`reduce`, 2 sums of 3 tokens each, 2 lanes", random_reduce(92), 2),
        of_case(
            "`outer`, 2 rows, 2 x 2 sums; written once (`A`: the first invocation)", random_outer(354), 2, once=True
        ),
        of_case("`accumulate`, 2 rows of 3 tokens; written once", random_accumulate(48), 2, once=True),
        of_case("`fork`, 3 rows of 4 tokens to two readers", random_fork(389), 3),
        of_case("`sink`, 2 rows of 2 tokens, 2 lanes, 2 outputs", random_sink(225), 2),
    ]


def on_the_page() -> str:
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def text_of(founds: Sequence[Found]) -> str:
    lines = [line for each, found in zip(drawings(), founds, strict=True) for line in each.lines(found)]
    return "\n".join(["", "", *lines, ""])


def test_every_kernel_is_drawn() -> None:
    kernels = {path.parent.name for path in data_folder("kernel_lib").glob("*/kernel.yaml")}
    assert {each.title.split("`")[1] for each in drawings()} == kernels


def test_the_page_has_the_schedules_of_the_simulator() -> None:
    founds = [
        predicted(each.schedule, each.instance, invocations=INVOCATIONS, end=each.period - 1) for each in drawings()
    ]
    text = text_of(founds)
    if os.environ.get("INRARCH_UPDATE_GOLDEN"):
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(before + begin + text + END + rest.partition(END)[2], encoding="utf-8")
    assert on_the_page() == text


@pytest.mark.slow
def test_the_page_has_the_schedules_of_the_rtl(tmp_path: Path) -> None:
    assert on_the_page() == text_of(Bench(tmp_path).run([each.instance for each in drawings()]))
