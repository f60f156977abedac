"""The cost of composing jets, per neuron: at most the figures to beat, and pinned so that it cannot grow."""

from __future__ import annotations

from collections import Counter

import pytest

from inrarch.graph.count import count
from tests.derive_and_compare import derive_unoptimized
from tests.models import perceptron, siren

# (coordinates, order): multiplications, additions per neuron of a hidden layer, beside one sine and one cosine
SINE = {
    (1, 1): (1, 0),
    (1, 2): (5, 1),
    (1, 4): (18, 7),
    (2, 1): (2, 0),
    (2, 2): (13, 3),
    (2, 3): (33, 13),
    (2, 4): (76, 40),
    (3, 2): (24, 6),
    (3, 4): (213, 130),
}


def per_neuron(activation: str, coordinates: int, order: int) -> Counter[str]:
    graph = derive_unoptimized(perceptron([coordinates, 4, 4, 1], activation), order)
    return Counter(node.op_type for node in graph.graph if node.name.startswith("activation_1"))


@pytest.mark.parametrize(("coordinates", "order"), SINE)
def test_the_work_of_a_sine_neuron(coordinates: int, order: int) -> None:
    found = per_neuron("Sin", coordinates, order)
    assert (found["Sin"], found["Cos"]) == (1, 1)
    assert (found["Mul"], found["Add"] + found["Sub"] + found["Neg"]) == SINE[coordinates, order]


def test_a_sine_neuron_at_order_4_beats_82_multiplications_and_44_additions() -> None:
    multiplications, additions = SINE[2, 4]
    assert multiplications <= 82
    assert additions <= 44


@pytest.mark.parametrize(
    ("activation", "multiplications", "additions"),
    [("Exp", 64, 40), ("Tanh", 100, 45), ("Sigmoid", 100, 46), ("Softplus", 96, 44)],
)
def test_the_work_of_other_neurons_at_order_4_in_2_coordinates(
    activation: str, multiplications: int, additions: int
) -> None:
    found = per_neuron(activation, 2, 4)
    assert found["Mul"] <= multiplications
    assert found["Add"] + found["Sub"] + found["Neg"] <= additions


@pytest.mark.parametrize(("order", "matmuls"), [(1, 15), (2, 27), (3, 43), (4, 63)])
def test_matmuls_of_the_benchmark_grow_with_the_number_of_coefficients(order: int, matmuls: int) -> None:
    """Two more than after optimization: the two products of constant rows in the first layer."""
    assert count(derive_unoptimized(siren(), order)).matmuls == matmuls


def test_coefficients_that_are_exactly_zero_write_no_nodes() -> None:
    """In the first layer the argument is linear: of each order only the product of first coefficients is left."""
    graph = derive_unoptimized(perceptron([1, 4, 1], "Sin"), 4)
    found = Counter(node.op_type for node in graph.graph if node.name.startswith("activation_0"))
    # u1², u1³, u1⁴ and a factor for each; four products with sine or cosine
    assert found["Mul"] == 3 + 3 + 4
    assert found["Add"] + found["Sub"] == 0


def test_powers_are_sums_of_terms_of_one_sign_so_that_no_digits_cancel() -> None:
    found = per_neuron("Exp", 2, 6)
    assert found["Sub"] == found["Neg"] == 0
