"""What all transforms of a model into one with more outputs share: names, the copied graph, the new outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import onnx_ir as ir

from inrarch.derivatives.assemble import assemble, copied, names_of
from inrarch.derivatives.constant_power import constant_number
from inrarch.derivatives.emit import Emitter
from inrarch.derivatives.indices import Index, index_factorial
from inrarch.derivatives.jet import Coefficients, Jet
from inrarch.derivatives.lower import lower
from inrarch.derivatives.propagate import propagate
from inrarch.derivatives.recorded import derivative_outputs, record_derivatives
from inrarch.derivatives.space import partials
from inrarch.errors import UserError, did_you_mean
from inrarch.graph.cast import FLOATS
from inrarch.graph.shapes import dims_of, to_shape


@dataclass(frozen=True, slots=True)
class Draft:
    """A model under construction from another: `emit` writes, `jets` are the given values in it, by name."""

    source: ir.Model
    emit: Emitter
    renamed: Mapping[str, str]
    new_inputs: list[ir.Value]
    jets: dict[str, Jet]

    def value(self, name: str) -> ir.Value:
        """The copy of a value of the given model."""
        return self.jets[name].value

    def add_input(self, name: str, like: ir.Value) -> ir.Value:
        """A new input with the shape and type of a value."""
        value = ir.Value(name=name, shape=to_shape(dims_of(like)), type=like.type)
        self.new_inputs.append(value)
        return value

    def carry(
        self, seeds: Mapping[str, Coefficients] | None = None, indices: Sequence[Index] = (), coordinates: int = 0
    ) -> None:
        """Copy the given graph, with the Taylor coefficients of these partial derivatives that follow from `seeds`."""
        space = partials(coordinates, indices)
        jets = propagate(self.emit, self.source.graph, seeds or {}, space, self.renamed)
        self.jets.update({value.name: jet for value, jet in jets.items()})

    def derivative(self, name: str, index: Index) -> ir.Value:
        """The partial derivative of a carried value in its full shape: the coefficient times α!."""
        jet = self.jets[name]
        coefficient = jet.coefficients.get(index)
        if coefficient is None:
            return self.emit.zeros(jet.value)
        return self.emit.full(self.emit.scale(coefficient, index_factorial(index)), jet.value)

    def finish(self, values: Sequence[str], derivatives: Sequence[tuple[str, ir.Value]]) -> ir.Model:
        """The model with these outputs of the given one, and then the derivatives under their names.

        The metadata lists the derivatives, with those of the given model that are still outputs.
        """
        emit, graph = self.emit, self.source.graph
        outputs = [self.value(name) for name in values]
        given = {id(jet.value) for jet in self.jets.values()}
        for name, value in derivatives:
            emit.enter(name)
            if id(value) in given or value.producer() is None or any(value is each for each in outputs):
                value = emit.apply("Identity", (value,), dims=dims_of(value), fresh=True)
            value.name = name
            outputs.append(value)
        inputs = [self.value(value.name) for value in graph.inputs]
        weights = [self.value(name) for name in graph.initializers]
        result = assemble(emit, [*inputs, *self.new_inputs], weights, outputs, graph.name)
        kept = [name for name in values if name in derivative_outputs(self.source)]
        record_derivatives(result, [*kept, *(name for name, _ in derivatives)])
        return result


def begin(model: ir.Model, names: Sequence[str], place: str | None) -> Draft:
    """A draft in which these names of new inputs and outputs are free; values inside the model give way.

    Raises UserError when one of them is the name of an input or output of the model, or there twice.
    """
    source = with_parameters(lower(model), list(model.graph.initializers.values()))
    graph = source.graph
    taken = {value.name for value in [*graph.inputs, *graph.outputs]}
    for name in names:
        if name in taken:
            raise UserError(
                f"the name {name!r} of a derivative is taken already",
                place=place,
                hint="rename the model's inputs or outputs",
            )
        taken.add(name)
    emit = Emitter([*names_of(graph), *names])
    inside = [*graph.initializers, *(value.name for node in graph for value in node.outputs)]
    renamed = {name: emit.unique(name) for name in inside if name in names}
    return Draft(source, emit, renamed, [], {})


def with_parameters(model: ir.Model, parameters: Sequence[ir.Value]) -> ir.Model:
    """A model with those parameters, too, that nothing in it depends on: a bias in a derivative, an unused weight."""
    graph = model.graph
    for value in parameters:
        if value.const_value is not None and value.name not in graph.initializers:
            graph.initializers.add(copied(value))
    return model


def chosen_outputs(model: ir.Model, names: Sequence[str], place: str | None) -> list[ir.Value]:
    """Outputs of a model by name, checked: floating-point numbers."""
    by_name = {value.name: value for value in model.graph.outputs}
    return [_chosen(name, "output", by_name, "an output", place) for name in names]


def chosen_operands(model: ir.Model, names: Sequence[str], place: str | None) -> list[ir.Value]:
    """Inputs and parameters of a model by name, checked: floating-point numbers, none twice, no constant exponents."""
    chosen = named_operands(model, names, place)
    for value in chosen:
        for node, position in value.uses():
            if node.op_type == "Pow" and position == 1 and constant_number(value) is not None:
                raise UserError(
                    f"wrt {value.name!r} is the constant exponent of a Pow: its number is part of the derivatives",
                    place=f"{place or 'model'}: node {node.name!r}",
                    expected="parameters that are no exponents",
                    hint="make the exponent an input of the model",
                )
    return chosen


def named_operands(model: ir.Model, names: Sequence[str], place: str | None) -> list[ir.Value]:
    """Inputs and parameters of a model by name, checked: floating-point numbers, none twice."""
    graph = model.graph
    by_name = {value.name: value for value in [*graph.inputs, *graph.initializers.values()] if value.dtype in FLOATS}
    for position, name in enumerate(names):
        if name in names[:position]:
            raise UserError(f"wrt lists {name!r} twice", place=place)
    return [_chosen(name, "wrt", by_name, "an input or a parameter (floating-point)", place) for name in names]


def _chosen(name: str, what: str, known: Mapping[str, ir.Value], kind: str, place: str | None) -> ir.Value:
    if name not in known:
        listed = list(known)
        raise UserError(
            f"{what} {name!r} is not {kind} of the model",
            place=place,
            expected="one of " + ", ".join(map(repr, listed[:8])) + (", …" if len(listed) > 8 else ""),
            hint=did_you_mean(name, listed),
        )
    return known[name]
