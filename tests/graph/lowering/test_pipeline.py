"""Lowering as a whole: what is left, that results stay the same, and what the record says."""

from __future__ import annotations

import jsonschema
import pytest

from inrarch.graph.lowering.pipeline import CLEANING, LOWERINGS, lower
from inrarch.graph.passes.pipeline import PIPELINE, joined, optimize, report
from inrarch.graph.save import to_proto
from inrarch.json_file import read_json
from inrarch.resources import data_folder
from tests.derive_and_compare import derive_unoptimized
from tests.graph.passes.graphs import assert_same_results, graph
from tests.ops.test_taylor import WIDTH, model_of
from tests.pointwise_cases import PIECEWISE_CASES, SMOOTH_CASES, Case, identified

LEFT = {
    *("Abs", "Add", "Cast", "Equal", "Floor", "Greater", "MatMul", "Gemm", "Mul", "Neg", "Not", "Relu", "Round", "Sub"),
    *("Where", "Xor", "And", "Or", "Identity"),
    *("Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cos", "Cosh", "Erf", "Exp", "Log", "Pow", "Reciprocal"),
    *("Sigmoid", "Sin", "Sinh", "Softplus", "Sqrt", "Tanh"),
}


@pytest.mark.parametrize("case", identified((*SMOOTH_CASES, *PIECEWISE_CASES)))
def test_derivatives_of_every_pointwise_operator_are_written_with_what_hardware_has(case: Case) -> None:
    model = model_of(case.nodes(), 2, ["N", WIDTH], case.weights(), opset=case.opset)
    before, _ = optimize(derive_unoptimized(model, 2))
    after, _ = lower(before)
    assert {node.op_type for node in after.graph} <= LEFT
    assert_same_results(before, after, 1e-12)


def test_a_composite_operator_is_replaced_first() -> None:
    before = graph("g (double[N,2] x) => (double[N,2] y) { a = Softsign(x) y = Mish(a) }")
    after, _ = lower(before)
    assert {node.op_type for node in after.graph} == {"Abs", "Add", "Reciprocal", "Mul", "Softplus", "Tanh"}
    assert_same_results(before, after, 1e-12)


def test_what_was_given_stays_as_it_is_and_the_same_graph_gives_the_same_bytes() -> None:
    model = graph("g (double[N,2] x) => (double[N,2] y) { y = Elu(x) }")
    first, second = (to_proto(lower(model)[0]).SerializeToString() for _ in range(2))
    assert first == second
    assert [node.op_type for node in model.graph] == ["Elu"]


def test_the_record_counts_the_rounds_through_and_satisfies_the_schema() -> None:
    model = graph("g (double[N,2] x) => (double[N,2] y) { a = Exp(x) b = Div(x, a) c = Neg(b) y = Neg(c) }")
    optimized, passes = optimize(model)
    _, lowerings = lower(optimized)
    content = report(joined(passes, lowerings))
    jsonschema.validate(content, read_json(data_folder("schemas") / "passes.schema.json", "the schema"))
    assert content["rounds"] == passes[-1].round + lowerings[-1].round
    assert content["changes"]["lower_divisions"] == 1
    assert (content["nodes_before"], content["nodes_after"]) == (4, 3)


def test_lowerings_have_names_of_their_own() -> None:
    lowerings = [name for name, _ in LOWERINGS]
    assert len({*lowerings}) == len(lowerings)
    assert not {*lowerings} & {name for name, _ in PIPELINE}
    assert {name for name, _ in CLEANING} <= {name for name, _ in PIPELINE}
