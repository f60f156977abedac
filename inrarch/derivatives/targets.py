"""What a result contains: each output as an operator applied to an output of the model, found by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from inrarch.derivatives.indices import Index, rising, suffix, tower
from inrarch.derivatives.nonlinear import Formula
from inrarch.derivatives.operators import (
    NAMED,
    Applied,
    Component,
    DoesNotApplyError,
    Field,
    apply_named,
    is_named,
)
from inrarch.derivatives.symbols import Symbol, partial
from inrarch.errors import UserError, did_you_mean


@dataclass(frozen=True, slots=True)
class Target:
    """One output of the result: an operator applied to the model's output `value`.

    name: of the result. components: joined along the last axis, or, with `axes`, along new last axes of these sizes.
    operator: its name (`laplacian`), empty for the value and single partial derivatives. formula: the result is this
    function of the components, where there is one.
    """

    value: str
    name: str
    components: tuple[Component, ...]
    axes: tuple[int, ...] = ()
    operator: str = ""
    formula: Formula | None = None

    @property
    def symbols(self) -> Iterator[Symbol]:
        """All differential operators in it."""
        return (symbol for component in self.components for _, symbol in component)

    @property
    def index(self) -> Index | None:
        """The multi-index of the value (`()`) or of a single partial derivative, None for a named operator."""
        return None if self.operator else self.components[0][0][1].index

    @property
    def order(self) -> int:
        """The highest order of differentiation."""
        return max(symbol.order for symbol in self.symbols)


@dataclass(frozen=True, slots=True)
class Names:
    """What names of outputs mean.

    fields: the model's outputs. terms: operators that the user has named. coordinates: how many there are.
    """

    fields: Mapping[str, Field]
    terms: Mapping[str, Symbol]
    coordinates: int
    place: str | None

    def targets(self, wanted: Sequence[str]) -> list[Target]:
        """Each output once: by output of the model; partial derivatives in rising order, then operators as asked."""
        found = dict.fromkeys(target for name in wanted for target in self._of(name))
        values = list(self.fields)

        def key(target: Target) -> tuple[int, bool, tuple[int, Index]]:
            return values.index(target.value), target.index is None, rising(target.index or ())

        return sorted(found, key=key)

    def all_terms(self) -> list[str]:
        """The names of all operators that the user has defined, on every output of the model."""
        return [f"{value}_{name}" for value in self.fields for name in self.terms]

    def _of(self, name: str) -> list[Target]:
        if name not in self.fields and (is_named(name) or name in self.terms):
            return [self._operator(value, name) for value in self.fields]
        return [self._one(name)]

    def _one(self, name: str) -> Target:
        for value in sorted(self.fields, key=len, reverse=True):
            if name == value:
                return single(value, (), self.coordinates)
            rest = name.removeprefix(f"{value}_")
            if rest == name:
                continue
            if is_named(rest) or rest in self.terms:
                return self._operator(value, rest)
            index = self._partial(name, rest)
            if index is not None:
                if list(index) != sorted(index):
                    raise UserError(
                        f"output {name!r} lists coordinates in falling order",
                        place=self.place,
                        expected=repr(value + suffix(tuple(sorted(index)), self.coordinates)),
                    )
                return single(value, index, self.coordinates)
        raise self._unknown(name)

    def _partial(self, name: str, rest: str) -> Index | None:
        index = parse_partial(rest, self.coordinates)
        if index is not None and max(index) >= self.coordinates:
            raise UserError(
                f"output {name!r} names coordinate {max(index)}",
                place=self.place,
                expected=f"coordinates 0 to {self.coordinates - 1}",
            )
        return index

    def _operator(self, value: str, operator: str) -> Target:
        name = f"{value}_{operator}"
        try:
            applied = (
                Applied((((None, self.terms[operator]),),))
                if operator in self.terms
                else apply_named(operator, self.fields[value])
            )
        except DoesNotApplyError as error:
            raise UserError(
                f"output {name!r}: {error.found}", place=self.place, expected=error.expected, hint=error.hint
            ) from None
        return Target(value, name, applied.components, applied.axes, operator, applied.formula)

    def _unknown(self, name: str) -> UserError:
        operators = [*self.terms, *NAMED, "directional"]
        partials = [
            value + suffix(index, self.coordinates)
            for value in self.fields
            for index in tower(min(self.coordinates, 30), 2)
        ]
        known = [*partials, *operators, *(f"{value}_{operator}" for value in self.fields for operator in operators)]
        return UserError(
            f"output {name!r} is not a derivative of an output of the model",
            place=self.place,
            expected=_listed([*partials[:6], *(["…"] if len(partials) > 6 else [])])
            + " or an operator: "
            + _listed([f"{next(iter(self.fields))}_{operator}" for operator in operators]),
            hint=did_you_mean(name, known),
        )


def single(value: str, index: Index, coordinates: int) -> Target:
    """The value or one partial derivative of an output of the model."""
    return Target(value, value + suffix(index, coordinates), (((None, partial(*index)),),))


def parse_partial(text: str, coordinates: int) -> Index | None:
    """`d01` as (0, 1), in the order given; None when it is nothing of the kind."""
    pattern = r"d[0-9]+(_[0-9]+)*" if coordinates > 10 else r"d[0-9]+"
    if not re.fullmatch(pattern, text, re.ASCII):
        return None
    listed = text[1:].split("_") if coordinates > 10 else text[1:]
    return tuple(int(part) for part in listed)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(name if name == "…" else repr(name) for name in names)
