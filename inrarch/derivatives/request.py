"""What is asked of an expansion, checked against the model: coordinates, partial derivatives, step."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from inrarch.derivatives.cost import check_cost, check_order
from inrarch.derivatives.indices import Index, closed_below, index_factorial, rising, suffix, tower
from inrarch.errors import UserError, did_you_mean
from inrarch.graph.shapes import dims_of

MAX_COEFFICIENTS = 1000
METHODS = ("auto", "taylor")
_FLOATS = (ir.DataType.FLOAT, ir.DataType.DOUBLE)


@dataclass(frozen=True, slots=True)
class Target:
    """One output: the model's output `value`, differentiated by `index`, under a `name`."""

    value: str
    index: Index
    name: str


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request.

    wrt: inputs whose last axis lists coordinates; coordinates are numbered through in this order. sizes: how many each
    has. targets: outputs in rising order. indices: the multi-indices of order >= 1 to carry, downward closed, in rising
    order. step: the seed; order k comes out multiplied by step**k.
    """

    wrt: tuple[str, ...]
    sizes: tuple[int, ...]
    targets: tuple[Target, ...]
    indices: tuple[Index, ...]
    step: float

    @property
    def coordinates(self) -> int:
        """Number of coordinates over all of `wrt`."""
        return sum(self.sizes)


def make_request(
    model: ir.Model,
    *,
    wrt: str | Sequence[str] | None = None,
    order: int | None = None,
    outputs: Sequence[str] | None = None,
    step: float = 1.0,
    method: str = "auto",
    max_coefficients: int = MAX_COEFFICIENTS,
    place: str | None = None,
) -> Request:
    """Check a request against a loaded model.

    All partial derivatives up to `order`, or those that `outputs` names (`y`, `y_d0`, `y_d01`). `place` is the model's
    name in messages. Raises UserError for names that do not exist, orders below 1, and towers beyond
    `max_coefficients`.
    """
    if method not in METHODS:
        raise UserError(f"unknown method {method!r}", expected=" or ".join(METHODS), hint=did_you_mean(method, METHODS))
    if not isinstance(step, int | float) or isinstance(step, bool) or not math.isfinite(step) or step == 0:
        raise UserError(f"step is {step!r}", expected="a finite number other than 0")
    names = _chosen_inputs(model.graph, wrt, place)
    sizes = tuple(_coordinates_of(model.graph, name, place) for name in names)
    _check_outputs(model.graph, place)
    count = sum(sizes)
    if order is not None:
        check_order(order)
    if outputs:
        wanted = _named_targets(model.graph, list(outputs), count, order, place)
        if not any(index for _, index in wanted):
            raise UserError("none of the outputs asked for is a derivative", expected="a name like 'y_d0' among them")
        check_cost(model, count, [index for _, index in wanted], max_coefficients)
    elif order is None:
        raise UserError("neither an order nor outputs were asked for", expected="order=2, or outputs=['y_d00']")
    else:
        check_cost(model, count, order, max_coefficients)
        wanted = [(value.name, index) for value in model.graph.outputs for index in tower(count, order)]
    indices = closed_below(index for _, index in wanted)
    _check_factorials(model.graph, indices)
    targets = tuple(Target(value, index, value + suffix(index, count)) for value, index in wanted)
    _check_names(model.graph, targets, place)
    return Request(tuple(names), sizes, targets, indices[1:], float(step))


def _chosen_inputs(graph: ir.Graph, wrt: str | Sequence[str] | None, place: str | None) -> list[str]:
    names = [value.name for value in graph.inputs]
    listed = ", ".join(map(repr, names)) or "none"
    chosen = [wrt] if isinstance(wrt, str) else list(wrt or ())
    if not chosen:
        if len(names) != 1:
            raise UserError(f"the model has {len(names)} inputs ({listed})", place=place, expected="wrt to choose")
        return names
    for position, name in enumerate(chosen):
        if name in graph.initializers:
            raise UserError(
                f"wrt {name!r} is a parameter of the model",
                place=place,
                expected=f"an input ({listed})",
                hint="derivatives by parameters are not supported yet",
            )
        if name not in names:
            raise UserError(
                f"wrt {name!r} is not an input of the model",
                place=place,
                expected=f"one of {listed}",
                hint=did_you_mean(name, names),
            )
        if name in chosen[:position]:
            raise UserError(f"wrt lists {name!r} twice", place=place)
    return chosen


def _coordinates_of(graph: ir.Graph, name: str, place: str | None) -> int:
    value = next(value for value in graph.inputs if value.name == name)
    if value.dtype not in _FLOATS:
        raise UserError(f"wrt {name!r} has type {value.dtype}", place=place, expected="FLOAT or DOUBLE")
    dims = dims_of(value)
    size = dims[-1] if dims else None
    if not isinstance(size, int) or size < 1:
        shape = "an unknown shape" if dims is None else f"shape [{', '.join(map(str, dims))}]"
        raise UserError(f"wrt {name!r} has {shape}", place=place, expected="a last axis of known size: the coordinates")
    return size


def _check_outputs(graph: ir.Graph, place: str | None) -> None:
    for value in graph.outputs:
        if value.dtype not in _FLOATS:
            raise UserError(
                f"the output {value.name!r} has type {value.dtype}", place=place, expected="FLOAT or DOUBLE outputs"
            )


def _named_targets(
    graph: ir.Graph, outputs: list[str], coordinates: int, order: int | None, place: str | None
) -> list[tuple[str, Index]]:
    values = [value.name for value in graph.outputs]
    found = {_parse(name, values, coordinates, place) for name in outputs}
    too_high = sorted((rising(index), value) for value, index in found if order is not None and len(index) > order)
    if too_high:
        (_, index), value = too_high[0]
        raise UserError(f"output {value + suffix(index, coordinates)!r} has order {len(index)}, above order {order}")
    return sorted(found, key=lambda target: (values.index(target[0]), rising(target[1])))


def _parse(name: str, values: Iterable[str], coordinates: int, place: str | None) -> tuple[str, Index]:
    """`y_d01` as (`y`, (0, 1))."""
    for value in sorted(values, key=len, reverse=True):
        if name == value:
            return value, ()
        rest = name.removeprefix(f"{value}_d")
        pattern = r"[0-9]+(_[0-9]+)*" if coordinates > 10 else r"[0-9]+"
        if rest == name or not re.fullmatch(pattern, rest, re.ASCII):
            continue
        index = tuple(int(part) for part in (rest.split("_") if coordinates > 10 else rest))
        if max(index) >= coordinates:
            raise UserError(
                f"output {name!r} names coordinate {max(index)}",
                place=place,
                expected=f"coordinates 0 to {coordinates - 1}",
            )
        if list(index) != sorted(index):
            raise UserError(
                f"output {name!r} lists coordinates in falling order",
                place=place,
                expected=repr(value + suffix(tuple(sorted(index)), coordinates)),
            )
        return value, index
    examples = [value + suffix(index, coordinates) for value in values for index in tower(min(coordinates, 30), 2)]
    raise UserError(
        f"output {name!r} is not a derivative of an output of the model",
        place=place,
        expected=", ".join(map(repr, examples[:6])) + (", …" if len(examples) > 6 else ""),
        hint=did_you_mean(name, examples),
    )


def _check_factorials(graph: ir.Graph, indices: Sequence[Index]) -> None:
    """The factors α! must be numbers of the model's type."""
    largest = max(map(index_factorial, indices))
    for value in graph.outputs:
        if largest > int(np.finfo(value.dtype.numpy()).max):
            raise UserError(
                f"order {len(indices[-1])} needs a factor of {len(str(largest))} digits, too large for {value.dtype}",
                expected="a lower order",
            )


def _check_names(graph: ir.Graph, targets: Sequence[Target], place: str | None) -> None:
    inputs = {value.name for value in graph.inputs}
    seen: set[str] = set()
    for target in targets:
        if target.name in seen or (target.name in inputs and target.index):
            raise UserError(
                f"the name {target.name!r} of a derivative is taken already",
                place=place,
                hint="rename the model's inputs or outputs, or choose other outputs by name",
            )
        seen.add(target.name)
