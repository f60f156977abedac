"""Random graphs: derivatives agree with power series along a direction, and ONNX Runtime with the float64 evaluator."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto
from tests.derive_and_compare import check_against_series, derive_unoptimized
from tests.random_graphs import models

RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(model=models(), order=st.integers(1, 3), step=st.sampled_from([1.0, 1.0, 0.5]))
@settings(max_examples=150, deadline=None, suppress_health_check=RELAXED)
def test_derivatives_of_random_graphs_agree_with_power_series(model: onnx.ModelProto, order: int, step: float) -> None:
    if step == 1.0:
        check_against_series(model, order, tolerance=1e-9)
        return
    loaded = load_model(model)
    plain, scaled = derive_unoptimized(loaded, order), derive_unoptimized(loaded, order, step=step)
    x = np.random.default_rng(0).uniform(-1, 1, (2, loaded.graph.inputs[0].shape[-1]))
    expected, found = evaluate(plain, {"x": x}), evaluate(scaled, {"x": x})
    for name, array in expected.items():
        power = len(name.removeprefix("y").removeprefix("_d"))
        np.testing.assert_allclose(found[name], array * step**power, rtol=1e-9, atol=1e-9)


def check_onnxruntime(model: onnx.ModelProto, order: int) -> None:
    graph = derive_unoptimized(model, order)
    proto = to_proto(graph)
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.random.default_rng(1).uniform(-1, 1, (4, graph.graph.inputs[0].shape[-1])).astype(np.float32)
    expected = evaluate(graph, {"x": x})
    for output, found in zip(session.get_outputs(), session.run(None, {"x": x}), strict=True):
        assert found.dtype == np.float32
        scale = max(1.0, float(np.abs(expected[output.name]).max()))
        assert float(np.abs(found - expected[output.name]).max()) <= 2e-3 * scale, output.name


@given(model=models(dtype=np.float32, largest=6), order=st.integers(1, 2))
@settings(max_examples=30, deadline=None, suppress_health_check=RELAXED)
def test_derivatives_of_random_graphs_run_in_onnxruntime(model: onnx.ModelProto, order: int) -> None:
    check_onnxruntime(model, order)


@pytest.mark.slow
@given(model=models(largest=14), order=st.integers(1, 3))
@settings(max_examples=2000, deadline=None, suppress_health_check=RELAXED)
def test_two_thousand_random_graphs_agree_with_power_series(model: onnx.ModelProto, order: int) -> None:
    check_against_series(model, order, tolerance=1e-8)
