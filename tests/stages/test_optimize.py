import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import onnx.parser
import onnx_ir as ir
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.derivatives.expand import expand
from inrarch.derivatives.request import make_request
from inrarch.engine.stage import StageRun
from inrarch.engine.step import BROKEN, Description, run_step
from inrarch.errors import REPORT_IT, UserError
from inrarch.graph import equivalence
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.passes import pipeline
from inrarch.graph.save import save_model
from inrarch.resources import data_folder
from inrarch.stages.optimize import STAGE
from tests.graph.passes.graphs import HEADER
from tests.models import siren

SETTINGS = {"low": [-1.0], "high": [1.0]}


@pytest.fixture
def step(tmp_path: Path) -> StageRun:
    for name in ("expand", "output", "scratch"):
        (tmp_path / name).mkdir()
    graph = derive_graph(load_model(siren((2, 8, 8, 1))), order=2, optimize=False, max_coefficients=100)
    save_model(graph, tmp_path / "expand" / "derivative.onnx")
    return StageRun({"expand": tmp_path / "expand"}, {}, SETTINGS, tmp_path / "output", tmp_path / "scratch")


def test_it_writes_a_smaller_graph_and_what_each_pass_did(step: StageRun) -> None:
    summary = STAGE.run(step)
    graph = load_model(step.output / "derivative.onnx").graph
    record = json.loads((step.output / "passes.json").read_text(encoding="utf-8"))
    schema = json.loads((data_folder("schemas") / "passes.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(record, schema)
    assert record["nodes_after"] == graph.num_nodes() < record["nodes_before"]
    assert summary is not None
    assert summary.startswith(f"{record['nodes_before']} -> {record['nodes_after']} nodes, 13 matmuls, ")


def test_the_artefact_has_the_same_bytes_each_time(step: StageRun, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    STAGE.run(step)
    STAGE.run(StageRun(step.inputs, {}, SETTINGS, again, step.scratch))
    for name in ("derivative.onnx", "passes.json"):
        assert (again / name).read_bytes() == (step.output / name).read_bytes()
    assert {path.name for path in again.iterdir()} == {"derivative.onnx", "passes.json"}


@pytest.mark.parametrize("batch", [1, 16, 100])
def test_a_model_with_a_fixed_batch_is_compared_on_one_batch(batch: int, step: StageRun) -> None:
    model = siren((2, 4, 1))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = batch
    loaded = load_model(model)
    graph = expand(loaded, make_request(loaded, order=2))  # derive_graph would free the batch
    save_model(graph, step.inputs["expand"] / "derivative.onnx")
    STAGE.run(step)
    assert load_model(step.output / "derivative.onnx").graph.inputs[0].shape == [batch, 2]


def swap_operands(model: ir.Model) -> int:
    """A wrong rewrite: a - b -> b - a, once."""
    for node in model.graph:
        if node.op_type == "Sub" and not node.metadata_props:
            a, b = node.inputs
            node.replace_input_with(0, b)
            node.replace_input_with(1, a)
            node.metadata_props["swapped"] = "yes"
            return 1
    return 0


@pytest.fixture
def wrong_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [*pipeline.PIPELINE, ("swap_operands", swap_operands)]
    original = pipeline.optimize
    monkeypatch.setattr(pipeline, "optimize", lambda model: original(model, wrong))


def test_a_pass_that_changes_a_result_fails_the_stage(step: StageRun, wrong_pass: None) -> None:
    with pytest.raises(
        equivalence.DifferentResultError, match=r"output 'y_d00', entry .*\(in float64 without rounding"
    ):
        STAGE.run(step)
    assert not list(step.output.iterdir())


def test_a_user_reads_of_a_wrong_pass_without_a_traceback(
    step: StageRun, wrong_pass: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = {name: str(path) for name, path in step.inputs.items()}
    places = {name: str(tmp_path / "run" / name) for name in ("output", "scratch", "result")}
    description = Description("optimize", "inrarch.stages.optimize", inputs, {}, SETTINGS, **places)
    description.write(tmp_path / "step.json")
    assert run_step(tmp_path / "step.json") == BROKEN
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("output 'y_d00', entry [")
    assert lines[1] == f"hint: {REPORT_IT}"


def expanded(place: StageRun, text: str, **asked: Any) -> None:
    graph = derive_graph(load_model(onnx.parser.parse_model(HEADER + text)), optimize=False, **asked)
    save_model(graph, place.inputs["expand"] / "derivative.onnx")


def test_a_curvature_that_is_zero_everywhere_is_judged_beside_its_terms(step: StageRun) -> None:
    """The level lines of a plane wave are straight: what is computed is rounding alone, before as after."""
    wave = """g (float[N,2] x) => (float[N,1] y) <float[2,1] w = {-0.145, 0.161}> {
        v = MatMul(x, w)
        t = Tanh(v)
        y = Exp(t)
    }"""
    expanded(step, wave, outputs=["mean_curvature"], step=0.5)
    STAGE.run(step)
    before, after = (load_model(folder / "derivative.onnx") for folder in (step.inputs["expand"], step.output))
    rows = {"x": np.random.default_rng(0).uniform(-1, 1, (32, 2))}
    found = equivalence.differences(evaluate(before, rows), evaluate(after, rows))
    assert found["y_mean_curvature"] > 0.1


def test_a_float64_model_that_computes_in_float32_on_the_way_is_optimized(step: StageRun) -> None:
    mixed = """g (double[N,2] x) => (double[N,2] y) {
        narrow = Cast<to = 1>(x)
        bent = Celu<alpha = 2.0>(narrow)
        y = Cast<to = 11>(bent)
    }"""
    expanded(step, mixed, order=1, step=2 / 127)
    STAGE.run(step)
    assert load_model(step.output / "derivative.onnx").graph.outputs[0].dtype == ir.DataType.DOUBLE


def test_the_normal_of_a_constant_is_refused(step: StageRun) -> None:
    """A softmax sums to one: its gradient is rounding, and so is the direction of that."""
    constant = """g (float[N,3] x) => (float[N,1] y) <float[3,4] w = {
        -0.8, 0.2, 0.1, 0.7, -0.9, 0.6, -0.2, -0.4, 0.1, -0.1, 0.2, 0.3
    }, int64[1] last = {1}> {
        v = MatMul(x, w)
        p = Softmax(v)
        y = ReduceSum(p, last)
    }"""
    expanded(step, constant, outputs=["normal"])
    with pytest.raises(UserError) as caught:
        STAGE.run(step)
    assert not isinstance(caught.value, equivalence.DifferentResultError)
    assert caught.value.text().startswith("output 'y_normal': rounding alone decides its 96 values")
