"""The lowerings in their order, and the passes that clean up after them, repeated until nothing is left to do.

A lowering is a function of its own file, ``run(model) -> int``: it rewrites nodes of the model that it is given (most
are rules for `inrarch.graph.passes.editor.sweep`) and returns how many. What it writes must be the same function for
real numbers, for all finite inputs; the stage `optimize` checks that in float64. A new lowering is one file and one
line in `LOWERINGS`.

The passes of `inrarch.graph.passes` run before, not after: some of them would write back what was lowered. `CLEANING`
lists those that do not.
"""

from __future__ import annotations

import onnx_ir as ir

from inrarch.derivatives.lower import lower as without_composites
from inrarch.graph.collector import paused_collector
from inrarch.graph.lowering import (
    batch_products,
    batch_reductions,
    circular,
    comparisons,
    computed_products,
    convolutions,
    divisions,
    exponential_units,
    powers,
    reductions,
    signs,
    truths,
)
from inrarch.graph.passes import dead_code, eliminate_common, fold_constants, order_operands, remove_noise, selections
from inrarch.graph.passes.pipeline import MAX_ROUNDS, Pass, PassRecord, until_settled

LOWERINGS: tuple[Pass, ...] = (
    ("lower_reductions", reductions.run),
    ("lower_convolutions", convolutions.run),
    ("lower_computed_products", computed_products.run),
    ("lower_powers", powers.run),
    ("lower_circular", circular.run),
    ("lower_exponential_units", exponential_units.run),
    ("lower_signs", signs.run),
    ("lower_divisions", divisions.run),
    ("lower_comparisons", comparisons.run),
    ("lower_truths", truths.run),
    ("lower_batch_reductions", batch_reductions.run),
    ("lower_batch_products", batch_products.run),
)
"""Operators over axes first, then functions, then what they are written with."""

CLEANING: tuple[Pass, ...] = (
    ("fold_constants", fold_constants.run),
    ("remove_noise", remove_noise.run),
    ("selections", selections.run),
    ("order_operands", order_operands.run),
    ("eliminate_common", eliminate_common.run),
    ("dead_code", dead_code.run),
)


@paused_collector()
def lower(model: ir.Model) -> tuple[ir.Model, tuple[PassRecord, ...]]:
    """The same function (equal to rounding) with fewer operators, and what each lowering did.

    The given model is not changed; weights are shared with it. It is as `optimize` returns it. Operators that nothing
    lowers stay: the later stages name those that they do not have. Composite operators (Gelu, Clip, …), which `derive`
    has replaced, are replaced first in a graph that does not come from there.
    """
    result: ir.Model = without_composites(model).clone()
    return result, until_settled(result, (*LOWERINGS, *CLEANING), MAX_ROUNDS)
