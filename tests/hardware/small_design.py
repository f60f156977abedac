"""A hand-made design: one hidden layer, value and first derivative, with its network; nothing here comes from `map`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir
from onnx import TensorProto, helper, numpy_helper

from inrarch.graph.load import load_model
from inrarch.hardware.design import Design
from inrarch.hardware.generate import generate_design
from inrarch.hardware.layout import parse_layout
from inrarch.hardware.vectors import write_vectors
from inrarch.numeric.choose import Widths
from inrarch.numeric.formats import Formats
from inrarch.numeric.quantize import quantize
from inrarch.numeric.samples import box_samples

HIDDEN = 8
ROWS = 16


def model(prefix: str = "") -> ir.Model:
    """y = sin(x W0 + b0) W1 + b1 and dy/dx0, written as the Taylor rules give it. prefix: in front of inner names."""
    random = np.random.default_rng(3)
    weights = {
        "w0": random.normal(0, 3, (2, HIDDEN)),
        "b0": random.normal(0, 1, HIDDEN),
        "w1": random.normal(0, 0.3, (HIDDEN, 1)),
        "b1": random.normal(0, 1, 1),
    }
    weights["seed"] = weights["w0"][:1]

    def name(text: str) -> str:
        return text if text in ("x", "y", "y_d0") else prefix + text

    def node(operator: str, inputs: list[str], output: str) -> Any:
        return helper.make_node(operator, [name(i) for i in inputs], [name(output)], name=f"{prefix}n_{output}")

    graph = helper.make_graph(
        [
            node("Gemm", ["x", "w0", "b0"], "z"),
            node("Sin", ["z"], "s"),
            node("Cos", ["z"], "c"),
            node("Mul", ["c", "seed"], "ds"),
            node("Gemm", ["s", "w1", "b1"], "y"),
            node("MatMul", ["ds", "w1"], "y_d0"),
        ],
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", 2])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["rows", 1]) for output in ("y", "y_d0")],
        [numpy_helper.from_array(array.astype(np.float32), name(key)) for key, array in weights.items()],
    )
    return load_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8))


def network(prefix: str = "", bits: int = 24) -> dict[str, Any]:
    """Processes and streams of `model`, annotated as `map` does; no schedules, because generation ignores them."""

    def name(text: str) -> str:
        return text if text in ("x", "y", "y_d0") else prefix + text

    def stream(source: str, target: str, features: int, lanes: int, fields: list[str]) -> dict[str, Any]:
        return {
            "name": f"{prefix}s_{source}__{target}",
            "bits": bits * lanes * len(fields),
            "from": prefix + source,
            "to": prefix + target,
            "features": features,
            "lanes": lanes,
            "fields": [name(field) for field in fields],
        }

    def process(title: str, kernel: str, **parameters: Any) -> dict[str, Any]:
        return {"name": prefix + title, "schedule": [], "kernel": kernel, "parameters": parameters}

    return {
        "rows": ROWS,
        "streams": [
            stream("in", "first", 2, 1, ["x"]),
            stream("first", "sine", HIDDEN, 2, ["z"]),
            stream("sine", "last", HIDDEN, 2, ["s", "ds"]),
            stream("last", "out", 1, 1, ["y", "y_d0"]),
        ],
        "processes": [
            process("in", "source", port="x", features=2, fields=["x"], lanes=1),
            process(
                "first", "matmul", weight=name("w0"), inputs=["x"], outputs=[name("z")], biases=[name("b0")],
                K=2, M=HIDDEN, C=1, T=4, lanes_in=2, lanes_out=2,
                lanes_coefficients=1, stream_lanes_in=1, stream_lanes_out=2,
            ),
            process(
                "sine", "pointwise", nodes=[f"{prefix}n_{n}" for n in ("s", "c", "ds")], features=HIDDEN, lanes=2,
                inputs=[{"stream": f"{prefix}s_first__sine", "fields": [name("z")]}],
                output_fields=[name("s"), name("ds")], latency=12, interval=2, multipliers=20,
            ),
            process(
                "last", "matmul", weight=name("w1"), inputs=[name("s"), name("ds")], outputs=["y", "y_d0"],
                biases=[name("b1"), None], K=HIDDEN, M=1, C=2, T=4, lanes_in=4, lanes_out=1,
                lanes_coefficients=1, stream_lanes_in=2, stream_lanes_out=1,
            ),
            process("out", "sink", port="last", features=1, fields=["y", "y_d0"], outputs=["y", "y_d0"], lanes=1),
        ],
    }  # fmt: skip


def number_formats(graph: ir.Model) -> Formats:
    """24-bit data, 18-bit weights."""
    samples = box_samples((-1.0,), (1.0,), 2, 256, 0, corners=True)
    return quantize(graph, Widths(24, 18, 2), samples, samples)


def write_design(folder: Path, prefix: str = "", depth: int = 2, part: str | None = "xcu50-fsvh2104-2-e") -> Design:
    """Generate all files and 40 rows of test vectors (not a multiple of ROWS) into `folder`."""
    graph = model(prefix)
    formats = number_formats(graph)
    layout = parse_layout(network(prefix))
    depths = {stream.name: depth for stream in layout.streams}
    design = generate_design(graph, formats, layout, depths, folder, part=part, clock_period_ns=1000 / 300)
    write_vectors(graph, formats, design, box_samples((-1.0,), (1.0,), 2, 40, 7, corners=False), folder / "data")
    return design
