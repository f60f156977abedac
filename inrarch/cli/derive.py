"""`inrarch derive`: the derivatives of an ONNX model as another ONNX model."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from inrarch.cli.command import Command
from inrarch.errors import UserError


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
    parser.add_argument(
        "--outputs",
        "--operator",
        type=_names,
        action="extend",
        metavar="NAME,…",
        help="or just these: y,y_d0,y_d01; operators: gradient, jacobian, hessian, laplacian, biharmonic, divergence, "
        "curl, normal, mean_curvature, gaussian_curvature, directional, directional2, …, of one output (y_laplacian) "
        "or of all (laplacian)",
    )
    parser.add_argument(
        "--terms",
        action="append",
        default=[],
        metavar="NAME=SUM",
        help="another operator: 'heat = d0 - 0.5*d11'; a number by itself multiplies the value; asked for as heat",
    )
    parser.add_argument(
        "--coordinates", type=_numbers(int), metavar="I,…", help="those that --order and operators take (default all)"
    )
    parser.add_argument(
        "--columns",
        type=_columns,
        action="append",
        default=[],
        metavar="OUTPUT=I,…",
        help="columns of an output (entries of its last axis): y=0,2 (default all)",
    )
    parser.add_argument("--direction", type=_numbers(float), metavar="V,…", help="vector of directional, directional2")
    parser.add_argument(
        "--parameters", type=_names, metavar="NAME,…", help="weights (or inputs) to differentiate by as a whole"
    )
    parser.add_argument(
        "--by",
        metavar="KIND",
        help="gradient (default with --parameters), hessian, hvp, jacobian, vjp, jvp, jvp2, …; vectors are new inputs; "
        "without --parameters by the inputs in --wrt",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write the result")
    parser.add_argument(
        "--step", type=float, default=1.0, metavar="H", help="order k comes out multiplied by H^k (default 1)"
    )
    parser.add_argument("--method", default="auto", help="taylor, reverse, mixed, or auto: what costs least (default)")
    parser.add_argument("--explain", action="store_true", help="print the ways to the derivatives with their costs")
    parser.add_argument("--no-optimize", action="store_true", help="write the graph as it was expanded")
    parser.add_argument(
        "--stack",
        action="store_true",
        help="one matrix product per layer, not one per coefficient: for software that runs few rows at once",
    )
    parser.add_argument(
        "--max-coefficients",
        type=int,
        default=1000,
        metavar="N",
        help="refuse a request that needs more Taylor coefficients per value (default 1000)",
    )


def run(namespace: argparse.Namespace) -> int:
    """Derive, write, and print what it costs."""
    from inrarch.derivatives.api import derive_plan
    from inrarch.derivatives.plan import explained
    from inrarch.derivatives.terms import written_terms
    from inrarch.graph.count import count
    from inrarch.graph.load import load_model
    from inrarch.graph.save import save_model
    from inrarch.graph.stack import stack_products

    if namespace.output is None and not namespace.explain:
        raise UserError("there is nowhere to write the result", expected="-o FILE, or --explain for the costs alone")
    plan = derive_plan(
        load_model(namespace.model),
        optimize=not namespace.no_optimize,
        place=str(namespace.model),
        thorough=namespace.explain,
        wrt=namespace.wrt,
        order=namespace.order,
        outputs=namespace.outputs,
        terms=dict(map(written_terms, namespace.terms)),
        coordinates=namespace.coordinates,
        columns=dict(namespace.columns),
        direction=namespace.direction,
        parameters=namespace.parameters,
        by=namespace.by,
        step=namespace.step,
        method=namespace.method,
        max_coefficients=namespace.max_coefficients,
    )
    derivative = plan.graph
    if namespace.explain:
        print(explained(plan))
    if namespace.output is None:
        return 0
    counted = count(derivative).summary()
    if namespace.stack:
        derivative = stack_products(derivative)
        counted += f"; stacked into {count(derivative).matmuls} matmuls"
    save_model(derivative, namespace.output)
    outputs = [value.name for value in derivative.graph.outputs]
    number = f"{len(outputs)} output{'s' * (len(outputs) != 1)}"
    print(f"{namespace.output}: {number} ({', '.join(outputs[:8])}{', …' if len(outputs) > 8 else ''})")
    print(counted)
    return 0


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _columns(text: str) -> tuple[str, list[int]]:
    name, equals, numbers = text.rpartition("=")
    try:
        chosen = [int(each) for each in _names(numbers)]
    except ValueError:
        equals = ""
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is no output with its columns, like y=0,2")
    return name, chosen


def _numbers(kind: type[int] | type[float]) -> Callable[[str], list[int | float]]:
    def read(text: str) -> list[int | float]:
        return [kind(each) for each in _names(text)]

    read.__name__ = f"list of {'whole ' if kind is int else ''}numbers"
    return read


COMMAND = Command(
    name="derive",
    summary="write the derivatives of an ONNX model, to any order, as an ONNX model",
    configure=configure,
    run=run,
)
