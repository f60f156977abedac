"""Operators that reach hardware only after lowering are refused by name where they are left; nothing crashes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from inrarch.dataflow.graph import view_graph
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.view import check_supported
from inrarch.ops import operators
from tests.models import build_model, node

ONE = {"one": np.array([1])}
NODES: list[tuple[Any, dict[str, Any]]] = [
    *((node(f"Reduce{name}", ["h", "one"], "y"), ONE) for name in ["Mean", "Max", "Min", "Prod", "L1", "L2"]),
    *((node(f"Reduce{name}", ["h", "one"], "y"), ONE) for name in ("SumSquare", "LogSum", "LogSumExp")),
    *((node(name, ["h"], "y"), {}) for name in ("Softmax", "LogSoftmax", "Dropout")),
    (node("Split", ["h"], "y", "rest", axis=1, num_outputs=2), {}),
    (node("Einsum", ["h", "h"], "y", equation="ni,nj->nij"), {}),
    (node("LayerNormalization", ["h", "scale"], "y"), {"scale": np.ones(4)}),
]


@pytest.mark.parametrize(("last", "weights"), NODES, ids=[last.op_type for last, _ in NODES])
@pytest.mark.parametrize("stage", [check_supported, view_graph])
def test_a_later_stage_refuses_the_operator_and_says_why(stage: Any, last: Any, weights: dict[str, Any]) -> None:
    nodes = [node("MatMul", ["x", "w"], "h"), last]
    rank = 3 if last.op_type == "Einsum" else 2
    model = load_model(build_model(nodes, {"x": ["N", 2]}, {"y": [None] * rank}, weights | {"w": np.ones((2, 4))}))
    with pytest.raises(UserError) as caught:
        stage(model)
    assert last.op_type in str(caught.value)
    hardware = operators()[last.op_type].hardware
    assert (hardware.reason or hardware.written) in str(caught.value)
