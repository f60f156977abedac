"""Random elementwise graphs as designs: a source per input, one pointwise unit, a fork, two sinks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import onnx_ir as ir
from onnx import TensorProto, helper, numpy_helper

from inrarch.graph.load import load_model

ROWS = 8
UNARY = ("Neg", "Relu", "Sin", "Cos", "Tanh", "Sigmoid", "Exp", "Softplus", "Identity")
BINARY = ("Add", "Sub", "Mul")


def random_model(seed: int, features: int, inputs: int) -> ir.Model:
    """Every operator at least once, on inputs, scalars, constants per feature and results; each result is an output."""
    draw = random.Random(seed)
    constants = {
        "scalar": np.float32(draw.uniform(-2, 2)),
        "half": np.float32(0.5),
        "per feature": np.linspace(-1.5, 1.5, features, dtype=np.float32),
        "row": np.linspace(2, -1, features, dtype=np.float32)[None],
    }
    values = [f"x{n}" for n in range(inputs)]
    nodes = []
    operators = [*UNARY, *BINARY, "Where", *draw.choices([*UNARY, *BINARY, "Where"], k=8)]
    draw.shuffle(operators)
    for number, operator in enumerate(operators):
        result = f"{operator} {number}"
        recent = values[-6:]
        if operator == "Where":
            truth = f"{result} truth"
            left, right = draw.choice(values), draw.choice([*recent, *constants])
            nodes.append(helper.make_node("Greater", [left, right], [truth], name=truth))
            arguments = [truth, draw.choice(recent), draw.choice([*recent, *constants])]
        elif operator in BINARY:
            arguments = [draw.choice(recent), draw.choice([*values, *constants])]
            draw.shuffle(arguments)
        else:
            arguments = [draw.choice(recent)]
        nodes.append(helper.make_node(operator, arguments, [result], name=f"n {result}"))
        values.append(result)
    outputs = values[inputs:]
    graph = helper.make_graph(
        nodes,
        "random",
        [helper.make_tensor_value_info(f"x{n}", TensorProto.FLOAT, ["rows", features]) for n in range(inputs)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", features]) for name in outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    return load_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8))


def region_network(model: ir.Model, features: int, lanes: int, bits: int) -> dict[str, Any]:
    """The network of `random_model`; schedules are left out. The outputs are shared out between two sinks."""
    inputs = [str(value.name) for value in model.graph.inputs]
    outputs = [str(value.name) for value in model.graph.outputs]

    def stream(source: str, target: str, fields: list[str]) -> dict[str, Any]:
        return {
            "name": f"{source} to {target}",
            "bits": bits * lanes * len(fields),
            "from": source,
            "to": target,
            "features": features,
            "lanes": lanes,
            "fields": fields,
        }

    def process(name: str, kernel: str, **parameters: Any) -> dict[str, Any]:
        return {"name": name, "schedule": [], "kernel": kernel, "parameters": {"features": features, **parameters}}

    def sink(name: str, sent: list[str]) -> dict[str, Any]:
        return process(name, "sink", port=name, fields=outputs, outputs=sent, lanes=lanes)

    return {
        "rows": ROWS,
        "streams": [
            *(stream(f"source {name}", "region", [name]) for name in inputs),
            stream("region", "fork", outputs),
            stream("fork", "first", outputs),
            stream("fork", "second", outputs),
        ],
        "processes": [
            *(process(f"source {name}", "source", port=name, fields=[name], lanes=lanes) for name in inputs),
            process(
                "region",
                "pointwise",
                nodes=[str(node.name) for node in model.graph],
                lanes=lanes,
                inputs=[{"stream": f"source {name} to region", "fields": [name]} for name in inputs],
                output_fields=outputs,
                latency=9,
                interval=3,
                multipliers=40,
            ),
            process("fork", "fork", outputs=["fork to first", "fork to second"]),
            sink("first", outputs[::2]),
            sink("second", outputs[1::2][::-1]),
        ],
    }
