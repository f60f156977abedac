"""Pruned networks to compiled C++: sparse units give the words of dense ones and of the bit-true model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dataflow.networks import process
from tests.dataflow.pruned import Array, by_magnitude, pruned, whole
from tests.models import siren
from tests.stages.test_csim_networks import run_stages

SIZES = (2, 64, 64, 64, 1)


def build(folder: Path, prune: Callable[[Array], Array], mode: str, order: int) -> tuple[dict[str, Any], bytes]:
    """The network and the words that the compiled design gave, which equal the bit-true model."""
    report = run_stages(folder, pruned(siren(SIZES, w0=5.0), prune), order=order, dataflow={"sparse": mode})
    assert (report["equal"], report["rows"], report["mismatches"]) == (True, 100, 0)
    network = json.loads((folder / "map" / "network.json").read_text(encoding="utf-8"))
    return network, (folder / "scratch" / "csim" / "outputs.bin").read_bytes()


def multiplier_cycles(network: dict[str, Any], name: str) -> int:
    """Multipliers per coefficient x cycles per row, of one unit."""
    unit: dict[str, int] = process(network, name)["parameters"]
    return unit["lanes_in"] * unit["lanes_out"] * unit["T"]


@pytest.mark.parametrize(
    ("prune", "order"),
    [
        (by_magnitude(0.75), 1),
        pytest.param(by_magnitude(0.75), 2, marks=pytest.mark.slow),
        pytest.param(whole(0.75, 0), 1, marks=pytest.mark.slow),
        pytest.param(whole(0.75, 1), 1, marks=pytest.mark.slow),
    ],
)
def test_sparse_and_dense_designs_give_the_same_words(
    tmp_path: Path, prune: Callable[[Array], Array], order: int
) -> None:
    sparse, words = build(tmp_path / "sparse", prune, "always", order)
    dense, expected = build(tmp_path / "dense", prune, "never", order)
    assert words == expected
    assert [each["kernel"] for each in sparse["processes"]].count("sparse_matmul") == 4
    assert [each["kernel"] for each in dense["processes"]].count("matmul") == 4
    for name in ("net_1", "net_2"):
        assert multiplier_cycles(dense, name) >= 3 * multiplier_cycles(sparse, name)
