"""`inrarch.derive`: from a file, a message or a graph to a checked message."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import pytest

import inrarch
from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model
from inrarch.graph.save import save_model
from tests.models import siren


def test_a_file_a_message_and_a_graph_give_the_same_model(tmp_path: Path) -> None:
    proto = siren((2, 8, 1))
    path = tmp_path / "m.onnx"
    onnx.save(proto, path)
    results = [inrarch.derive(source, order=2) for source in (path, str(path), proto, ir.from_proto(proto))]
    assert all(
        each.SerializeToString(deterministic=True) == results[0].SerializeToString(deterministic=True)
        for each in results
    )


@pytest.mark.parametrize(
    ("order", "matmuls", "macs"), [(1, 13, 592_640), (2, 25, 1_184_768), (3, 41, 1_974_272), (4, 61, 2_961_152)]
)
def test_the_benchmark_has_the_fewest_matmuls(order: int, matmuls: int, macs: int) -> None:
    counts = count(load_model(inrarch.derive(siren(), order=order)))
    assert (counts.matmuls, counts.macs_per_row) == (matmuls, macs)


def test_optimization_does_not_change_the_results() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (5, 2))
    model = siren((2, 16, 16, 2), dtype=np.float64)
    plain, small = (
        evaluate(load_model(inrarch.derive(model, order=3, optimize=flag)), {"x": x}) for flag in (False, True)
    )
    assert list(plain) == list(small)
    for name, array in plain.items():
        np.testing.assert_allclose(small[name], array, rtol=1e-9, atol=1e-9 * np.abs(array).max())


def test_derivatives_of_derivatives_are_higher_derivatives() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (5, 2))
    model = siren((2, 8, 1), dtype=np.float64)
    gradient = inrarch.derive(model, outputs=["y_d0"])
    twice = evaluate(load_model(inrarch.derive(gradient, outputs=["y_d0_d1"])), {"x": x})["y_d0_d1"]
    once = evaluate(load_model(inrarch.derive(model, outputs=["y_d01"])), {"x": x})["y_d01"]
    np.testing.assert_allclose(twice, once, rtol=1e-10, atol=1e-10)


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    onnx.save(siren((2, 8, 1)), path)
    with pytest.raises(UserError, match=f"^{path}: wrt 'z' is not an input of the model; expected one of 'x'$"):
        inrarch.derive(path, wrt="z", order=1)


def test_the_benchmark_at_order_4_takes_less_than_two_seconds_with_imports(tmp_path: Path) -> None:
    """Processor time, so that other work on the machine does not matter."""
    save_model(siren(), tmp_path / "m.onnx")
    code = "import sys, inrarch; inrarch.derive(sys.argv[1], order=4)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "m.onnx")], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2.0
