"""`inrarch.derive`: from an ONNX model to the ONNX model of its derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack

import onnx
import onnx_ir as ir

from inrarch.derivatives.batch import free_batch
from inrarch.derivatives.by_parameters import plan_by_parameters
from inrarch.derivatives.columns import Columns, with_columns
from inrarch.derivatives.lower import lower
from inrarch.derivatives.plan import Plan, make_plan
from inrarch.derivatives.request import MAX_COEFFICIENTS, Asked, make_request
from inrarch.derivatives.rows import check_rows_are_independent
from inrarch.derivatives.terms import Terms
from inrarch.graph.collector import paused_collector
from inrarch.graph.load import load_model
from inrarch.graph.passes import pipeline
from inrarch.graph.save import to_proto
from inrarch.graph.stack import stack_products


@paused_collector()
def derive(
    model: str | Path | onnx.ModelProto | ir.Model,
    wrt: str | Sequence[str] | None = None,
    order: int | None = None,
    outputs: str | Sequence[str] | None = None,
    step: float = 1.0,
    method: str = "auto",
    *,
    terms: Mapping[str, Terms] | None = None,
    coordinates: Sequence[int] | None = None,
    columns: Columns | None = None,
    direction: Sequence[float] | None = None,
    parameters: str | Sequence[str] | None = None,
    by: str | None = None,
    optimize: bool = True,
    stack: bool = False,
    max_coefficients: int = MAX_COEFFICIENTS,
) -> onnx.ModelProto:
    """A model that computes derivatives of a model's outputs, exactly (no finite differences).

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
        Or just these, by name: the value `y`, a partial derivative `y_d01`, an operator `y_laplacian`; the name of an
        operator alone stands for all outputs of the model. For y of shape [rows, m] and d coordinates: `laplacian`,
        `biharmonic`, `directional`, `directional2` … [rows, m]; `gradient` (m = 1) [rows, d]; `jacobian`
        [rows, m, d]; `hessian` [rows, m, d, d]; `divergence` (m = d) [rows, 1]; `curl` (m = d) [rows, 3], or [rows, 1]
        for two coordinates; of level sets (m = 1), `normal` [rows, d], `mean_curvature` (d > 1) and
        `gaussian_curvature` (d = 3) [rows, 1].
    step:
        Length of a unit of each coordinate: order k comes out multiplied by step**k.
    method:
        `taylor` (forward Taylor expansion), `reverse` (reverse sweeps: first derivatives), `mixed` (Taylor expansion of
        reverse sweeps, or the opposite), or `auto`: the one that costs least.
    terms:
        More operators: combinations of partial derivatives, by name. ``{"heat": {"d0": 1, "d11": -0.5}}`` is asked for
        as `heat` or `y_heat`, and gives `y_heat`; without `outputs` all of them are. The key "" is the value.
    coordinates:
        Which coordinates `order` and the named operators take, by number; all by default.
    columns:
        Which columns (entries of the last axis) of an output are wanted, by its name: ``{"y": [0]}``; all by default.
    direction:
        The vector of `directional`, one number for each of these coordinates.
    parameters:
        Initializers (or inputs) by which to differentiate as a whole. What is differentiated are the derivatives by
        coordinates that are asked for, or else the outputs of the model (those in `outputs`, or all).
    by:
        `gradient` (the default with `parameters`), `hessian`, `hvp` (Hessian-vector product), `jacobian` (rows apart),
        `vjp` (vector-Jacobian product), `jvp`, `jvp2`, … (derivatives along a direction). Vectors are new inputs of the
        result. Without `parameters`, by the inputs in `wrt`.
    optimize:
        Simplify the graph (`inrarch.graph.passes`).
    stack:
        One matrix product per layer instead of one per coefficient (`inrarch.graph.stack`): faster in software for few
        rows, slower for many; the form is not for hardware.
    max_coefficients:
        Refuse what needs more Taylor coefficients per value than this.

    Raises `inrarch.errors.UserError` for a model or request that cannot be served.
    """
    place = str(model) if isinstance(model, str | Path) else None
    derivative = derive_graph(
        load_model(model),
        optimize=optimize,
        place=place,
        wrt=wrt,
        order=order,
        outputs=outputs,
        step=step,
        method=method,
        terms=terms,
        coordinates=coordinates,
        columns=columns,
        direction=direction,
        parameters=parameters,
        by=by,
        max_coefficients=max_coefficients,
    )
    return to_proto(stack_products(derivative) if stack else derivative)


def derive_graph(
    model: ir.Model,
    *,
    optimize: bool = True,
    place: str | None = None,
    parameters: str | Sequence[str] | None = None,
    by: str | None = None,
    **asked: Unpack[Asked],
) -> ir.Model:
    """As `derive`, from a loaded model to a graph; `place` is the model's name in messages."""
    return derive_plan(model, optimize=optimize, place=place, parameters=parameters, by=by, **asked).graph


@paused_collector()
def derive_plan(
    model: ir.Model,
    *,
    optimize: bool = True,
    place: str | None = None,
    parameters: str | Sequence[str] | None = None,
    by: str | None = None,
    thorough: bool = False,
    **asked: Unpack[Asked],
) -> Plan:
    """As `derive_graph`, with what other ways to the same derivatives would cost; thorough: all of them."""

    def simplify(graph: ir.Model) -> ir.Model:
        return pipeline.optimize(graph)[0] if optimize else graph

    if parameters or by:
        return plan_by_parameters(model, by, parameters, asked, simplify, place)
    request = make_request(model, place=place, **asked)
    check_rows_are_independent(model, request.wrt, place)
    prepared = pipeline.prepare(lower(with_columns(free_batch(model, request.wrt), request.columns)))
    return make_plan(prepared, request, simplify, place, thorough=thorough)
