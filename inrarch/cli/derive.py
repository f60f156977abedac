"""`inrarch derive`: the derivatives of an ONNX model as another ONNX model."""

from __future__ import annotations

import argparse
from pathlib import Path

from inrarch.cli.command import Command


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("model", type=Path, help="ONNX file: coordinates in, fields out; opset 13 or newer")
    parser.add_argument(
        "--wrt",
        type=_names,
        metavar="INPUT,…",
        help="inputs to differentiate by; the entries of their last axis are the coordinates (default: the only input)",
    )
    parser.add_argument("--order", type=int, metavar="N", help="all partial derivatives up to this order")
    parser.add_argument("--outputs", type=_names, metavar="NAME,…", help="or just these: y,y_d0,y_d01")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to write the result")
    parser.add_argument(
        "--step", type=float, default=1.0, metavar="H", help="order k comes out multiplied by H^k (default 1)"
    )
    parser.add_argument("--method", default="auto", help="auto or taylor (default auto)")
    parser.add_argument("--no-optimize", action="store_true", help="write the graph as it was expanded")
    parser.add_argument(
        "--max-coefficients",
        type=int,
        default=1000,
        metavar="N",
        help="refuse a request that needs more Taylor coefficients per value (default 1000)",
    )


def run(namespace: argparse.Namespace) -> int:
    """Derive, write, and print what it costs."""
    from inrarch.derivatives.api import derive_graph
    from inrarch.graph.count import count
    from inrarch.graph.load import load_model
    from inrarch.graph.save import save_model

    derivative = derive_graph(
        load_model(namespace.model),
        namespace.wrt,
        namespace.order,
        namespace.outputs,
        namespace.step,
        namespace.method,
        optimize=not namespace.no_optimize,
        max_coefficients=namespace.max_coefficients,
        place=str(namespace.model),
    )
    save_model(derivative, namespace.output)
    outputs = [value.name for value in derivative.graph.outputs]
    print(f"{namespace.output}: {len(outputs)} outputs ({', '.join(outputs[:8])}{', …' if len(outputs) > 8 else ''})")
    print(count(derivative).summary())
    return 0


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


COMMAND = Command(
    name="derive",
    summary="write the derivatives of an ONNX model, to any order, as an ONNX model",
    configure=configure,
    run=run,
)
