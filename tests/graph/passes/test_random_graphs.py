"""No pass changes a result by more than rounding: random graphs, before and after they are differentiated.

Two sources: what careless exporters write (`random_graphs`, full of what passes look for), and all operators that are
accepted (`tests.fuzz`). Judged in float64, where only rounding of reordered operations is left, and in ONNX Runtime.
"""

from __future__ import annotations

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inrarch.derivatives.api import derive_graph
from inrarch.errors import REPORT_IT, UserError
from inrarch.graph.cast import with_floats
from inrarch.graph.equivalence import differences
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes.pipeline import PIPELINE, optimize
from inrarch.graph.runtime import run as run_in_onnxruntime
from tests.fuzz.graphs import random_case
from tests.graph.passes.graphs import random_feeds
from tests.graph.passes.random_graphs import random_models

RELAXED = list(HealthCheck)
TOLERANCE = 1e-9
"""Of the largest entry of an output, or of 1 where that is larger: what is rounded are values on the way, of size 1 to
10, and an output may be their small difference. Float64 rounding leaves six digits for what derivatives amplify."""


def check_every_pass(before: ir.Model) -> None:
    """Each pass alone, once, and all until nothing changes any more; casts to float32 round no constants here."""
    before = with_floats(before, ir.DataType.DOUBLE)
    feeds = random_feeds(before)
    expected = evaluate(before, feeds)
    changed = [(name, run, before.clone()) for name, run in PIPELINE]
    results = {name: model for name, run, model in changed if run(model)}
    for name, model in {**results, "all": optimize(before)[0]}.items():
        for output, difference in differences(expected, evaluate(model, feeds)).items():
            largest = float(np.abs(expected[output]).max(initial=0.0, where=np.isfinite(expected[output])))
            allowed = TOLERANCE * max(1.0, 1.0 / largest if largest else 1.0)
            assert difference <= allowed, f"{name} changes {output} by {difference:.1e}"


def check_tower(model: ir.Model, order: int, wrt: list[str], method: str) -> None:
    try:
        tower = derive_graph(model, wrt=wrt, order=order, method=method, optimize=False)
    except UserError as error:
        assert REPORT_IT not in error.text()  # noqa: PT017
        return  # the graph mixes rows, or has no rule in this direction
    check_every_pass(tower)


@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
@given(random_models())
def test_passes_keep_the_results_of_random_graphs(proto: onnx.ModelProto) -> None:
    check_every_pass(load_model(proto))


@settings(max_examples=30, deadline=None, suppress_health_check=RELAXED)
@given(random_models(), st.integers(1, 2))
def test_passes_keep_the_derivatives_of_random_graphs(proto: onnx.ModelProto, order: int) -> None:
    check_tower(load_model(proto), order, ["x"], "taylor")


@pytest.mark.parametrize("seed", range(20))
def test_passes_keep_the_results_and_derivatives_of_graphs_of_all_operators(seed: int) -> None:
    case = random_case(seed)
    model = load_model(case.model)
    check_every_pass(model)
    check_tower(model, case.order, list(case.wrt), "auto")


@settings(max_examples=20, deadline=None, suppress_health_check=RELAXED)
@given(random_models(np.float32), st.integers(1, 2))
def test_derivatives_of_random_graphs_stay_in_onnx_runtime(proto: onnx.ModelProto, order: int) -> None:
    """The optimized graph in float32 is as near to the exact result as the given one, to a few roundings."""
    tower = derive_graph(load_model(proto), wrt=["x"], order=order, method="taylor", optimize=False)
    after, _ = optimize(tower)
    feeds = random_feeds(tower)
    expected = evaluate(tower, feeds)
    given_error = differences(expected, run_in_onnxruntime(tower, feeds))
    for name, error in differences(expected, run_in_onnxruntime(after, feeds)).items():
        assert error <= 4 * given_error[name] + 1e-4, name


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=RELAXED)
@given(random_models(), st.integers(1, 3), st.sampled_from(["taylor", "auto"]))
def test_two_thousand_random_graphs_and_their_derivatives(proto: onnx.ModelProto, order: int, method: str) -> None:
    model = load_model(proto)
    check_every_pass(model)
    check_tower(model, order, ["x"], method)


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(20))
def test_two_thousand_graphs_of_all_operators_and_their_derivatives(hundred: int) -> None:
    for seed in range(1000 + 100 * hundred, 1100 + 100 * hundred):
        case = random_case(seed)
        model = load_model(case.model)
        check_every_pass(model)
        check_tower(model, case.order, list(case.wrt), "taylor" if seed % 2 else "auto")
