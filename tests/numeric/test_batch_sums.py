"""Sums over the rows of a batch: exact, rounded once, one result for each batch, with widths that always hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_ir as ir
import pytest

from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.recorded_batch import record_batch, recorded_batch
from inrarch.numeric.arithmetic import reduction_bits, rescale
from inrarch.numeric.batch_sums import batch_accumulators, product_bits, summed_values
from inrarch.numeric.bittrue import simulate
from inrarch.numeric.bounds import find_bounds
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import Format, TensorFormat, dequantize, to_integers
from inrarch.numeric.judge import Judge
from inrarch.numeric.proofs import proven_formats, with_proofs
from inrarch.numeric.samples import chunk_rows, to_feeds
from inrarch.numeric.width_cost import width_cost
from tests.models import build_model, node

ROWS = 8
W = np.array([[0.5, -1.25, 2.0], [1.0, 0.75, -0.5]])


def graph(rows: int | None = ROWS, activation: str = "Sin") -> ir.Model:
    """x [N, 2] -> h = f(x W) [N, 3]; h^T x [3, 2], the sum of h [3], and twice that sum."""
    model = load_model(
        build_model(
            [
                node("MatMul", ["x", "w"], "z"),
                node(activation, ["z"], "h"),
                node("Gemm", ["h", "x"], "product", transA=1),
                node("ReduceSum", ["h", "axes"], "total", keepdims=0),
                node("Mul", ["total", "two"], "twice"),
            ],
            {"x": ["N", 2]},
            {"h": ["N", 3], "product": [3, 2], "total": [3], "twice": [3]},
            {"w": W, "axes": np.array([0]), "two": np.array(2.0)},
        )
    )
    if rows is not None:
        record_batch(model, rows)
    return model


def samples(count: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).uniform(-1, 1, (count, 2))


def formats_of(model: ir.Model, data_bits: int = 24) -> Any:
    return choose_formats(model, largest_magnitudes(model, samples(400)), Widths(data_bits, 18, 2))


def test_a_recorded_batch_is_how_many_rows_are_evaluated_at_once() -> None:
    model = graph()
    assert recorded_batch(model) == ROWS
    assert chunk_rows(model) == ROWS
    assert len(to_feeds(model, samples(21))["x"]) == 24
    assert recorded_batch(graph(None)) is None


def test_what_follows_from_sums_alone_is_a_sum() -> None:
    assert summed_values(graph()) == {"product", "total", "twice"}
    assert summed_values(graph(None)) == frozenset()


def test_calibration_sees_sums_of_one_batch() -> None:
    model, points = graph(), samples(80)
    largest = largest_magnitudes(model, points)
    h = np.sin(points @ W).reshape(-1, ROWS, 3)
    np.testing.assert_allclose(largest["total"], np.abs(h.sum(axis=1)).max(), rtol=1e-6)
    np.testing.assert_allclose(
        largest["product"], np.abs(np.einsum("bni,bnj->bij", h, points.reshape(-1, ROWS, 2))).max(), rtol=1e-6
    )


def test_sums_are_exact_and_rounded_once_for_every_batch() -> None:
    model = graph()
    formats = formats_of(model)
    feeds = to_feeds(model, samples(5 * ROWS, seed=1))
    found = simulate(model, formats, feeds, wanted=["h", "product", "total"])
    h = found.values["h"].reshape(-1, ROWS, 3).astype(object)
    x = to_integers(feeds["x"], formats.of("x")).reshape(-1, ROWS, 2).astype(object)
    shift = formats.of("h").frac + formats.of("x").frac - formats.of("product").frac
    products = [[[sum(h[b, :, i] * x[b, :, j]) for j in range(2)] for i in range(3)] for b in range(5)]
    rounded = (np.array(products, dtype=object) + (1 << (shift - 1))) >> shift
    assert found.values["product"].shape == (5, 3, 2)
    assert found.values["product"].tolist() == rounded.tolist()
    shift = formats.of("h").frac - formats.of("total").frac
    totals = h.sum(axis=1)
    assert shift > 0
    assert found.values["total"].tolist() == ((totals + (1 << (shift - 1))) >> shift).tolist()
    assert found.overflows == {}


def test_errors_of_sums_are_those_of_batches() -> None:
    model = graph()
    formats, points = formats_of(model, 16), samples(6 * ROWS, seed=2)
    judged = Judge(model, points).measure(formats)
    errors = []
    for batch in points.reshape(-1, ROWS, 2):
        feeds = {"x": batch}
        exact = evaluate(model, feeds, wanted=["product"])["product"]
        found = simulate(model, formats, feeds, wanted=["product"]).values["product"]
        errors.append(np.abs(dequantize(found, formats.of("product")) - exact).max())
    assert judged.errors["product"].max_abs == pytest.approx(max(errors), rel=1e-9)
    assert 0 < judged.errors["product"].max_rel < 1e-3


def test_a_batch_with_a_row_at_a_kink_is_left_out_for_its_sums() -> None:
    """Of a derivative; here x is 1e-9 away from 0 in one row, which the format does not see."""
    model = graph(activation="Relu")
    model.metadata_props["inrarch.derivatives"] = '["total"]'
    points = np.abs(samples(2 * ROWS, seed=3)) @ np.linalg.inv(W[:, :2]) + 1e-3
    points[3] = [1e-9, 1e-9]
    formats = formats_of(model, 16)
    judged = Judge(model, points).measure(formats)
    alone = Judge(model, points[ROWS:]).measure(formats)
    assert judged.kinks > 0
    assert alone.kinks == 0
    assert judged.errors["total"] == alone.errors["total"]
    assert judged.errors["twice"] != alone.errors["twice"]


def test_where_every_batch_has_a_row_at_a_kink_none_is_left_out() -> None:
    model = graph(activation="Relu")
    points = np.abs(samples(2 * ROWS, seed=3)) @ np.linalg.inv(W[:, :2]) + 1e-3
    points[[3, ROWS + 3]] = 1e-9
    formats = formats_of(model, 16)
    as_values = Judge(model, points).measure(formats)
    model.metadata_props["inrarch.derivatives"] = '["total"]'
    judged = Judge(model, points).measure(formats)
    assert judged.kinks == 2
    assert judged.errors["total"] == as_values.errors["total"]
    assert judged.errors["total"].max_abs > 0


@pytest.mark.parametrize("rows", [1, 2, 3, 64, 100])
@pytest.mark.parametrize("bits", [(8, 8), (24, 24), (27, 18)])
def test_accumulators_hold_the_largest_sum_and_no_more(rows: int, bits: tuple[int, int]) -> None:
    left, right = (Format(each, 0) for each in bits)
    largest = rows * left.lowest * right.lowest
    assert largest <= (1 << (product_bits(left, right, rows) - 1)) - 1
    assert largest > (1 << (product_bits(left, right, rows) - 2)) - 1
    assert rows * left.lowest >= -(1 << (reduction_bits(left, rows) - 1))


def test_formats_have_the_accumulators_of_sums() -> None:
    formats = formats_of(graph())
    x, h = formats.of("x"), formats.of("h")
    assert formats.accumulators["Gemm_product"] == product_bits(h, x, ROWS)
    assert formats.accumulators["ReduceSum_total"] == reduction_bits(h, ROWS)
    assert "Mul_twice" not in formats.accumulators


def test_a_sum_that_is_too_wide_names_its_result() -> None:
    model = graph(1 << 10)
    tensors = {name: TensorFormat("data", Format(32, 20), 1.0) for name in ("x", "h", "total", "product")}
    with pytest.raises(UserError) as error:
        batch_accumulators(model, tensors, {})
    assert "the exact result before rounding needs 74 bits" in error.value.text()
    assert "tensor 'product'" in error.value.text()


def test_sums_over_a_batch_of_unknown_size_are_refused() -> None:
    with pytest.raises(UserError) as error:
        formats_of(graph(None))
    assert error.value.text() == (
        "node 'Gemm_product': the network sums over the rows of the batch; expected rows that do not depend on one "
        "another, or derivatives by `parameters`"
    )


@pytest.mark.parametrize("activation", ["Sin", "Relu"])
def test_bounds_hold_for_every_batch_of_the_domain(activation: str) -> None:
    model = graph(activation=activation)
    box = (np.array([-1.0, -1.0]), np.array([1.0, 1.0]))
    peaks = find_bounds(model, box).peaks
    corner = np.array([[1.0, 1.0]]) if activation == "Relu" else np.array([[0.7, 0.9]])
    seen = largest_magnitudes(model, np.concatenate([np.repeat(corner, ROWS, axis=0), samples(20 * ROWS)]))
    for name in ("h", "product", "total", "twice"):
        assert seen[name] <= peaks[name] <= 3 * seen[name]
    assert peaks["total"] == pytest.approx(ROWS * peaks["h"], rel=1e-6)
    assert peaks["twice"] == pytest.approx(2 * peaks["total"], rel=1e-6)


def test_formats_from_bounds_are_proven_and_do_not_overflow() -> None:
    model = graph()
    box = (np.array([-1.0, -1.0]), np.array([1.0, 1.0]))
    formats = with_proofs(model, box, proven_formats(model, box, Widths(24, 18, 0)))
    assert all(formats.tensors[name].proven for name in ("product", "total", "twice"))
    corners = np.repeat(np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]]), ROWS, axis=0)
    assert simulate(model, formats, to_feeds(model, corners)).overflows == {}


def test_one_factor_may_be_rounded_in_front_of_the_multiplier() -> None:
    """To 18 bits: the products then take one multiplier each, and the sums are as exact as before."""
    model = graph()
    largest = largest_magnitudes(model, samples(400))
    formats = choose_formats(model, largest, Widths(24, 18, 2, factor_bits=18))
    h, x = formats.operands_of("Gemm_product", ["h", "x"])
    assert sorted((h.bits, x.bits)) == [18, 24]
    assert formats.accumulators["Gemm_product"] == product_bits(h, x, ROWS)
    feeds = to_feeds(model, samples(3 * ROWS, seed=4))
    found = simulate(model, formats, feeds, wanted=["h", "product"]).values
    left = rescale(found["h"], formats.of("h").frac, h).values.reshape(-1, ROWS, 3)
    right = rescale(to_integers(feeds["x"], formats.of("x")), formats.of("x").frac, x).values.reshape(-1, ROWS, 2)
    sums = np.einsum("bni,bnj->bij", left, right)
    expected = rescale(sums, h.frac + x.frac, formats.of("product")).values
    assert found["product"].tolist() == expected.tolist()
    whole = choose_formats(model, largest, Widths(24, 18, 2))
    costs = [width_cost(model, each, (27, 18)).tiles for each in (formats, whole)]
    assert costs[1] - costs[0] == 3 * 2


def test_a_factor_whose_bound_is_the_same_in_all_cells_is_bounded_too() -> None:
    """A step function is 0 or 2 everywhere: each sum is at most 8 x 2 times the largest x."""
    nodes = [
        node("Greater", ["x", "zero"], "positive"),
        node("Where", ["positive", "two", "zero"], "step"),
        node("Gemm", ["step", "x"], "product", transA=1),
    ]
    constants = {"zero": np.zeros((1, 2)), "two": np.full((1, 2), 2.0)}
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"product": [2, 2]}, constants))
    record_batch(model, ROWS)
    peaks = find_bounds(model, (np.array([-1.0, -1.0]), np.array([1.0, 1.0]))).peaks
    assert peaks["product"] == pytest.approx(2 * ROWS, rel=1e-6)
