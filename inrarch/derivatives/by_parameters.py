"""What can be asked by parameters or along vectors, of a model or of its derivatives by coordinates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import onnx_ir as ir

from inrarch.derivatives.batch import free_batch
from inrarch.derivatives.columns import check_columns, with_columns
from inrarch.derivatives.cost import check_cost, check_factor
from inrarch.derivatives.lower import lower
from inrarch.derivatives.parameters import gradient, hessian, hessian_vector_product, jacobian
from inrarch.derivatives.plan import Costed, Plan, Way, costs_of, make_plan
from inrarch.derivatives.products import jacobian_vector_product, vector_jacobian_product
from inrarch.derivatives.request import MAX_COEFFICIENTS, Asked, listed_names, make_request
from inrarch.derivatives.rows import check_rows_are_independent
from inrarch.derivatives.transform import chosen_operands, chosen_outputs, with_parameters
from inrarch.errors import UserError, did_you_mean
from inrarch.graph.shapes import dims_of

KINDS = ("gradient", "hessian", "hvp", "jacobian", "vjp", "jvp")
"""`jvp2`, `jvp3`, … are derivatives along the direction up to that order."""


def plan_by_parameters(
    model: ir.Model,
    by: str | None,
    parameters: str | Sequence[str] | None,
    asked: Asked,
    simplify: Callable[[ir.Model], ir.Model],
    place: str | None,
) -> Plan:
    """The derivatives `by` parameters (initializers or inputs) of what `asked` says: of outputs, or of derivatives.

    parameters: None for the inputs in `wrt`, or for all inputs. Without derivatives by coordinates in `asked`, its
    outputs are outputs of the model; all when none are listed. simplify: applied to the result.
    Raises UserError for what does not exist or cannot be served.
    """
    kind = by or "gradient"
    _check_kind(kind)
    given = parameters or asked.get("wrt") or [value.name for value in model.graph.inputs]
    names = [given] if isinstance(given, str) else list(given)
    operands = chosen_operands(model, names, place)
    asked_outputs = listed_names(asked.get("outputs"), "outputs", "names like 'y_d0'", place)
    asked = {**asked, "outputs": asked_outputs}
    ways: tuple[Costed, ...] = ()
    if _asks_for_coordinates(model, asked) or (parameters and asked.get("wrt")):
        request = make_request(model, place=place, **asked)
        check_rows_are_independent(model, request.wrt, place)
        plan = make_plan(
            lower(with_columns(free_batch(model, request.wrt), request.columns, names)),
            request,
            lambda graph: graph,
            place,
        )
        inner, ways = with_parameters(plan.graph, operands), plan.ways
        outputs = [value.name for value in inner.graph.outputs]
    else:
        _check_without_coordinates(asked)
        outputs = asked_outputs or [value.name for value in model.graph.outputs]
        chosen_outputs(model, outputs, place)
        columns = dict(asked.get("columns") or {})
        check_columns(model.graph, columns, place)
        inner = with_columns(_with_free_batch(model, names if parameters else ()), columns, names)
        inner = with_parameters(inner, operands)
    limit = asked.get("max_coefficients", MAX_COEFFICIENTS)
    graph = simplify(_differentiated(inner, kind, outputs, names, limit, place))
    remark = f"the whole; inside it: {ways[0].way.title}" if ways else "the only way"
    title = _TITLES[kind.rstrip("0123456789")]
    whole = costs_of(Way(title, "", None), graph, remark, chosen=True)
    return Plan(graph, (whole, *(replace(each, chosen=False) for each in ways)))


_TITLES = {
    "gradient": "Reverse sweeps",
    "hessian": "Taylor expansion of reverse sweeps",
    "hvp": "Taylor expansion of reverse sweeps",
    "jacobian": "Taylor expansion",
    "vjp": "Reverse sweep",
    "jvp": "Taylor expansion",
}


def _differentiated(
    model: ir.Model, by: str, outputs: Sequence[str], parameters: Sequence[str], limit: int, place: str | None
) -> ir.Model:
    match by:
        case "gradient":
            return gradient(model, outputs, parameters, place=place)
        case "hessian":
            return hessian(model, outputs, parameters, max_coefficients=limit, place=place)
        case "hvp":
            return hessian_vector_product(model, outputs, parameters, place=place)
        case "jacobian":
            return jacobian(model, outputs, parameters, max_coefficients=limit, place=place)
        case "vjp":
            return vector_jacobian_product(model, outputs, parameters, place=place)
    order = int(by.removeprefix("jvp") or 1)
    check_cost(model, 1, order, limit)
    check_factor(model.graph, order)
    return jacobian_vector_product(model, outputs, parameters, order, place=place)


def _check_kind(by: str) -> None:
    if by not in KINDS and not re.fullmatch(r"jvp[1-9][0-9]*", by):
        raise UserError(
            f"unknown derivative {by!r}", expected=f"{', '.join(KINDS)}, jvp2, …", hint=did_you_mean(by, KINDS)
        )


def _asks_for_coordinates(model: ir.Model, asked: Asked) -> bool:
    values = {value.name for value in model.graph.outputs}
    named = any(name not in values for name in asked.get("outputs") or ())
    return asked.get("order") is not None or bool(asked.get("terms")) or named


def _check_without_coordinates(asked: Asked) -> None:
    """Refuse what would change derivatives by coordinates only."""
    defaults: Asked = {"step": 1.0, "coordinates": None, "direction": None, "method": "auto"}
    for name, default in defaults.items():
        given = asked.get(name, default)
        if given != default:
            raise UserError(
                f"{name} is {given!r}, but no derivatives by coordinates are asked for",
                expected=f"no {name}, or an order or outputs like 'y_d0'",
            )


def _with_free_batch(model: ir.Model, parameters: Sequence[str]) -> ir.Model:
    """As `free_batch`, by all inputs that have rows."""
    inputs = [value for value in model.graph.inputs if value.name not in parameters]
    rows = [value.name for value in inputs if len(dims_of(value) or ()) > 1]
    return free_batch(model, rows) if rows else model
