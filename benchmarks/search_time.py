"""How long the choice of a parallelism takes for networks of about a hundred units, and how near it is to its bound.

    python -m benchmarks.search_time

Processor time of one core. Layers of equal widths, of five widths, and of any widths from 20 to 128; U50, 64 rows.
"""

from __future__ import annotations

import itertools
import random
import time

import numpy as np
import onnx_ir as ir
from onnx import TensorProto, helper, numpy_helper

from inrarch.boards import load_board
from inrarch.config.model import Constraints
from inrarch.dataflow.budget import limits_of
from inrarch.dataflow.goals import OBJECTIVES
from inrarch.dataflow.partition import partition
from inrarch.dataflow.search import search
from inrarch.dataflow.target import target_of
from inrarch.dataflow.units import Facts
from inrarch.graph.load import load_model
from inrarch.numeric.choose import Widths
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples

LAYERS = 49
CLOCK_MHZ = 300.0


def main() -> None:
    draw = random.Random(3)
    cases = {
        "equal": [64] * LAYERS,
        "five widths": [draw.choice((24, 48, 64, 96, 128)) for _ in range(LAYERS)],
        "any widths": [draw.randint(20, 128) for _ in range(LAYERS)],
    }
    print("| layers | units | objective | seconds | value | bound | gap |\n|---|---|---|---|---|---|---|")
    for name, widths in cases.items():
        for objective in OBJECTIVES:
            print(f"| {name} | {measured([2, *widths, 3], objective)} |", flush=True)


def measured(sizes: list[int], objective: str) -> str:
    """The other cells of a line of the table."""
    model, board = network(sizes), load_board("u50")
    samples = box_samples((-1.0,), (1.0,), 2, 64, 0, corners=False)
    formats = quantize(model, Widths(24, 18, 2), samples, samples)
    units = partition(model)
    nodes = {str(node.name): node for node in model.graph}
    facts = Facts(nodes, model.graph.initializers, formats, target_of(board), 64)
    latency = 2000.0 if objective == "area" else None
    limits = limits_of(board, Constraints(0.8, 1.0, 1.0, 1.0, 1.0, None, latency_us=latency), CLOCK_MHZ)
    begin = time.process_time()
    found = search(units, facts, {}, limits, objective, CLOCK_MHZ)
    seconds = time.process_time() - begin
    assert found is not None
    numbers = f"{found.value:.5g} | {found.bound:.5g} {found.unit} | {found.gap:.1%}"
    return f"{len(units.units)} | {objective} | {seconds:.2f} | {numbers}"


def network(sizes: list[int]) -> ir.Model:
    """Layers of a matrix product and a sine, the last one without."""
    random_numbers = np.random.default_rng(0)
    nodes, weights, value = [], [], "x"
    for index, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        last = index == len(sizes) - 2
        weight = random_numbers.normal(0, inputs**-0.5, (inputs, outputs)).astype(np.float32)
        weights.append(numpy_helper.from_array(weight, f"w{index}"))
        product = "y" if last else f"z{index}"
        nodes.append(helper.make_node("MatMul", [value, f"w{index}"], [product], name=f"layer_{index}"))
        if not last:
            value = f"h{index}"
            nodes.append(helper.make_node("Sin", [product], [value], name=f"sine_{index}"))
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", size])
        for name, size in (("x", sizes[0]), ("y", sizes[-1]))
    ]
    graph = helper.make_graph(nodes, "layers", ends[:1], ends[1:], weights)
    return load_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8))


if __name__ == "__main__":
    main()
