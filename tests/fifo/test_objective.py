"""The cost that a linear program sees is never above the price, and reaches it where the price begins to rise."""

from __future__ import annotations

import pytest

from inrarch.fifo.highs import Linear
from inrarch.fifo.load import parse
from inrarch.fifo.memory import bram18
from inrarch.fifo.objective import PRICES, Objective, Price


def cost_at(goal: Objective, name: str, least: int, most: int, depth: int) -> float:
    """What the program of one stream costs where its depth is given."""
    program = Linear()
    column = goal.column(program, name, least, most)
    program.row({column: 1}, depth)
    bound, _ = program.solve()
    return bound


@pytest.mark.parametrize(
    ("price", "linear"),
    [
        (PRICES["bits"], True),
        (bram18, False),
        (lambda depth, bits: bits * -(-depth // 7), False),
        (lambda depth, bits: depth * depth, False),  # as many steps as words
    ],
)
@pytest.mark.parametrize(("least", "most"), [(2, 2), (2, 40), (3, 5000)])
def test_a_program_sees_no_more_than_the_price(price: Price, linear: bool, least: int, most: int) -> None:
    words = {"at": 0, "repeat": most, "every": 1}
    network = parse(
        {
            "streams": [{"name": "s", "bits": 24}],
            "processes": [
                {"name": "p", "schedule": [{**words, "body": [{"at": 0, "write": "s"}]}]},
                {"name": "q", "schedule": [{**words, "body": [{"at": 0, "read": "s"}]}]},
            ],
        }
    )
    goal = Objective(network, price, {"s": most}, linear)
    seen = [cost_at(goal, "s", least, most, depth) for depth in range(least, most + 1, max(1, most // 50))]
    for depth, cost in zip(range(least, most + 1, max(1, most // 50)), seen, strict=True):
        assert cost <= price(depth, 24) + 1e-6
    assert seen == sorted(seen)
    assert seen[0] == pytest.approx(price(least, 24))
    if linear or most < 64:
        assert cost_at(goal, "s", least, most, most) == pytest.approx(price(most, 24))
