"""`inrarch.derive`: from an ONNX model to the ONNX model of its derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnx
import onnx_ir as ir

from inrarch.derivatives.batch import free_batch
from inrarch.derivatives.expand import expand
from inrarch.derivatives.lower import lower
from inrarch.derivatives.request import MAX_COEFFICIENTS, make_request
from inrarch.derivatives.rows import check_rows_are_independent
from inrarch.graph.load import load_model
from inrarch.graph.save import to_proto


def derive(
    model: str | Path | onnx.ModelProto | ir.Model,
    wrt: str | Sequence[str] | None = None,
    order: int | None = None,
    outputs: Sequence[str] | None = None,
    step: float = 1.0,
    method: str = "auto",
    *,
    optimize: bool = True,
    max_coefficients: int = MAX_COEFFICIENTS,
) -> onnx.ModelProto:
    """A model that computes partial derivatives of a model's outputs, exactly (no finite differences).

    Parameters
    ----------
    model:
        A file, a protobuf message, or an onnx_ir model. Its rows (all axes of `wrt` but the last) must be independent.
    wrt:
        Input or inputs to differentiate by: the entries of their last axis are the coordinates, numbered through.
        May be left out when there is one input.
    order:
        All distinct partial derivatives up to this order, the value included: `y`, `y_d0`, `y_d1`, `y_d00`, …
    outputs:
        Or just these, by name. Each has the shape of the model's output.
    step:
        Length of a unit of each coordinate: order k comes out multiplied by step**k.
    method:
        `auto` or `taylor` (forward Taylor expansion).
    optimize:
        Simplify the graph (`inrarch.graph.passes`).
    max_coefficients:
        Refuse what needs more Taylor coefficients per value than this.

    Raises `inrarch.errors.UserError` for a model or request that cannot be served.
    """
    place = str(model) if isinstance(model, str | Path) else None
    loaded = load_model(model)
    return to_proto(
        derive_graph(
            loaded,
            wrt,
            order,
            outputs,
            step,
            method,
            optimize=optimize,
            max_coefficients=max_coefficients,
            place=place,
        )
    )


def derive_graph(
    model: ir.Model,
    wrt: str | Sequence[str] | None = None,
    order: int | None = None,
    outputs: Sequence[str] | None = None,
    step: float = 1.0,
    method: str = "auto",
    *,
    optimize: bool,
    max_coefficients: int,
    place: str | None = None,
) -> ir.Model:
    """As `derive`, from a loaded model to a graph; `place` is the model's name in messages."""
    request = make_request(
        model,
        wrt=wrt,
        order=order,
        outputs=outputs,
        step=step,
        method=method,
        max_coefficients=max_coefficients,
        place=place,
    )
    check_rows_are_independent(model, request.wrt, place)
    derivative = expand(lower(free_batch(model, request.wrt)), request)
    if optimize:
        from inrarch.graph.passes.pipeline import optimize as simplify

        derivative, _ = simplify(derivative)
    return derivative
