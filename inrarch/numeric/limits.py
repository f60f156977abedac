"""The largest error that each output may have."""

from __future__ import annotations

from collections.abc import Mapping

import onnx_ir as ir

from inrarch.derivatives.recorded import output_orders
from inrarch.errors import UserError, did_you_mean
from inrarch.numeric.formats import Formats

_PLACE = "constraints.max_error"


def error_limits(model: ir.Model, asked: float | Mapping[str, float] | None, tolerance: float) -> dict[str, float]:
    """Largest relative error by output, in the order of the graph.

    asked: one number for all outputs, or numbers by name of an output and by order (`"1"`); an output's own number
    counts before its order's. tolerance: for outputs without a number. UserError for a key that is neither.
    """
    orders = output_orders(model)
    if asked is None or isinstance(asked, float | int):
        return dict.fromkeys(orders, tolerance if asked is None else float(asked))
    known = {str(order) for order in orders.values()}
    for key in asked:
        if key not in orders and key not in known:
            raise UserError(
                f"there is no output and no order {key!r}",
                place=_PLACE,
                expected=f"orders ({', '.join(sorted(known, key=int))}) or outputs ({', '.join(orders)})",
                hint=did_you_mean(key, orders),
            )
    return {name: asked.get(name, asked.get(str(order), tolerance)) for name, order in orders.items()}


def worst_excess(formats: Formats, limits: Mapping[str, float]) -> tuple[str, float]:
    """The output whose measured error is largest against its limit, and that ratio; above 1 the limit is missed."""
    ratios = {name: formats.errors[name].max_rel / limit for name, limit in limits.items()}
    worst = max(ratios, key=lambda name: ratios[name])
    return worst, ratios[worst]
