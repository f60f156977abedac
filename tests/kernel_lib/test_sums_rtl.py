"""RTL of the kernels that add up: exact sums, rounded once, in the cycles that the simulator says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernel_lib.rtl_bench import Case, check
from tests.kernel_lib.rtl_sums import random_accumulate, random_outer, random_reduce

_KERNELS: tuple[Callable[[int], Case], ...] = (random_reduce, random_accumulate, random_outer)


def test_sums(tmp_path: Path) -> None:
    check([make(seed) for make in _KERNELS for seed in range(6)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("make", _KERNELS)
@pytest.mark.parametrize("batch", range(5))
def test_many_sums(make: Callable[[int], Case], batch: int, tmp_path: Path) -> None:
    check([make(100 + 40 * batch + seed) for seed in range(40)], tmp_path)


def test_random_sums_cover_lanes_and_every_kind_of_memory() -> None:
    parameters = [random_reduce(seed).rtl.parameters for seed in range(6)]
    assert any(each["OUT_LANES"] != 1 for each in parameters)
    assert any(each["LANES"] not in (1, 2, 4) for each in parameters)
    tokens = [random_accumulate(seed).rtl.parameters["TOKENS"] for seed in range(6)]
    assert any(each == 1 for each in tokens)
    assert any(each in (2, 3, 4) for each in tokens)
    assert any(each not in (1, 2, 3, 4) for each in tokens)
