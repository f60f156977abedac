"""Published neural fields, exported from PyTorch by both of its exporters: value and derivatives to order 3."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import onnx_ir as ir
import pytest

from inrarch.graph.equivalence import differences
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import optimize
from inrarch.graph.runtime import run
from tests.derive_and_compare import derive_unoptimized

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from tests.architectures import table  # noqa: E402
from tests.architectures.architecture import all_architectures  # noqa: E402
from tests.architectures.export import EXPORTERS, export  # noqa: E402
from tests.architectures.reference import references  # noqa: E402

ORDER = 3
ROWS = 4

EXACT = 1e-11
"""Largest difference from PyTorch, relative to the largest entry of the derivative (but at least SMALL of the largest
of its order: a derivative that almost cancels has the rounding of its terms). Rounding alone: 2e-16 times the steepness
of the network to the third power over its layers, seen up to 1.2e-13 (HOSC)."""
SMALL = 1e-3
REWRITTEN = 1e-11
"""The optimised graph against the plain one, in float64: rounding again, seen up to 1.4e-13."""
SINGLE = 1e-3
"""ONNX Runtime in float32 against float64: 6e-8 times the same amplification, seen up to 1.1e-4 (HOSC)."""

ARCHITECTURES = {architecture.name: architecture for architecture in all_architectures()}
CASES = [pytest.param(name, exporter, id=f"{name}-{exporter}") for name in ARCHITECTURES for exporter in EXPORTERS]


@cache
def points(name: str) -> dict[str, Any]:
    """Points that float32 represents exactly, so that both precisions are on the same side of every border."""
    return {key: value.float().double() for key, value in ARCHITECTURES[name].points(ROWS).items()}


@cache
def derived(name: str, exporter: str, double: bool) -> ir.Model:
    """The tower of derivatives of the exported network, not optimised."""
    architecture = ARCHITECTURES[name]
    model = load_model(export(architecture, exporter, torch.float64 if double else torch.float32))
    return derive_unoptimized(model, ORDER, wrt=list(architecture.coordinates))


def feeds(name: str) -> dict[str, Any]:
    return {key: value.numpy() for key, value in points(name).items()}


@pytest.mark.parametrize(("name", "exporter"), CASES)
def test_value_and_derivatives_agree_with_torch(name: str, exporter: str) -> None:
    found = evaluate(derived(name, exporter, True), feeds(name))
    expected = dict(references(ARCHITECTURES[name], points(name), ORDER))
    tolerance = EXACT + ARCHITECTURES[name].allowance
    assert list(found) == sorted(expected, key=list(found).index)
    largest: dict[tuple[str, int], float] = {}
    for key, array in expected.items():
        family = order_of(key)
        largest[family] = max(largest.get(family, 0.0), float(np.abs(array).max()))
    for key, array in expected.items():
        assert found[key].shape == array.shape
        scale = max(float(np.abs(array).max()), SMALL * largest[order_of(key)])
        error = float(np.abs(found[key] - array).max())
        assert error <= tolerance * scale, f"{key}: {error / scale:.2g}"


def order_of(name: str) -> tuple[str, int]:
    """The model's output that a derivative belongs to, and its order (below ten coordinates)."""
    value, _, index = name.rpartition("_d")
    return (value, len(index)) if value and index.isdigit() else (name, 0)


@pytest.mark.parametrize(("name", "exporter"), CASES)
def test_the_optimised_graph_agrees_and_is_smaller(name: str, exporter: str) -> None:
    plain = derived(name, exporter, True)
    optimised, _ = optimize(plain)
    assert optimised.graph.num_nodes() < plain.graph.num_nodes()
    by_output = differences(evaluate(plain, feeds(name)), evaluate(optimised, feeds(name)))
    assert max(by_output.values()) <= REWRITTEN + ARCHITECTURES[name].allowance, max(
        by_output, key=by_output.__getitem__
    )


@pytest.mark.parametrize(("name", "exporter"), CASES)
def test_onnxruntime_runs_the_derivatives_in_single_precision(name: str, exporter: str) -> None:
    graph, _ = optimize(derived(name, exporter, False))
    by_output = differences(evaluate(graph, feeds(name)), run(graph, feeds(name)))
    assert max(by_output.values()) <= SINGLE, max(by_output, key=by_output.__getitem__)


def test_there_are_enough_architectures() -> None:
    assert len(ARCHITECTURES) >= 24
    assert len(ARCHITECTURES) == len(list(all_architectures())), "two architectures have the same name"


def test_the_document_lists_them_with_their_operators() -> None:
    """`python -m tests.architectures.table` writes it. Other versions of PyTorch may export other operators."""
    written = table.DOCUMENT.read_text().partition(table.START)
    expected = table.table().partition(table.START)
    if written[2].splitlines()[1] != expected[2].splitlines()[1]:
        pytest.skip("the document is of another version of PyTorch")
    assert written[2] == expected[2]
