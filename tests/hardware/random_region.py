"""Random elementwise graphs as designs: a source per input, one pointwise unit, a fork, two sinks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
from onnx import TensorProto, helper, numpy_helper

from inrarch.graph.load import load_model

ROWS = 8
SMOOTH = ("Sin", "Cos", "Tanh", "Sigmoid", "Exp", "Softplus", "Erf", "Atan", "Asinh", "Sinh", "Cosh")
NARROW = ("Exp", "Sinh", "Cosh")
"""Of a sine times 3, so that what follows does not explode."""
INSIDE = ("Asin", "Atanh")
"""Of a sine times 0.9."""
POSITIVE = ("Acosh", "Reciprocal", "Sqrt", "Log", "Pow")
"""Of a square plus 1.25."""
UNARY = ("Neg", "Abs", "Relu", "Floor", "Round", "Identity", *SMOOTH, *INSIDE, *POSITIVE)
BINARY = ("Add", "Sub", "Mul")
LOGIC = ("And", "Or", "Xor", "Not")
CONSTANTS = ("scalar", "half", "per feature", "row")
EXPONENTS = (-0.5, 0.5, 2.75, -1.5)


def random_model(seed: int, features: int, inputs: int) -> ir.Model:
    """Every operator at least once, on inputs, scalars, constants per feature and results; each result is an output."""
    draw = random.Random(seed)
    constants = {
        "scalar": np.float32(draw.uniform(-2, 2)),
        "half": np.float32(0.5),
        "most": np.float32(0.9),
        "wide": np.float32(3),
        "more": np.float32(1.25),
        **{f"exponent {exponent}": np.float32(exponent) for exponent in EXPONENTS},
        "per feature": np.linspace(-1.5, 1.5, features, dtype=np.float32),
        "row": np.linspace(2, -1, features, dtype=np.float32)[None],
        "mask": np.arange(features) % 2 == 0,
    }
    values = [f"x{n}" for n in range(inputs)]
    nodes: list[onnx.NodeProto] = []

    def add(operator: str, arguments: list[str], result: str) -> str:
        nodes.append(helper.make_node(operator, arguments, [result], name=f"n {result}"))
        return result

    def condition(result: str, operator: str) -> str:
        """One or two comparisons and the logic between them."""
        kinds = [draw.choice(("Greater", "Equal")), "Greater"][: 1 if operator == "Not" else 2]
        compared = [
            add(kind, [draw.choice(values), draw.choice([*values[-6:], *CONSTANTS])], f"{result} {kind} {side}")
            for side, kind in enumerate(kinds)
        ]
        return add(operator, compared, f"{result} truth")

    conditions = iter([*LOGIC, "mask", *draw.choices([*LOGIC, "mask"], k=20)])
    operators = [*UNARY, *BINARY, "Where", *draw.choices([*UNARY, *BINARY, "Where"], k=8), *["Where"] * 5]
    draw.shuffle(operators)
    for number, operator in enumerate(operators):
        result = f"{operator} {number}"
        recent = values[-6:]
        if operator == "Where":
            logic = next(conditions)
            truth = logic if logic == "mask" else condition(result, logic)
            arguments = [truth, draw.choice(recent), draw.choice([*recent, *CONSTANTS])]
        elif operator in BINARY:
            arguments = [draw.choice(recent), draw.choice([*values, *CONSTANTS])]
            draw.shuffle(arguments)
        else:
            arguments = [draw.choice(recent)]
        if operator in INSIDE or operator in NARROW:
            sine = add("Sin", arguments, f"{result} sine")
            arguments = [add("Mul", [sine, "most" if operator in INSIDE else "wide"], f"{result} inside")]
        if operator in POSITIVE:
            square = add("Mul", arguments * 2, f"{result} square")
            arguments = [add("Add", [square, "more"], f"{result} positive")]
        if operator == "Pow":
            arguments.append(f"exponent {draw.choice(EXPONENTS)}")
        values.append(add(operator, arguments, result))
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
