"""What an expansion would cost, estimated before it is made, and its refusal above a limit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, comb, factorial, floor, log10

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.indices import Index, closed_below, number_of_parts
from inrarch.derivatives.space import Space
from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.ops import operators
from inrarch.ops.operator import Operator

NODES_PER_COEFFICIENT = 1000
"""The limit on estimated nodes is this many times the limit on coefficients: one setting for both."""

HIGHEST_ADVICE = 10**5
"""Limits above this are not proposed: the result would not be of use to any program."""

_LINEAR = frozenset(
    {"Add", "Sub", "Neg", "Identity", "Relu", "Where", "Cast", "CastLike", "Sum", "Mean", "Flatten", "Split", "Tile"}
)
"""Element-wise and composite operators that act on each coefficient by itself, as all others do."""


def check_order(order: object) -> None:
    """Raises UserError unless the order is an integer of at least 1."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise UserError(f"order is {order!r}", expected="a whole number of at least 1")


def check_cost(model: ir.Model, coordinates: int, asked: int | Sequence[Index], max_coefficients: int) -> None:
    """Refuse what needs too many coefficients or nodes; the message has the estimate.

    `asked` is the order of a full tower, or the indices asked for.
    """
    if isinstance(asked, int):
        order, products = asked, comb(asked + 2 * coordinates, 2 * coordinates)
        coefficients = comb(asked + coordinates, coordinates)
    else:
        order = max(map(len, asked))
        # the parts of one index bound the closed set from below; only a set within the limit is listed
        coefficients = max(map(number_of_parts, asked))
        if coefficients <= max_coefficients:
            closed = closed_below(asked)
            coefficients, products = len(closed), sum(map(number_of_parts, closed))
        else:
            products = coefficients**2
    _refuse_beyond(model, order, coordinates, coefficients, products, max_coefficients)


def check_factor(graph: ir.Graph, order: int, factor: int | Fraction | None = None) -> None:
    """Refuse an order whose factor (order! by default) is no number of the type of an output."""
    for value in graph.outputs:
        limit = int(np.finfo(value.dtype.numpy()).max)
        largest = factorial(order) if factor is None else factor
        if largest > limit:
            raise UserError(
                f"order {order} needs a factor of {len(str(int(largest)))} digits, too large for {value.dtype}",
                expected="a lower order",
            )


def check_step(graph: ir.Graph, step: float, order: int) -> None:
    """Refuse a step whose power, which the derivatives of this order have as a factor, is no number of their type."""
    for value in graph.outputs:
        limits = np.finfo(value.dtype.numpy())
        least, most = (log10(float(each)) / max(order, 1) for each in (limits.tiny, limits.max))
        if not least <= log10(abs(step)) <= most:
            raise UserError(
                f"step is {step:g}: derivatives of order {order} are multiplied by its power {order}, which is too "
                f"{'large' if log10(abs(step)) > most else 'small'} for {value.dtype}",
                expected=f"a magnitude from 1e{ceil(least)} to 1e{floor(most)}",
            )


def check_space(model: ir.Model, space: Space | None, order: int, coordinates: int, max_coefficients: int) -> Space:
    """As `check_cost`, for the space of a request, which is returned; None stands for too many dimensions."""
    if space is None:
        raise UserError(
            f"operators of order {order} in {coordinates} coordinates need more than {max_coefficients} Taylor "
            "coefficients",
            expected=f"at most {max_coefficients}",
            hint="ask for fewer outputs or a lower order, or raise max_coefficients (option --max-coefficients)",
        )
    products = 1 + sum(len(space.splits(index)) for index in space.indices)
    _refuse_beyond(model, order, coordinates, 1 + len(space.indices), products, max_coefficients)
    return space


def _refuse_beyond(
    model: ir.Model, order: int, coordinates: int, coefficients: int, products: int, max_coefficients: int
) -> None:
    """Refuse what is estimated to need too many coefficients or nodes."""
    primal = count(model)
    linear = sum(number for name, number in primal.operators.items() if _is_linear(operators()[name]))
    nodes = coefficients * linear + products * max(1, order // 2) * (primal.nodes - linear)
    if coefficients > max_coefficients or nodes > NODES_PER_COEFFICIENT * max_coefficients:
        needed = max(coefficients, -(-nodes // NODES_PER_COEFFICIENT))
        raise UserError(
            f"order {order} in {coordinates} coordinates needs {_short(coefficients)} Taylor coefficients, "
            f"about {_short(nodes)} nodes and {_short(coefficients * primal.macs_per_row)} MAC per row",
            expected=f"at most {max_coefficients} coefficients and {NODES_PER_COEFFICIENT * max_coefficients} nodes",
            hint="ask for fewer outputs or a lower order"
            + (
                f", or raise max_coefficients (option --max-coefficients) to {needed}"
                if needed <= HIGHEST_ADVICE
                else ""
            ),
        )


def _is_linear(operator: Operator) -> bool:
    return operator.name in _LINEAR or not (operator.elementwise or operator.decompose)


def _short(number: int) -> str:
    """An integer as it is up to a million, then with three digits and a power of ten (it may exceed a float)."""
    if number < 10**6:
        return str(number)
    digits = str(number)
    return f"{digits[0]}.{digits[1:3]}e{len(digits) - 1}"
