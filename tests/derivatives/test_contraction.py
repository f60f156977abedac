"""Einsum equations and the order in which several operands are contracted."""

from __future__ import annotations

import re
from itertools import pairwise, permutations
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.derivatives.contraction import Equation, Order, cheapest_order, read_equation
from inrarch.derivatives.lower import lower
from inrarch.graph.count import count
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from tests.models import build_model, node


@pytest.mark.parametrize(
    ("text", "ranks", "operands", "result"),
    [
        ("ij,jk->ik", [2, 2], ["ij", "jk"], "ik"),
        ("ij , jk", [2, 2], ["ij", "jk"], "ik"),
        ("ba", [2], ["ba"], "ab"),
        ("ii", [2], ["ii"], ""),
        ("ij->", [2], ["ij"], ""),
    ],
)
def test_equations_without_an_ellipsis(text: str, ranks: list[int], operands: list[str], result: str) -> None:
    assert read_equation(text, ranks) == Equation(tuple(map(tuple, operands)), tuple(result))


def test_axes_under_an_ellipsis_are_aligned_from_the_right() -> None:
    equation = read_equation("...ij,...jk->...ik", [4, 3])
    assert equation.operands == (("…1", "…0", "i", "j"), ("…0", "j", "k"))
    assert equation.result == ("…1", "…0", "i", "k")
    assert read_equation("...ij,...jk", [4, 3]).result == ("…1", "…0", "i", "k")


@pytest.mark.parametrize(
    ("text", "ranks", "message"),
    [
        ("ij,jk->ik", [2], "2 terms for 1 operands"),
        ("ij->i", [3], "'ij' does not fit an operand of rank 3"),
        ("ij...->i", [1], "'ij...' does not fit an operand of rank 1"),
    ],
)
def test_equations_that_do_not_fit(text: str, ranks: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        read_equation(text, ranks)


def operands_in(order: Order) -> list[int]:
    if order.parts is None:
        return [order.operand or 0]
    return sorted(operands_in(order.parts[0]) + operands_in(order.parts[1]))


def cost_from_the_left(equation: Equation, sizes: dict[str, int], sequence: tuple[int, ...]) -> int:
    """Multiplications when operands are contracted in this sequence, one after the other."""
    terms = [set(labels) for labels in equation.operands]
    total, have = 0, None
    for place, number in enumerate(sequence):
        needed = set(equation.result).union(*(terms[other] for other in sequence[place + 1 :]))
        alone = terms[number] & set(equation.result).union(*(terms[k] for k in range(len(terms)) if k != number))
        if have is None:
            have = alone
            continue
        total += prod(sizes[label] for label in have | alone)
        have = (have | alone) & needed
    return total


@given(data=st.data())
@settings(max_examples=60)
def test_the_order_is_at_least_as_cheap_as_every_sequence(data: st.DataObject) -> None:
    labels = "abcdef"
    sizes = {label: data.draw(st.integers(1, 9)) for label in labels}
    terms = [
        "".join(sorted(data.draw(st.sets(st.sampled_from(labels), min_size=1, max_size=3))))
        for _ in range(data.draw(st.integers(2, 4)))
    ]
    there = sorted(set("".join(terms)))
    result = "".join(label for label in there if data.draw(st.booleans()))
    equation = read_equation(",".join(terms) + "->" + result, [len(term) for term in terms])
    order = cheapest_order(equation, sizes)
    assert operands_in(order) == list(range(len(terms)))
    assert order.cost <= min(cost_from_the_left(equation, sizes, each) for each in permutations(range(len(terms))))


def test_a_long_chain_is_contracted_along_the_chain() -> None:
    """A matrix product of 12 factors with a vector: greedily from the vector, not matrix by matrix."""
    letters = "abcdefghijklm"
    text = ",".join(f"{a}{b}" for a, b in pairwise(letters)) + ",m->a"
    equation = read_equation(text, [2] * 12 + [1])
    assert cheapest_order(equation, dict.fromkeys(letters, 10)).cost == 12 * 100


def test_a_tensor_train_layer_is_contracted_core_by_core() -> None:
    """y = x G1 G2 G3, modes 4, ranks 2: 2048 multiplications a row, 4096 by the full matrix."""
    rank, mode, text = 2, 4, "nabc,aip,pbjq,qck->nijk"
    generator = np.random.default_rng(0)
    cores = {
        "g": generator.normal(size=(mode, mode, rank)),
        "h": generator.normal(size=(rank, mode, mode, rank)),
        "k": generator.normal(size=(rank, mode, mode)),
    }
    nodes = [
        node("Reshape", ["x", "cube"], "c"),
        node("Einsum", ["c", "g", "h", "k"], "e", equation=text),
        node("Reshape", ["e", "flat"], "y"),
    ]
    weights = cores | {"cube": np.array([-1, mode, mode, mode]), "flat": np.array([-1, mode**3])}
    model = load_model(build_model(nodes, {"x": ["N", 64]}, {"y": ["N", 64]}, weights, dtype=np.float64))
    lowered = lower(model)
    assert count(lowered).matmuls == 3
    sizes = dict.fromkeys("abcijk", mode) | {"p": rank, "q": rank, "n": 1}
    assert cheapest_order(read_equation(text, [4, 3, 4, 3]), sizes).cost == 2 * 64 * mode * rank + 64 * mode * rank**2
    x = generator.normal(size=(3, 64))
    np.testing.assert_allclose(evaluate(lowered, {"x": x})["y"], evaluate(model, {"x": x})["y"], rtol=1e-10)


EQUATIONS = (
    ("ni,ij->nj", [("N", 4), (4, 3)]),
    ("...i,ij->...j", [("N", 2, 4), (4, 3)]),
    ("...i,...i->...", [("N", 2, 4), ("N", 2, 4)]),
    ("i,nij->nj", [(4,), ("N", 4, 3)]),
    ("bhqd,bhkd->bhqk", [("N", 2, 3, 4), ("N", 2, 5, 4)]),
    ("nij,nij->nij", [("N", 2, 3), ("N", 2, 3)]),
    ("nijk,nkl->nijl", [("N", 2, 3, 4), ("N", 4, 2)]),
    ("nij,kjl->nikl", [("N", 2, 3), (2, 3, 4)]),
    ("ni,i,ij->j", [("N", 4), (4,), (4, 3)]),
    ("n,m->nm", [("N",), (3,)]),
    ("ij,ij->", [(2, 3), (2, 3)]),
    ("iji->ij", [(2, 3, 2)]),
    ("nij->jn", [("N", 2, 3)]),
    ("nij,nij->n", [("N", 1, 3), ("N", 2, 3)]),
    ("ni,ni->ni", [("N", 1), ("N", 1)]),
)


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_decompositions_of_all_forms_have_the_right_values(equation: str, shapes: list[tuple[int | str, ...]]) -> None:
    generator = np.random.default_rng(1)
    inputs = {f"x{position}": list(shape) for position, shape in enumerate(shapes)}
    feeds = {
        name: generator.normal(size=[5 if size == "N" else size for size in shape]) for name, shape in inputs.items()
    }
    expected = np.einsum(equation, *feeds.values())
    nodes = [node("Einsum", list(inputs), "y", equation=equation)]
    model = build_model(nodes, inputs, {"y": [None] * expected.ndim}, dtype=np.float64)
    found = evaluate(lower(load_model(model)), feeds)["y"]
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
