"""Weights and biases are packed word by word as the matmul kernel reads them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.errors import UserError
from inrarch.hardware.kernels import Source
from inrarch.hardware.kernels.sparse_matmul import header
from inrarch.hardware.layout import parse_layout
from inrarch.hardware.roms import build_matmul, matmul_constants, pack_biases, pack_weights
from tests.hardware import small_design


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 10), st.integers(1, 10), st.integers(1, 7))
def test_every_weight_is_where_the_kernel_looks_for_it(K: int, M: int, PI: int, PO: int, CB: int) -> None:
    weight = np.arange(1, K * M + 1).reshape(K, M)
    words = pack_weights(weight, PI, PO, CB)
    KB, MB, Q = -(-K // PI), -(-M // PO), -(-PO * PI // CB)
    P = -(-PO * PI // Q)
    assert P <= CB
    assert words.shape == (MB * KB * P, Q)
    for g in range(MB):
        for k in range(KB):
            for o in range(PO):
                for i in range(PI):
                    inside = k * PI + i < K and g * PO + o < M
                    expected = weight[k * PI + i, g * PO + o] if inside else 0
                    part, lane = divmod(o * PI + i, Q)
                    assert words[(g * KB + k) * P + part, lane] == expected
    assert words.sum() == weight.sum()  # what fills up is zero


@given(st.integers(1, 9), st.integers(1, 10), st.integers(0, 3))
def test_every_bias_is_where_the_kernel_looks_for_it(M: int, PO: int, rows: int) -> None:
    biases = [np.arange(M) + 100 * (row + 1) for row in range(rows)]
    words = pack_biases(biases, M, PO)
    assert words.shape == (-(-M // PO), max(1, rows) * PO)
    for row in range(rows):
        flat = words[:, row * PO : (row + 1) * PO].reshape(-1)
        assert flat[:M].tolist() == biases[row].tolist()
        assert not flat[M:].any()
    assert rows or not words.any()


def test_a_sparse_program_made_of_other_weights_is_refused() -> None:
    graph = small_design.model()
    formats = small_design.number_formats(graph)
    network = small_design.network()
    last = next(process for process in network["processes"] if process["name"] == "last")
    last["kernel"] = "sparse_matmul"
    last["parameters"] |= {"T": 9, "lag": 0}
    layout = parse_layout(network)
    unit = next(unit for unit in layout.units if unit.name == "last")
    source = Source("last", layout, graph, {str(node.name): node for node in graph.graph}, formats)
    with pytest.raises(UserError) as caught:
        header(unit, source)
    assert str(caught.value) == (
        "network.json: unit 'last' has a step of 9, its weights give 4\nhint: run the map stage again"
    )


def test_a_unit_takes_fields_shifts_and_biases_per_coefficient() -> None:
    graph = small_design.model()
    formats = small_design.number_formats(graph)
    layout = parse_layout(small_design.network())
    producers = {str(value.name): node for node in graph.graph for value in node.outputs}
    unit = next(unit for unit in layout.units if unit.name == "last")
    built = build_matmul(unit, matmul_constants(unit, layout, producers, graph.graph.initializers, formats))
    weight = formats.of("w1").frac
    assert built.field == (0, 1)
    assert built.bias == (0, -1)
    assert built.shift == (
        formats.of("s").frac + weight - formats.of("y").frac,
        formats.of("ds").frac + weight - formats.of("y_d0").frac,
    )
    assert built.accumulator_bits == max(formats.accumulators[name] for name in ("n_y", "n_y_d0"))
    assert built.lanes_coefficients == 1
    assert built.weights.shape == (4, 2)  # two turns: a block of 4 weights comes in two words
