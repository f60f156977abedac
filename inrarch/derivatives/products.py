"""Products with a Jacobian whose vector is an input of the new graph: vᵀ J by a reverse sweep, J v by Taylor."""

from __future__ import annotations

from collections.abc import Sequence

import onnx_ir as ir

from inrarch.derivatives.cost import check_order
from inrarch.derivatives.derivative_names import along, product, vector
from inrarch.derivatives.jet import Coefficients
from inrarch.derivatives.recorded import derivative_outputs
from inrarch.derivatives.reverse import sweep
from inrarch.derivatives.transform import begin, chosen_operands, chosen_outputs


def vector_jacobian_product(
    model: ir.Model, outputs: Sequence[str], wrt: Sequence[str], *, place: str | None = None
) -> ir.Model:
    """The given outputs, and `vjp:x` = Σ over outputs y of (v:y · ∂y/∂x) for each x of `wrt`.

    New inputs `v:y` have the shapes of the outputs, `vjp:x` that of x. x is an input or a parameter.
    """
    chosen_operands(model, wrt, place)
    results = chosen_outputs(model, outputs, place)
    draft = begin(model, [*map(vector, outputs), *map(product, wrt)], place)
    draft.carry()
    cotangents = {draft.value(value.name): draft.add_input(vector(value.name), value) for value in results}
    operands = [draft.value(name) for name in wrt]
    adjoints = sweep(draft.emit, list(draft.emit.nodes), cotangents, operands, place)
    products = [
        (product(name), draft.emit.zeros(operand, fresh=True) if adjoint is None else adjoint)
        for name, operand, adjoint in zip(wrt, operands, adjoints, strict=True)
    ]
    return draft.finish(outputs, products)


def jacobian_vector_product(
    model: ir.Model, outputs: Sequence[str], wrt: Sequence[str], order: int = 1, *, place: str | None = None
) -> ir.Model:
    """The given outputs, and `y_dv`, `y_dvv`, …: their derivatives up to `order` along one direction.

    The direction is made of new inputs `v:x` of the shapes of all x of `wrt` (inputs or parameters): `y_dvv` is
    d²y(x + t v)/dt² at t = 0. Each has the shape of the output.
    """
    return directional(model, outputs, outputs, wrt, order, place=place)


def directional(
    model: ir.Model,
    kept: Sequence[str],
    outputs: Sequence[str],
    wrt: Sequence[str],
    order: int,
    *,
    place: str | None = None,
) -> ir.Model:
    """As `jacobian_vector_product`, but of the given outputs these are kept."""
    check_order(order)
    operands = chosen_operands(model, wrt, place)
    chosen_outputs(model, [*kept, *outputs], place)
    derivatives = derivative_outputs(model)
    targets = [(along(name, k, derivatives), name, k) for name in outputs for k in range(1, order + 1)]
    draft = begin(model, [*map(vector, wrt), *(target for target, _, _ in targets)], place)
    seeds: dict[str, Coefficients] = {
        value.name: {(0,): draft.add_input(vector(value.name), value)} for value in operands
    }
    draft.carry(seeds, [(0,) * k for k in range(1, order + 1)], 1)
    return draft.finish(kept, [(target, draft.derivative(name, (0,) * k)) for target, name, k in targets])
