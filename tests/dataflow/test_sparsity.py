"""Sparse units where they pay: fewer cycles at equal multipliers, never worse than dense, and as the user says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from inrarch.config.model import Constraints, Lanes
from inrarch.dataflow.summary import summary, table
from inrarch.fifo.sizing import solve
from tests.dataflow.networks import FREE, mapped, process
from tests.dataflow.pruned import Array, by_magnitude, pruned, whole
from tests.models import siren

SIZES = (2, 64, 64, 64, 1)


def limited(dsp: int) -> Constraints:
    return Constraints(dsp=1.0, bram=1.0, uram=1.0, lut=1.0, ff=1.0, dsp_count=dsp)


def kernels(network: dict[str, Any]) -> list[str]:
    return [each["kernel"] for each in network["processes"] if "matmul" in each["kernel"]]


def equal_multipliers(size: int, order: int, dense: Lanes, sparse: Lanes, rows: int) -> list[dict[str, Any]]:
    """The dense and the sparse network of a pruned SIREN, hidden units pinned to equally many multipliers."""
    assert dense.inputs * dense.outputs == sparse.inputs * sparse.outputs
    found = []
    for mode, lanes in (("never", dense), ("always", sparse)):
        model = pruned(siren((2, size, size, size, 1)), by_magnitude(0.75))
        pinned = {"net_1": lanes, "net_2": lanes}
        found.append(mapped(model, order=order, pinned=pinned, rows=rows, sparse=mode, constraints=FREE))
    return found


@pytest.mark.parametrize("order", [1, 2])
def test_three_quarters_of_zeros_take_a_quarter_of_the_cycles(order: int) -> None:
    dense, sparse = equal_multipliers(64, order, Lanes(4, 2), Lanes(1, 8), rows=64)
    assert dense["model"]["cycles_per_row"] == 512
    assert sparse["model"]["cycles_per_row"] <= 512 / 3.9
    for name in ("net_1", "net_2"):
        one, other = process(dense, name), process(sparse, name)
        assert one["resources"]["dsp"] == other["resources"]["dsp"]
        assert one["cycles_per_row"] >= 3.9 * other["cycles_per_row"]
    simulated = [solve(network).cycles for network in (dense, sparse)]
    assert simulated[0] >= 3.8 * simulated[1]
    for network, cycles in zip((dense, sparse), simulated, strict=True):
        assert cycles == pytest.approx(network["model"]["cycles"], rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("order", [1, 2])
def test_wide_layers_take_a_quarter_of_the_simulated_cycles(order: int) -> None:
    dense, sparse = equal_multipliers(256, order, Lanes(8, 8), Lanes(1, 64), rows=64)
    simulated = [solve(network).cycles for network in (dense, sparse)]
    assert simulated[0] >= 3.8 * simulated[1]
    for network, cycles in zip((dense, sparse), simulated, strict=True):
        assert cycles == pytest.approx(network["model"]["cycles"], rel=0.01)


@pytest.mark.parametrize("dsp", [120, 400, 1500])
@pytest.mark.parametrize(
    "prune", [by_magnitude(0.75), by_magnitude(0.5), by_magnitude(0.3), whole(0.75, 0), whole(0.75, 1), whole(0.5, 1)]
)
def test_auto_is_never_slower_than_dense_and_as_fast_as_predicted(prune: Callable[[Array], Array], dsp: int) -> None:
    def build(mode: str) -> dict[str, Any]:
        return mapped(pruned(siren(SIZES), prune), order=1, constraints=limited(dsp), rows=64, sparse=mode)

    dense, auto = build("never"), build("auto")
    assert set(kernels(dense)) == {"matmul"}
    faster, slower = ((each["model"]["cycles_per_row"], each["model"]["dsp"]) for each in (auto, dense))
    assert faster <= slower
    assert auto["model"]["dsp"] <= dsp
    found = solve(auto)
    assert found.cycles <= found.unbounded_cycles
    assert found.cycles == pytest.approx(auto["model"]["cycles"], rel=0.02)


@pytest.mark.parametrize("axis", [0, 1])
def test_whole_rows_or_columns_of_zeros_are_left_out_too(axis: int) -> None:
    model = pruned(siren(SIZES), whole(0.75, axis))
    network = mapped(model, order=1, pinned={"net_1": Lanes(1, 8), "net_2": Lanes(1, 8)}, sparse="always")
    empty = 48 if axis == 0 else 0  # a row of the stored matrix is an output: Gemm transposes it
    assert process(network, "net_1")["parameters"]["nonzeros"] == 16 * 64
    assert process(network, "net_1")["cycles_per_row"] == pytest.approx((16 * 64 + empty) / 8, abs=2)


def test_a_dense_network_has_no_sparse_unit_and_all_do_when_told_so() -> None:
    assert kernels(mapped(siren(SIZES), order=1)) == ["matmul"] * 4
    assert kernels(mapped(siren(SIZES), order=1, sparse="always")) == ["sparse_matmul"] * 4


def test_one_hot_weights_and_weights_of_zeros_are_mapped() -> None:
    one_hot = pruned(siren(SIZES), lambda array: np.eye(*array.shape, dtype=array.dtype))
    network = mapped(one_hot, order=1, rows=8)
    assert process(network, "net_1")["parameters"]["nonzeros"] == 64
    lanes = process(network, "net_1")["parameters"]
    assert lanes["lanes_in"] * lanes["lanes_out"] * lanes["T"] == 64
    assert solve(network).deadlock_free
    nothing = mapped(pruned(siren(SIZES), np.zeros_like), order=1, rows=8, sparse="always")
    assert process(nothing, "net_1")["parameters"]["nonzeros"] == 0
    assert solve(nothing).deadlock_free


def test_zeros_are_those_of_the_quantised_weights() -> None:
    small = pruned(siren(SIZES), lambda array: np.where(by_magnitude(0.75)(array) == 0, array * 1e-9, array))
    network = mapped(small, order=1, constraints=limited(1500))
    assert kernels(network) == [
        "matmul",
        "sparse_matmul",
        "sparse_matmul",
        "matmul",
    ]


def test_macs_count_the_products_that_are_made() -> None:
    network = mapped(pruned(siren(SIZES), by_magnitude(0.75)), order=1, constraints=limited(1500))
    hidden = sum(process(network, name)["parameters"]["nonzeros"] for name in ("net_1", "net_2"))
    assert hidden == 2 * 1024
    assert network["model"]["macs_per_row"] == 2 * 64 + 3 * hidden + 3 * 64


def test_summary_and_table_count_sparse_units() -> None:
    network = mapped(pruned(siren(SIZES), by_magnitude(0.75)), order=1, rows=4, constraints=limited(1500))
    assert summary(network).startswith("9 processes (4 matmul units, 2 of them sparse), 8 streams; ")
    assert any("sparse_matmul" in line for line in table(network).splitlines())
