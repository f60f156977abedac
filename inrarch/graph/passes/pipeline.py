"""The order of the passes, repeated until none of them finds anything to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import onnx_ir as ir

from inrarch.errors import REPORT_IT, UserError
from inrarch.graph.collector import paused_collector
from inrarch.graph.passes import (
    broadcasts,
    casts,
    concatenated_layers,
    dead_code,
    divisions,
    eliminate_common,
    equal_chains,
    fold_constants,
    like_terms,
    linear_layers,
    negations,
    neutral,
    order_operands,
    powers,
    remove_noise,
    reshapes,
    scalar_factors,
    scale_weights,
    selections,
    shrink_constants,
    slices,
    softplus,
    transposes,
)

Pass = tuple[str, Callable[[ir.Model], int]]

PREPARATION: tuple[Pass, ...] = (
    # What is known, and nodes that do nothing.
    ("fold_constants", fold_constants.run),
    ("remove_noise", remove_noise.run),
    ("casts", casts.run),
    ("slices", slices.run),
    ("reshapes", reshapes.run),
    ("dead_code", dead_code.run),
    # What exporters write in a roundabout way.
    ("selections", selections.run),
    ("softplus", softplus.run),
    ("powers", powers.run),
)
"""What pays before a graph is differentiated: each node that vanishes here has no derivatives."""

PIPELINE: tuple[Pass, ...] = (
    *PREPARATION,
    # One form for equal things, so that the rest sees them as equal.
    ("transposes", transposes.run),
    ("broadcasts", broadcasts.run),
    ("concatenated_layers", concatenated_layers.run),
    ("linear_layers", linear_layers.run),
    ("divisions", divisions.run),
    ("shrink_constants", shrink_constants.run),
    ("order_operands", order_operands.run),
    ("eliminate_common", eliminate_common.run),
    # Algebra, from the exact to the merely equal.
    ("neutral", neutral.run),
    ("equal_chains", equal_chains.run),
    ("scale_weights", scale_weights.run),
    ("negations", negations.run),
    ("scalar_factors", scalar_factors.run),
    ("like_terms", like_terms.run),
)

MAX_ROUNDS = 100
"""Far above what is needed (below ten): every rule makes the graph smaller or moves something towards the outputs."""


class NoFixedPointError(UserError):
    """Passes undo each other's work: a fault in inrarch, not in the model."""


@dataclass(frozen=True, slots=True)
class PassRecord:
    """What one pass did in one round. changes: rewrites, as the pass counts them."""

    round: int
    name: str
    changes: int
    nodes_before: int
    nodes_after: int


@paused_collector()
def optimize(
    model: ir.Model, passes: Iterable[Pass] = PIPELINE, *, max_rounds: int = MAX_ROUNDS
) -> tuple[ir.Model, tuple[PassRecord, ...]]:
    """A smaller graph with the same inputs and outputs (equal to rounding), and what each pass did.

    The given model is not changed; large weights are shared with it. It is as `load_model` or `expand` returns it:
    checked, opset 18, with types, and shapes where they are known. The same model gives the same bytes.

    Raises NoFixedPointError when the passes still change something after `max_rounds` rounds.
    """
    result = _copied(model)
    return result, until_settled(result, tuple(passes), max_rounds)


def prepare(model: ir.Model) -> ir.Model:
    """The model as it should be differentiated: see `PREPARATION`. The given one is not changed, weights are shared."""
    result: ir.Model = model.clone()
    until_settled(result, PREPARATION, MAX_ROUNDS)
    return result


def until_settled(model: ir.Model, passes: Sequence[Pass], max_rounds: int) -> tuple[PassRecord, ...]:
    """Run the passes on the model itself, round after round, until one round changes nothing; what each did."""
    records: list[PassRecord] = []
    for number in range(1, max_rounds + 1):
        changes = 0
        for name, run in passes:
            before = model.graph.num_nodes()
            changed = run(model)
            records.append(PassRecord(number, name, changed, before, model.graph.num_nodes()))
            changes += changed
        if not changes:
            return tuple(records)
    busy = sorted({record.name for record in records if record.round == max_rounds and record.changes})
    raise NoFixedPointError(
        f"passes undo each other's work: after {max_rounds} rounds the graph is still changed by {', '.join(busy)}",
        expected="a round that changes nothing",
        hint=REPORT_IT,
        exit_code=2,
    )


def joined(first: Sequence[PassRecord], second: Sequence[PassRecord]) -> tuple[PassRecord, ...]:
    """The records of two runs, one after the other: rounds are counted through."""
    done = first[-1].round if first else 0
    return (*first, *(replace(record, round=record.round + done) for record in second))


def report(records: Iterable[PassRecord]) -> dict[str, Any]:
    """The content of `passes.json`: all passes of all rounds in order, and the totals by pass."""
    listed = list(records)
    totals: dict[str, int] = {}
    for record in listed:
        totals[record.name] = totals.get(record.name, 0) + record.changes
    return {
        "nodes_before": listed[0].nodes_before,
        "nodes_after": listed[-1].nodes_after,
        "rounds": listed[-1].round,
        "changes": totals,
        "passes": [asdict(record) for record in listed],
    }


def _copied(model: ir.Model) -> ir.Model:
    """A copy of the graph. Tensors are decoded once here; arrays are not copied where they are arrays already."""
    copy = model.clone()
    for value in copy.graph.initializers.values():
        tensor = value.const_value
        if tensor is not None and not isinstance(tensor, ir.Tensor):
            value.const_value = ir.Tensor(tensor.numpy(), name=value.name)
    return copy
