"""What is asked of a derivation, checked against the model: coordinates, operators, step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypedDict

import onnx_ir as ir

from inrarch.derivatives.columns import Columns, check_columns
from inrarch.derivatives.cost import check_cost, check_factor, check_order, check_space, check_step
from inrarch.derivatives.indices import tower
from inrarch.derivatives.operators import Field
from inrarch.derivatives.space import VALUES_ONLY, Space, smallest_space
from inrarch.derivatives.targets import Names, Target, single
from inrarch.derivatives.terms import Terms, exact, read_terms
from inrarch.errors import UserError, did_you_mean
from inrarch.graph.cast import FLOATS
from inrarch.graph.shapes import dims_of, shown

MAX_COEFFICIENTS = 1000
METHODS = ("auto", "taylor", "reverse", "mixed")


class Asked(TypedDict, total=False):
    """What can be asked, as `inrarch.derive` explains it."""

    wrt: str | Sequence[str] | None
    order: int | None
    outputs: str | Sequence[str] | None
    terms: Mapping[str, Terms] | None
    coordinates: Sequence[int] | None
    columns: Columns | None
    direction: Sequence[float] | None
    step: float
    method: str
    max_coefficients: int


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request.

    wrt: inputs whose last axis lists coordinates; coordinates are numbered through in this order. sizes: how many each
    has. targets: outputs, by output of the model, partial derivatives in rising order, then operators. space: the
    Taylor coefficients to carry; only the values where that was refused, because reverse sweeps may do without. step:
    the seed; order k comes out multiplied by step**k. method: one of `METHODS`. columns: what is kept of outputs of the
    model, all where nothing is listed.
    """

    wrt: tuple[str, ...]
    sizes: tuple[int, ...]
    targets: tuple[Target, ...]
    space: Space
    step: float
    method: str
    max_coefficients: int
    refused: UserError | None
    columns: Columns

    @property
    def coordinates(self) -> int:
        """Number of coordinates over all of `wrt`."""
        return sum(self.sizes)


def make_request(
    model: ir.Model,
    *,
    wrt: str | Sequence[str] | None = None,
    order: int | None = None,
    outputs: str | Sequence[str] | None = None,
    terms: Mapping[str, Terms] | None = None,
    coordinates: Sequence[int] | None = None,
    columns: Columns | None = None,
    direction: Sequence[float] | None = None,
    step: float = 1.0,
    method: str = "auto",
    max_coefficients: int = MAX_COEFFICIENTS,
    place: str | None = None,
) -> Request:
    """Check a request against a loaded model.

    What is asked is as in `inrarch.derive`; `place` is the model's name in messages. Raises UserError for names that do
    not exist, operators that have no meaning, orders below 1, and towers beyond `max_coefficients`.
    """
    if method not in METHODS:
        near = did_you_mean(str(method), METHODS)
        raise UserError(f"unknown method {method!r}", expected=", ".join(METHODS), hint=near)
    if not isinstance(step, int | float) or isinstance(step, bool) or not math.isfinite(step) or step == 0:
        raise UserError(f"step is {step!r}", expected="a finite number other than 0")
    if not isinstance(max_coefficients, int) or isinstance(max_coefficients, bool) or max_coefficients < 1:
        raise UserError(f"max_coefficients is {max_coefficients!r}", expected="a whole number of at least 1")
    names = _chosen_inputs(model.graph, wrt, place)
    sizes = tuple(_coordinates_of(model.graph, name, place) for name in names)
    _check_outputs(model.graph, place)
    count = sum(sizes)
    chosen = _chosen_coordinates(coordinates, count)
    kept = _mapped("columns", columns, "columns by output, like {'y': [0]}")
    check_columns(model.graph, kept, place)
    fields = _fields(model.graph, chosen, _direction(direction, chosen), kept)
    known = Names(
        fields,
        read_terms(_mapped("terms", terms, "terms by name, like {'heat': {'d0': 1, 'd11': -0.5}}"), count),
        count,
        place,
    )
    if order is not None:
        check_order(order)
    refused: UserError | None = None
    outputs = listed_names(outputs, "outputs", "names like 'y_d0'", place)
    targets: list[Target] = []
    if order is not None and not outputs:
        full = order
        refused = _unless_reverse(full, method, lambda: check_cost(model, len(chosen), full, max_coefficients))
        indices = [tuple(chosen[i] for i in index) for index in tower(len(chosen), full)]
        targets = [single(value.name, index, count) for value in model.graph.outputs for index in indices]
    if outputs or terms:
        named = _named_targets(known, outputs or known.all_terms(), order if outputs else None)
        partials = [symbol.index for target in named for symbol in target.symbols if symbol.index is not None]
        highest = max(target.order for target in named)
        if partials:
            refused = refused or _unless_reverse(
                highest, method, lambda: check_cost(model, count, partials, max_coefficients)
            )
        targets += named
    if not targets:
        raise UserError("neither an order nor outputs were asked for", expected="order=2, or outputs=['y_d00']")
    highest = max(target.order for target in targets)
    check_step(model.graph, float(step), highest)
    space = VALUES_ONLY
    if refused is None:
        symbols = list(dict.fromkeys(symbol for target in targets for symbol in target.symbols))
        space = check_space(model, smallest_space(count, symbols, max_coefficients), highest, count, max_coefficients)
        _check_factors(model.graph, targets, space)
    _check_names(model.graph, targets, place)
    return Request(
        wrt=tuple(names),
        sizes=sizes,
        targets=tuple(targets),
        space=space,
        step=float(step),
        method=method,
        max_coefficients=max_coefficients,
        refused=refused,
        columns=kept,
    )


def listed_names(given: object, option: str, expected: str, place: str | None) -> list[str]:
    """One name, a sequence of names, or None as a list. Raises UserError for anything else."""
    each = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    names = [name for name in each if isinstance(name, str)]
    if given is not None and len(names) < len(each):
        wrong = next(name for name in each if not isinstance(name, str))
        raise UserError(f"{option} lists {wrong!r}", place=place, expected=expected)
    return names


def _listed(option: str, given: Any) -> list[Any]:
    """What should be a list of numbers, or None. Raises UserError for what is no sequence."""
    if given is None:
        return []
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise UserError(f"{option} is {given!r}", expected="a list of numbers")
    return list(given)


def _mapped(option: str, given: Any, expected: str) -> dict[Any, Any]:
    """What should be a mapping, or None. Raises UserError for anything else."""
    if given is not None and not isinstance(given, Mapping):
        raise UserError(f"{option} is {given!r}", expected=expected)
    return dict(given or {})


def _unless_reverse(order: int, method: str, check: Callable[[], None]) -> UserError | None:
    """What the check has against an expansion: raised, unless the request is one that reverse sweeps can serve."""
    try:
        check()
    except UserError as error:
        if order > 1 or method == "taylor":
            raise
        return error
    return None


def _chosen_inputs(graph: ir.Graph, wrt: str | Sequence[str] | None, place: str | None) -> list[str]:
    names = [value.name for value in graph.inputs]
    listed = ", ".join(map(repr, names)) or "none"
    chosen = listed_names(wrt, "wrt", f"names of inputs: {listed}", place)
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
                hint="name it in parameters (option --parameters)",
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
    if value.dtype not in FLOATS:
        raise UserError(f"wrt {name!r} has type {value.dtype}", place=place, expected="FLOAT or DOUBLE")
    dims = dims_of(value)
    size = dims[-1] if dims else None
    if not isinstance(size, int) or size < 1:
        raise UserError(
            f"wrt {name!r} has {shown(dims)}", place=place, expected="a last axis of known size: the coordinates"
        )
    return size


def _chosen_coordinates(coordinates: Sequence[int] | None, count: int) -> tuple[int, ...]:
    """The coordinates that towers and named operators take, in the order given; all when none are listed."""
    chosen = tuple(_listed("coordinates", coordinates) or range(count))
    for coordinate in chosen:
        if isinstance(coordinate, bool) or not isinstance(coordinate, int) or not 0 <= coordinate < count:
            raise UserError(f"coordinates lists {coordinate!r}", expected=f"numbers from 0 to {count - 1}")
        if chosen.count(coordinate) > 1:
            raise UserError(f"coordinates lists {coordinate} twice")
    return chosen


def _direction(direction: Sequence[float] | None, coordinates: Sequence[int]) -> dict[int, Fraction]:
    given = [] if direction is None else list(direction)
    numbers = all(
        isinstance(each, int | float) and not isinstance(each, bool) and math.isfinite(each) for each in given
    )
    if given and (not numbers or len(given) != len(coordinates) or not any(given)):
        raise UserError(
            f"direction is {given!r}", expected=f"{len(coordinates)} finite numbers, one for each coordinate, not all 0"
        )
    return {i: exact(each) for i, each in zip(coordinates, given, strict=False)}


def _check_outputs(graph: ir.Graph, place: str | None) -> None:
    for value in graph.outputs:
        if value.dtype not in FLOATS:
            raise UserError(
                f"the output {value.name!r} has type {value.dtype}", place=place, expected="FLOAT or DOUBLE outputs"
            )


def _fields(
    graph: ir.Graph, coordinates: tuple[int, ...], direction: Mapping[int, Fraction], columns: Columns
) -> dict[str, Field]:
    fields = {}
    for value in graph.outputs:
        dims = dims_of(value)
        last = dims[-1] if dims else (1 if dims is not None else None)
        last = len(columns[value.name]) if value.name in columns else last
        rank = None if dims is None else len(dims)
        fields[value.name] = Field(last if isinstance(last, int) else None, rank, coordinates, direction)
    return fields


def _named_targets(known: Names, wanted: Sequence[str], order: int | None) -> list[Target]:
    targets = known.targets(wanted)
    too_high = [target for target in targets if order is not None and target.order > order]
    if too_high:
        target = min(too_high, key=lambda target: target.order)
        raise UserError(f"output {target.name!r} has order {target.order}, above order {order}")
    if not any(target.order for target in targets):
        raise UserError("none of the outputs asked for is a derivative", expected="a name like 'y_d0' among them")
    return targets


def _check_factors(graph: ir.Graph, targets: Sequence[Target], space: Space) -> None:
    """The factors of the coefficients in the outputs (α! for partial derivatives) must be numbers of their type."""
    symbols = {symbol for target in targets for symbol in target.symbols}
    largest = max(abs(weight) for symbol in symbols for weight in space.express(symbol).values())
    check_factor(graph, max(target.order for target in targets), largest)


def _check_names(graph: ir.Graph, targets: Sequence[Target], place: str | None) -> None:
    inputs = {value.name for value in graph.inputs}
    seen: set[str] = set()
    for target in targets:
        if target.name in seen or (target.name in inputs and target.index != ()):
            raise UserError(
                f"the name {target.name!r} of a derivative is taken already",
                place=place,
                hint="rename the model's inputs or outputs, or choose other outputs by name",
            )
        seen.add(target.name)
