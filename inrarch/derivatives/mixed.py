"""Derivatives by reverse sweeps together with Taylor expansion.

An operator without constant term is P = Σ ξ_i Q_i: of each term one differentiation is done by a reverse sweep, which
gives all ∂y/∂x_i of a column at once, and the others by Taylor expansion. Either the sweep comes first, and the graph
of the gradient is expanded in the space of the Q_i (`taylor_outside`); or the model is expanded first, and a sweep
starts at each Q_i y (`taylor_inside`). For operators of order 1 both are plain reverse sweeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, names_of
from inrarch.derivatives.coordinates import gradient_by_reverse
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.expand import expand, renamed_for, seeds
from inrarch.derivatives.indices import Index, rising, suffix
from inrarch.derivatives.jet import Jet
from inrarch.derivatives.propagate import propagate
from inrarch.derivatives.recorded import record_derivatives
from inrarch.derivatives.request import Request
from inrarch.derivatives.results import apply_to_jet, write_target
from inrarch.derivatives.rows import check_rows_stay
from inrarch.derivatives.space import VALUES_ONLY, Space, partials, smallest_space
from inrarch.derivatives.sums import weighted_sum
from inrarch.derivatives.symbols import Symbol, symbol
from inrarch.derivatives.targets import Target

AppliedTo = Callable[[Emitter, dict[str, Jet], str, Symbol], ir.Value | None]
"""Writes an operator applied to the output of this name, from jets by name."""


def split_off(operator: Symbol) -> tuple[Fraction, dict[int, Symbol]]:
    """P = c + Σ ξ_i Q_i: c and the Q_i; of each term its last coordinate is taken."""
    rest: dict[int, dict[Index, Fraction]] = {}
    constant = Fraction(0)
    for index, weight in operator.terms:
        if index:
            rest.setdefault(index[-1], {})[index[:-1]] = weight
        else:
            constant = weight
    return constant, {coordinate: symbol(terms) for coordinate, terms in sorted(rest.items())}


def space_outside(request: Request, limit: int) -> Space | None:
    """The space of the Q_i; None above the limit."""
    operators = {operator for target in request.targets for operator in target.symbols}
    found = {each for operator in operators for each in split_off(operator)[1].values()}
    ordered = sorted(found, key=lambda operator: operator.terms)
    return smallest_space(request.coordinates, ordered, limit)


def inner_indices(request: Request) -> list[tuple[str, Index]]:
    """The partial derivatives at which the sweeps of `taylor_inside` start, by output of the model."""
    found = {
        (target.value, index[:-1])
        for target in request.targets
        for operator in target.symbols
        for index, _ in operator.terms
        if index
    }
    return sorted(found, key=lambda pair: (pair[0], rising(pair[1])))


def taylor_outside(model: ir.Model, request: Request, space: Space, place: str | None = None) -> ir.Model:
    """The derivatives of a lowered model by a reverse sweep for each column, expanded in the space of the Q_i."""
    gradient = gradient_by_reverse(model, _values(request), request.wrt, request.step, place=place)
    check_rows_stay(model, request.wrt, _values(request), place)

    def applied(emit: Emitter, jets: dict[str, Jet], value: str, operator: Symbol) -> ir.Value | None:
        constant, rest = split_off(operator)
        terms = [(constant, jets[value].value)]
        for coordinate, each in rest.items():
            jet = jets[value + suffix((coordinate,), request.coordinates)]
            found = apply_to_jet(emit, jet, space)(each)
            if found is not None:
                terms.append((Fraction(1), found))
        return weighted_sum(emit, terms)

    return _finished(gradient, request, space, applied)


def taylor_inside(model: ir.Model, request: Request, place: str | None = None) -> ir.Model:
    """The derivatives of a lowered model by its expansion, and a reverse sweep for each column of each Q_i y."""
    names = {(value, index): _inner_name(value, index) for value, index in inner_indices(request)}
    names |= {(value, ()): value for value in _values(request)}
    targets = tuple(Target(value, name, (((None, symbol({index: 1})),),)) for (value, index), name in names.items())
    inner = replace(request, targets=targets, space=partials(request.coordinates, [index for _, index in names]))
    expanded = expand(model, inner)
    gradient = gradient_by_reverse(expanded, list(names.values()), request.wrt, request.step, place=place)
    check_rows_stay(model, request.wrt, _values(request), place)

    def applied(emit: Emitter, jets: dict[str, Jet], value: str, operator: Symbol) -> ir.Value | None:
        terms = []
        for index, weight in operator.terms:
            name = names[value, index[:-1]] + suffix(index[-1:], request.coordinates) if index else value
            terms.append((weight, jets[name].value))
        return weighted_sum(emit, terms)

    return _finished(gradient, request, VALUES_ONLY, applied)


def _inner_name(value: str, index: Index) -> str:
    """A name that no target has."""
    return f"{value}/inner{suffix(index, 11)}" if index else value


def _values(request: Request) -> list[str]:
    return list(dict.fromkeys(target.value for target in request.targets))


def _finished(gradient: ir.Model, request: Request, space: Space, applied: AppliedTo) -> ir.Model:
    """The targets of the request from a model with first derivatives, expanded in a space."""
    source = gradient.graph
    emit = Emitter([*names_of(source), *(target.name for target in request.targets)])
    carried = propagate(
        emit, source, seeds(emit, source, request, space), space, renamed_for(emit, source, request.targets)
    )
    jets = {value.name: jet for value, jet in carried.items()}
    outputs: list[ir.Value] = []
    for target in request.targets:

        def apply(operator: Symbol, value: str = target.value) -> ir.Value | None:
            return applied(emit, jets, value, operator)

        outputs.append(write_target(emit, jets[target.value].value, apply, target, outputs))
    inputs = [jets[value.name].value for value in source.inputs]
    weights = [jets[name].value for name in source.initializers]
    derivative = assemble(emit, inputs, weights, outputs, source.name)
    orders = {target.name: target.order for target in request.targets if target.index != ()}
    record_derivatives(derivative, orders, orders)
    return derivative
