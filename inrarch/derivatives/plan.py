"""The planner: which way to the derivatives costs least, and what the others would cost.

The ways are Taylor expansion in the smallest space, reverse sweeps, which give first derivatives, and mixtures of both.
The full tower is listed for comparison: its space contains the smallest one. Costs are counted in the graphs, for one
row: multiply-accumulates, and numbers that element-wise operators compute. Making a graph takes time, so first the
passes through the model's matrix products are bounded: one for each coefficient, and one for the adjoint of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import comb

import onnx_ir as ir

from inrarch.derivatives.expand import expand
from inrarch.derivatives.indices import closed_below, number_of_parts
from inrarch.derivatives.mixed import inner_indices, space_outside, taylor_inside, taylor_outside
from inrarch.derivatives.request import Request
from inrarch.errors import UserError
from inrarch.graph.count import count
from inrarch.graph.shapes import dims_of

WORTH_COUNTING = 1.5
"""A way is counted when its passes are at most this many times the fewest: first and last layers cost less than one."""

MOST_PASSES = 200
"""What takes more is not made for the sake of its costs alone."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the derivatives.

    title: in words. method: what it is asked for by; empty for one that is listed only. passes: through the model's
    matrix products; None where it is not possible. remark: what there is to say about it. build: makes the graph.
    """

    title: str
    method: str
    passes: int | None
    remark: str = ""
    build: Callable[[], ir.Model] | None = None


@dataclass(frozen=True, slots=True)
class Costed:
    """A way with its cost per row, where its graph was made: multiply-accumulates and element-wise results."""

    way: Way
    remark: str
    macs: int | None = None
    pointwise: int | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The derivatives by the way that costs least, and all ways, the chosen one first."""

    graph: ir.Model
    ways: tuple[Costed, ...]


def costs_of(way: Way, graph: ir.Model, remark: str = "", *, chosen: bool = False) -> Costed:
    """A way with what its graph costs."""
    counts = count(graph)
    return Costed(way, remark, counts.macs_per_row, counts.pointwise_per_row, chosen)


def make_plan(
    model: ir.Model,
    request: Request,
    simplify: Callable[[ir.Model], ir.Model],
    place: str | None = None,
    *,
    thorough: bool = False,
) -> Plan:
    """Choose a way for a checked request and a lowered model.

    simplify: applied to a graph before it is counted. Sweeps are considered where they take fewer passes than Taylor
    expansion: to first order, with more coordinates than columns. Of the ways that were counted, the one with the
    fewest multiply-accumulates and element-wise results together is chosen. Raises UserError where no way of the method
    asked for can serve the request. thorough: also make and count the other ways, for people.
    """
    ways = list(_ways(model, request, place))
    allowed = [way for way in ways if way.build is not None and request.method in ("auto", way.method)]
    fewest = min((way.passes or 0 for way in allowed), default=0)
    expansion = next((way.passes for way in allowed if way.method == "taylor"), None)
    costed: list[Costed] = []
    graphs: dict[str, ir.Model] = {}
    errors: list[UserError] = []
    for way in sorted(allowed, key=lambda way: (way.passes or 0, way.method != "taylor")):
        passes = way.passes or 0
        slow = passes > WORTH_COUNTING * fewest or (way.method != "taylor" and passes >= (expansion or passes + 1))
        if graphs and slow:
            costed.append(
                Costed(way, "not counted: more passes" if passes != expansion else "not counted: as many passes")
            )
            continue
        try:
            assert way.build is not None
            graphs[way.title] = simplify(way.build())
        except UserError as error:
            errors.append(error)
            costed.append(Costed(way, f"not possible: {error.found}"))
            continue
        costed.append(costs_of(way, graphs[way.title]))
    if not graphs:
        raise _refusal(request, errors, ways)
    plan = _chosen(request, graphs, costed, [way for way in ways if way not in allowed])
    return _with_all_costs(plan, simplify) if thorough else plan


def _with_all_costs(plan: Plan, simplify: Callable[[ir.Model], ir.Model]) -> Plan:
    """The plan with the costs also of the ways that a bound has decided against."""
    return Plan(plan.graph, tuple(_counted(each, simplify) for each in plan.ways))


def _counted(each: Costed, simplify: Callable[[ir.Model], ir.Model]) -> Costed:
    if each.macs is not None or each.way.build is None:
        return each
    if (each.way.passes or 0) > MOST_PASSES:
        return replace(each, remark=f"not counted: above {MOST_PASSES} passes")
    try:
        return costs_of(each.way, simplify(each.way.build()), each.remark.removeprefix("not counted: "))
    except UserError as error:
        return replace(each, remark=f"not possible: {error.found}")


def _chosen(request: Request, graphs: dict[str, ir.Model], costed: Sequence[Costed], others: Sequence[Way]) -> Plan:
    def operations(each: Costed) -> tuple[int, bool]:
        return (each.macs or 0) + (each.pointwise or 0), each.way.method != "taylor"

    ranked = sorted((each for each in costed if each.way.title in graphs), key=operations)
    best = ranked[0]
    why = "the fewest operations" if len(ranked) > 1 else "the fewest passes"
    if request.method != "auto":
        why = "asked for"
    elif len([each for each in costed if not each.remark.startswith("not possible")]) == 1:
        why = "the only way"
    first = Costed(best.way, f"chosen: {why}", best.macs, best.pointwise, chosen=True)
    counted = [*ranked[1:], *(each for each in costed if each.way.title not in graphs)]
    unasked = [Costed(way, way.remark or f"not asked for (method {request.method})") for way in others]
    return Plan(graphs[best.way.title], (first, *counted, *unasked))


def _ways(model: ir.Model, request: Request, place: str | None) -> Iterator[Way]:
    """All ways, those with Taylor expansion alone first."""
    yield from _taylor(model, request)
    columns = _columns(model, request)
    if columns is None:
        yield Way("Reverse sweeps", "reverse", None, "not possible: an output has an unknown number of columns")
        return
    order = max(target.order for target in request.targets)
    space = space_outside(request, request.max_coefficients)
    if space is None:
        remark = f"not possible: more than {request.max_coefficients} Taylor coefficients"
        yield Way("Taylor expansion of reverse sweeps", "mixed", None, remark)
        return
    passes = (1 + sum(columns.values())) * (1 + len(space.indices))
    sweeps = partial(taylor_outside, model, request, space, place)
    if order == 1:
        yield Way("Reverse sweeps", "reverse", passes, build=sweeps)
        return
    yield Way("Taylor expansion of reverse sweeps", "mixed", passes, build=sweeps)
    starts = inner_indices(request)
    adjoints = sum(columns[value] * number_of_parts(index) for value, index in starts)
    expanded = len(closed_below(index for _, index in starts))
    inside = partial(taylor_inside, model, request, place)
    yield Way("Reverse sweeps of Taylor expansion", "mixed", expanded + adjoints, build=inside)
    yield Way("Reverse sweeps", "reverse", None, "not possible: they give first derivatives only")


def _taylor(model: ir.Model, request: Request) -> Iterator[Way]:
    title = "Taylor expansion, smallest space"
    if request.refused is not None:
        yield Way(title, "taylor", None, f"not possible: {request.refused.found}")
        return
    size = 1 + len(request.space.indices)
    yield Way(title, "taylor", size, build=partial(expand, model, request))
    coordinates = len({i for index in request.space.indices for i in index})
    tower = comb(max(target.order for target in request.targets) + coordinates, coordinates)
    if tower > size:
        yield Way("Taylor expansion, full tower", "", tower, "not counted: contains the smallest space")


def _columns(model: ir.Model, request: Request) -> dict[str, int] | None:
    """Columns of the outputs that are differentiated, each of which needs a sweep; None when one is not known."""
    wanted = {target.value for target in request.targets if target.order}
    columns: dict[str, int] = {}
    for value in model.graph.outputs:
        if value.name in wanted:
            dims = dims_of(value)
            if not dims or not isinstance(dims[-1], int):
                return None
            columns[value.name] = dims[-1]
    return columns


def _refusal(request: Request, errors: Sequence[UserError], ways: Sequence[Way]) -> UserError:
    """Why there is no way."""
    if request.refused is not None and request.method in ("auto", "taylor"):
        return request.refused
    if errors:
        return errors[0]
    reasons = [way.remark.removeprefix("not possible: ") for way in ways if way.method == request.method]
    possible = [way.method for way in ways if way.build is not None]
    return UserError(
        f"the method {request.method!r} cannot be used: {reasons[0] if reasons else 'the derivatives are of order 1'}",
        expected="auto or " + " or ".join(dict.fromkeys(possible)),
    )


def explained(plan: Plan) -> str:
    """The ways as a table for people."""
    head = ("", "way", "passes", "MAC per row", "element-wise per row", "")
    rows = [
        (
            "*" if each.chosen else "",
            each.way.title,
            _figure(each.way.passes),
            _figure(each.macs),
            _figure(each.pointwise),
            each.remark,
        )
        for each in plan.ways
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if column in (2, 3, 4) else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    )


def _figure(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"
