"""Graphs with number formats that need no calibration, for tests of the mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
from onnx import helper

from inrarch import derive
from inrarch.boards import load_board
from inrarch.config.model import Constraints, Lanes
from inrarch.dataflow.kernels.matmul import Matmul
from inrarch.dataflow.mapping import map_network
from inrarch.dataflow.menu import Menu
from inrarch.dataflow.parallelism import Parallelism
from inrarch.dataflow.resources import KINDS, Cost
from inrarch.dataflow.search import least_design
from inrarch.dataflow.target import target_of
from inrarch.dataflow.throughput import design_at
from inrarch.dataflow.units import Facts, Units
from inrarch.graph.load import load_model
from inrarch.numeric.formats import Format, Formats, TensorFormat
from tests.models import build_model

ENDLESS = Cost(**dict.fromkeys(KINDS, 1 << 40))
FREE = Constraints(dsp=0.8, bram=0.8, uram=0.8, lut=0.8, ff=0.8, dsp_count=None)


def matmuls(units: Units) -> list[Matmul]:
    """The matmul units of a network, in order."""
    return [unit for unit in units.units if isinstance(unit, Matmul)]


def plain_formats(model: ir.Model, data_bits: int = 24, weight_bits: int = 18) -> Formats:
    """Every tensor with 16 places behind the binary point, whatever its values."""
    tensors, accumulators = {}, {}
    for name in model.graph.initializers:
        tensors[name] = TensorFormat("constant", Format(data_bits, 16), 1.0)
    for value in model.graph.inputs:
        tensors[str(value.name)] = TensorFormat("data", Format(data_bits, 16), 1.0)
    for node in model.graph:
        for value in node.outputs:
            tensors[str(value.name)] = TensorFormat("data", Format(data_bits, 16), 1.0)
        if node.op_type in ("MatMul", "Gemm", "ReduceSum"):
            accumulators[str(node.name)] = data_bits + weight_bits + 6
        if node.op_type in ("MatMul", "Gemm"):
            tensors[str(node.inputs[1].name)] = TensorFormat("weight", Format(weight_bits, 16), 1.0)
    return Formats("fixed", data_bits, weight_bits, 2, tensors, {}, accumulators)


def plain_facts(model: ir.Model, rows: int = 8, data_bits: int = 24) -> Facts:
    """What units of this model may look at, on multipliers of 27 x 18 bits."""
    nodes = {str(node.name): node for node in model.graph}
    return Facts(nodes, model.graph.initializers, plain_formats(model, data_bits), target_of(load_board("u50")), rows)


def at_row_time(
    units: Units, facts: Facts, cycles: int, pinned: Mapping[str, Lanes] | None = None
) -> Parallelism | None:
    """The cheapest parallelism that takes at most `cycles` per row, whatever the board."""
    menu = Menu(units, facts, pinned or {})
    design = design_at(menu, cycles, ENDLESS)
    return None if design is None else menu.parallelism(design.widths, design.chosen)


def slowest(units: Units, facts: Facts) -> Parallelism:
    """The least parallelism."""
    menu = Menu(units, facts, {})
    design = least_design(menu)
    return menu.parallelism(design.widths, design.chosen)


def mapped(
    model: onnx.ModelProto,
    *,
    order: int = 0,
    board: str = "u50",
    constraints: Constraints = FREE,
    rows: int = 8,
    pinned: Mapping[str, Lanes] | None = None,
    data_bits: int = 24,
    sparse: str = "auto",
    objective: str = "throughput",
) -> dict[str, Any]:
    """The network of a model, or of its derivatives where `order` is not 0."""
    graph = load_model(derive(model, order=order, method="taylor") if order else model)
    formats = plain_formats(graph, data_bits)
    return map_network(
        graph, formats, load_board(board), constraints, rows, pinned or {}, sparse=sparse, objective=objective
    )


def process(network: Mapping[str, Any], name: str) -> dict[str, Any]:
    """One process of a network."""
    found: dict[str, Any] = next(each for each in network["processes"] if each["name"] == name)
    return found


def links(network: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(writer, reader) of every stream."""
    return {(each["from"], each["to"]) for each in network["streams"]}


def node(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> onnx.NodeProto:
    """A node named after its output."""
    return helper.make_node(operator, list(inputs), [output], name=f"n_{output}", **attributes)


def skip_network(width: int = 12) -> onnx.ModelProto:
    """y = (tanh(h + sin(h W1)) W2, with h = sin(x W0): a residual block."""
    random = np.random.default_rng(5)
    return build_model(
        [
            node("MatMul", ["x", "w0"], "z0"),
            node("Sin", ["z0"], "h"),
            node("MatMul", ["h", "w1"], "z1"),
            node("Sin", ["z1"], "s"),
            node("Add", ["h", "s"], "sum"),
            node("Tanh", ["sum"], "t"),
            node("MatMul", ["t", "w2"], "y"),
        ],
        {"x": ["N", 2]},
        {"y": ["N", 3]},
        {
            "w0": random.normal(size=(2, width)),
            "w1": random.normal(size=(width, width)),
            "w2": random.normal(size=(width, 3)),
        },
    )


def branches() -> onnx.ModelProto:
    """y = sin(x W0) * tanh(x W1): two units that read one source, and a product that joins them."""
    random = np.random.default_rng(6)
    return build_model(
        [
            node("MatMul", ["x", "w0"], "a"),
            node("MatMul", ["x", "w1"], "b"),
            node("Sin", ["a"], "s"),
            node("Tanh", ["b"], "t"),
            node("Mul", ["s", "t"], "y"),
        ],
        {"x": ["N", 3]},
        {"y": ["N", 8]},
        {"w0": random.normal(size=(3, 8)), "w1": random.normal(size=(3, 8))},
    )
