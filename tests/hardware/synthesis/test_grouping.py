"""Every module is in one group, and no cut of the ordered modules is expected to be faster."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from inrarch.hardware.synthesis.grouping import groups, seconds


def expected(cut: list[list[int]]) -> float:
    return sum(seconds(len(group), sum(group)) for group in cut)


@given(st.lists(st.integers(1, 400_000), max_size=8))
def test_the_cut_is_the_cheapest(widths: list[int]) -> None:
    bits = {f"m{number}": width for number, width in enumerate(widths)}
    found = groups(bits)
    assert sorted(name for group in found for name in group) == sorted(bits)
    ordered = sorted(widths)
    cuts = [
        [ordered[a:b] for a, b in pairwise((0, *places, len(ordered)))]
        for count in range(len(ordered))
        for places in combinations(range(1, len(ordered)), count)
    ]
    least = min(map(expected, cuts), default=0.0)
    assert abs(expected([[bits[name] for name in group] for group in found]) - least) < 1e-9


def test_a_wide_module_does_not_hold_up_small_ones() -> None:
    found = groups({"wide": 400_000} | {f"small{number}": 100 for number in range(50)})
    assert found[-1] == ["wide"]
    assert len(found) == 2
