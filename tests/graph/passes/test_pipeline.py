import importlib
import pkgutil
from collections import Counter

import numpy as np
import onnx
import onnx_ir as ir
import pytest
from hypothesis import HealthCheck, given, settings

from inrarch.derivatives.api import derive_graph
from inrarch.errors import REPORT_IT
from inrarch.graph import passes
from inrarch.graph.cast import with_floats
from inrarch.graph.count import count
from inrarch.graph.equivalence import differences
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes.patterns import is_constant
from inrarch.graph.passes.pipeline import PIPELINE, NoFixedPointError, optimize, report
from inrarch.graph.runtime import run as run_in_onnxruntime
from inrarch.graph.save import to_proto
from tests.graph.passes.graphs import graph, lines, operators, random_feeds
from tests.graph.passes.random_graphs import random_models
from tests.models import perceptron, siren

SMALL = (2, 16, 16, 16, 2)


def tower(order: int, sizes: tuple[int, ...] = SMALL, *, dtype: type = np.float32, gemm: bool = True) -> ir.Model:
    return expansion(load_model(siren(sizes, dtype=dtype, gemm=gemm)), order)


def expansion(model: ir.Model, order: int) -> ir.Model:
    return derive_graph(model, order=order, method="taylor", optimize=False, max_coefficients=1000)


def changes(model: ir.Model) -> int:
    return sum(record.changes for record in optimize(model)[1])


def test_every_pass_file_is_in_the_pipeline_under_its_own_name() -> None:
    names = [entry.name for entry in pkgutil.iter_modules(passes.__path__)]
    modules = {name: importlib.import_module(f"{passes.__name__}.{name}") for name in names}
    runs = {name: module.run for name, module in modules.items() if hasattr(module, "run")}
    assert dict(PIPELINE) == runs
    for name, run in runs.items():
        text = importlib.import_module(run.__module__).__doc__ or ""
        assert "ot handled" in text, f"{name} does not say what it does not handle"


@pytest.mark.parametrize(
    ("order", "matmuls", "macs"), [(1, 13, 592640), (2, 25, 1184768), (3, 41, 1974272), (4, 61, 2961152)]
)
def test_benchmark_towers_have_one_product_per_coefficient_and_layer(order: int, matmuls: int, macs: int) -> None:
    optimized, _ = optimize(tower(order, (2, 256, 256, 256, 256, 3)))
    counts = count(optimized)
    assert (counts.matmuls, counts.macs_per_row) == (matmuls, macs)


def test_elementwise_work_of_a_layer_at_order_4_stays_low() -> None:
    deep, shallow = (Counter(operators(optimize(tower(4, (2, *[16] * depth, 2)))[0])) for depth in (4, 3))
    layer = deep - shallow
    assert (layer["Sin"], layer["Cos"]) == (1, 1)
    assert layer["Mul"] <= 82
    assert layer["Add"] + layer["Sub"] <= 44
    assert not layer["Neg"]


@pytest.mark.parametrize("gemm", [True, False])
def test_w0_disappears_into_weights_that_stay_shared(gemm: bool) -> None:
    optimized, _ = optimize(tower(2, gemm=gemm))
    weights = {node.inputs[1].name for node in optimized.graph if node.op_type in ("Gemm", "MatMul")}
    assert len(weights) == 4
    numbers = [value.const_value.numpy() for value in optimized.graph.initializers.values()]
    assert not any(array.size == 1 and array.item() == 30 for array in numbers)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("gemm", [True, False])
def test_the_result_is_in_canonical_form(order: int, gemm: bool) -> None:
    assert_canonical(optimize(tower(order, gemm=gemm))[0])


@pytest.mark.parametrize("activation", ["Sin", "Tanh", "Sigmoid", "Exp", "Softplus", "Relu"])
def test_towers_of_other_activations_keep_their_results(activation: str) -> None:
    before = expansion(load_model(perceptron((2, 8, 8, 2), activation, dtype=np.float64)), 3)
    after, _ = optimize(before)
    feeds = random_feeds(before)
    assert max(differences(evaluate(before, feeds), evaluate(after, feeds)).values()) < 1e-12
    assert_canonical(after)
    assert changes(after) == 0


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_models())
def test_random_graphs_keep_their_results_and_settle(proto: onnx.ModelProto) -> None:
    before = load_model(proto)
    after, _ = optimize(before)
    feeds = random_feeds(before)
    expected, found = evaluate(before, feeds), evaluate(after, feeds)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-10, atol=1e-10)
    assert changes(after) == 0
    assert_canonical(after)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(random_models(np.float32))
def test_random_graphs_in_float32_keep_their_results_in_onnx_runtime(proto: onnx.ModelProto) -> None:
    before = load_model(proto)
    after, _ = optimize(before)
    feeds = random_feeds(before)
    expected = evaluate(before, feeds)
    for found in (evaluate(after, feeds), run_in_onnxruntime(after, feeds)):
        for name, array in expected.items():
            np.testing.assert_allclose(found[name], array, rtol=1e-4, atol=1e-4)


def test_the_given_model_is_not_changed_and_large_weights_are_shared() -> None:
    before = tower(2)
    proto = to_proto(before).SerializeToString(deterministic=True)
    after, _ = optimize(before)
    assert to_proto(before).SerializeToString(deterministic=True) == proto
    text = "g (double[N,2] x) => (double[N,2] y) <double[2,2] w = {1, 2, 3, 4}> { y = MatMul(x, w) }"
    before = load_model(ir.from_proto(to_proto(graph(text))))
    once, _ = optimize(before)
    twice, _ = optimize(once)
    assert twice.graph.initializers["w"].const_value is once.graph.initializers["w"].const_value
    assert after.graph is not before.graph


def test_the_same_model_gives_the_same_bytes() -> None:
    first, second = (to_proto(optimize(tower(3))[0]).SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_interface_stays() -> None:
    before = tower(2)
    after, _ = optimize(before)
    for old, new in zip(interface(before), interface(after), strict=True):
        assert (old.name, old.dtype, list(old.shape)) == (new.name, new.dtype, list(new.shape))


def test_passes_that_undo_each_other_are_reported() -> None:
    def flip(model: ir.Model) -> int:
        return 1

    with pytest.raises(NoFixedPointError) as caught:
        optimize(graph("g (double[N,2] x) => (double[N,2] y) { y = Sin(x) }"), [("flip", flip)], max_rounds=3)
    assert caught.value.text() == (
        "passes undo each other's work: after 3 rounds the graph is still changed by flip; "
        f"expected a round that changes nothing\nhint: {REPORT_IT}"
    )


def test_the_report_adds_up() -> None:
    before = tower(2)
    after, records = optimize(before)
    content = report(records)
    assert content["nodes_before"] == before.graph.num_nodes()
    assert content["nodes_after"] == after.graph.num_nodes()
    assert list(content["changes"]) == [name for name, _ in PIPELINE]
    assert sum(content["changes"].values()) == sum(entry["changes"] for entry in content["passes"])
    assert all(entry["changes"] == 0 for entry in content["passes"] if entry["round"] == content["rounds"])


def test_a_repeated_layer_keeps_one_weight() -> None:
    text = (
        "g (double[N,2] x) => (double[N,2] y) <double[2,2] w = {1, 2, 3, 4}, double[2] b = {1, 2}, double c = {3}>"
        "{ k = Gemm(x, w, b) l = Mul(k, c) m = Sin(l) n = Gemm(m, w, b) o = Mul(n, c) y = Sin(o) }"
    )
    optimized, _ = optimize(graph(text))
    assert operators(optimized) == ["Gemm", "Sin", "Gemm", "Sin"]
    assert len({node.inputs[1].name for node in optimized.graph if node.op_type == "Gemm"}) == 1


def test_float64_models_stay_float64() -> None:
    optimized, _ = optimize(with_floats(tower(1), ir.DataType.DOUBLE))
    assert {value.dtype for node in optimized.graph for value in node.outputs} == {ir.DataType.DOUBLE}
    assert lines(optimized)


def interface(model: ir.Model) -> list[ir.Value]:
    return [*model.graph.inputs, *model.graph.outputs]


def assert_canonical(model: ir.Model) -> None:
    """The form that later stages rely on."""
    for node in model.graph:
        assert node.op_type != "Constant"
        if node.op_type == "Identity":
            source = node.inputs[0]
            assert node.outputs[0].is_graph_output()
            assert source.producer() is None or source.is_graph_output()
        if node.op_type == "Gemm":
            assert not node.attributes
            assert len(node.inputs) == 3
            assert node.inputs[2].shape.rank() == 1
        if node.op_type in ("Add", "Mul"):
            assert not is_constant(node.inputs[0])
            if is_constant(node.inputs[1]):
                array = node.inputs[1].const_value.numpy()
                neutral = 0 if node.op_type == "Add" else 1
                assert not (array == neutral).all()
        if node.op_type == "Div":
            assert not is_constant(node.inputs[1])
        if node.op_type == "Sub":
            assert not is_constant(node.inputs[1])
        if node.op_type in ("Add", "Sub"):
            producers = [value.producer() for value in node.inputs]
            assert not any(each is not None and each.op_type == "Neg" for each in producers[1:])
        assert not all(is_constant(value) for value in node.inputs) or node.op_type == "Identity"
