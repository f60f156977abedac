"""Running a graph in ONNX Runtime on the CPU: an independent implementation, and the software baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx_ir as ir

Array = np.ndarray[Any, Any]


def open_session(model: ir.Model, *, threads: int = 1, rewriting: bool = True) -> Any:
    """An `onnxruntime.InferenceSession` of a float32 graph on `threads` CPU threads.

    Nodes run in the order of the graph, layer by layer: by itself ONNX Runtime follows one output after the other
    through the whole network, and keeps the coefficients of all layers meanwhile (a tenth slower at order 4).

    rewriting: let ONNX Runtime apply its own graph optimisations, which make it faster (and fail, in 1.31, on graphs
    whose outputs are all constants).
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_order = onnxruntime.ExecutionOrder.PRIORITY_BASED
    options.log_severity_level = 3
    if not rewriting:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(
        ir.to_proto(model).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(model: ir.Model, feeds: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs by name, of the graph as it is. Feeds are given to the model as float32."""
    session = open_session(model, rewriting=False)
    results = session.run(None, {name: array.astype(np.float32) for name, array in feeds.items()})
    return {output.name: result for output, result in zip(session.get_outputs(), results, strict=True)}
