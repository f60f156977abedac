"""An adjoint gets the shape of the operand that was broadcast: at once where sizes are known, at run time elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx_ir as ir
import onnxruntime
import pytest

from inrarch.derivatives.assemble import assemble
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.sum_down import sum_down
from inrarch.graph.evaluate import evaluate
from inrarch.graph.save import to_proto
from inrarch.graph.shapes import Dims, dims_of, to_shape


def value(name: str, dims: Dims | None) -> ir.Value:
    return ir.Value(name=name, shape=to_shape(dims), type=ir.TensorType(ir.DataType.FLOAT))


def summed(adjoint: Dims | None, operand: Dims | None) -> ir.Model | None:
    """Inputs `adjoint` and `operand` to the output `sum`."""
    emit = Emitter(["adjoint", "operand", "sum"])
    inputs = [value("adjoint", adjoint), value("operand", operand)]
    result = sum_down(emit, *inputs)
    if result is None:
        return None
    result = emit.apply("Identity", (result,), dims=dims_of(result))
    result.name = "sum"
    return assemble(emit, inputs, [], [result], None)


def expected(adjoint: Any, shape: tuple[int, ...]) -> Any:
    array = adjoint.sum(axis=tuple(range(adjoint.ndim - len(shape))))
    axes = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return array.sum(axis=axes, keepdims=True)


@pytest.mark.parametrize(
    ("adjoint", "operand", "reductions"),
    [
        (("N", 4), ("N", 4), 0),
        (("N", 4), (4,), 1),
        (("N", 4), (1, 4), 1),
        (("N", 4), ("N", 1), 1),
        (("N", 4), (), 1),
        ((2, "N", 4), (1, 1), 2),
        ((None, 4), (7, 4), 0),
        ((1, 4), ("N", 4), 0),
    ],
)
def test_known_sizes_need_reductions_only_where_something_was_broadcast(
    adjoint: Dims, operand: Dims, reductions: int
) -> None:
    model = summed(adjoint, operand)
    assert model is not None
    operators = [node.op_type for node in model.graph]
    assert operators == ["ReduceSum"] * reductions + ["Identity"]
    sizes = {"N": 1 if 1 in adjoint else 3, None: 7}
    shapes = [[size if isinstance(size, int) else sizes[size] for size in dims] for dims in (adjoint, operand)]
    feeds = {name: np.random.default_rng(0).normal(size=shape) for name, shape in zip("ao", shapes, strict=True)}
    found = evaluate(model, {"adjoint": feeds["a"], "operand": feeds["o"]})["sum"]
    np.testing.assert_allclose(found, expected(feeds["a"], feeds["o"].shape), rtol=1e-12)


@pytest.mark.parametrize(
    ("adjoint", "operand"),
    [((3, 4), (3, 4)), ((3, 4), (1, 4)), ((1, 4), (1, 4)), ((0, 4), (0, 4)), ((0, 4), (1, 4)), ((5, 3, 4), (1, 4))],
)
def test_sizes_that_are_not_known_are_compared_at_run_time(adjoint: Any, operand: Any) -> None:
    declared: Dims = ("B", "N", 4)[-len(adjoint) :]
    model = summed(declared, (None, 4) if len(adjoint) == 2 else ("M", 4))
    assert model is not None
    feeds = {"adjoint": np.random.default_rng(0).normal(size=adjoint).astype(np.float32), "operand": np.zeros(operand)}
    wanted = expected(feeds["adjoint"].astype(float), operand)
    found = evaluate(model, feeds)["sum"]
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    session = onnxruntime.InferenceSession(to_proto(model).SerializeToString(), providers=["CPUExecutionProvider"])
    (ran,) = session.run(None, {name: array.astype(np.float32) for name, array in feeds.items()})
    assert ran.shape == wanted.shape
    np.testing.assert_allclose(ran, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("adjoint", "operand"), [(None, (3,)), ((3, 4), None), ((3,), (2, 3))])
def test_ranks_that_are_not_known_cannot_be_summed(adjoint: Dims | None, operand: Dims | None) -> None:
    assert summed(adjoint, operand) is None
