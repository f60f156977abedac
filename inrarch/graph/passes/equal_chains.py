"""Sums and products with the same terms are computed once, however they are nested.

Rules (float tensors):
1. Of two nodes that multiply the same values in any order and grouping, (a x b) x c and a x (b x c), the later one
   becomes the earlier one.
2. Likewise for +, - and negation: (a + b) - c and a - (c - b).

The groupings differ by rounding. Not handled: chains of which only a part is the same; more than 12 terms; terms that
cancel or occur several times in sums are not collected (see `like_terms`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.patterns import is_float, operand, operands
from inrarch.graph.shapes import dims_of, same_shape

_LONGEST = 12
_SUMS = frozenset({"Add", "Sub", "Neg"})

Terms = Counter[ir.Value]
"""How often each value is a factor, or a term; negative where it is subtracted."""


def run(model: ir.Model) -> int:
    """One sweep in topological order; returns the number of nodes that disappeared for an earlier one."""
    editor = Editor(model.graph)
    expanded: dict[ir.Value, tuple[str, Terms]] = {}
    first: dict[Hashable, ir.Value] = {}
    changes = 0
    for node in model.graph:
        found = _expanded(node, expanded)
        if found is None:
            continue
        kind, terms = found
        value = node.outputs[0]
        key = (kind, frozenset(terms.items()))
        known = first.get(key)
        if known is None or known.graph is None or not same_shape(dims_of(known), dims_of(value)):
            first[key] = value  # also where the earlier one has gone, with the only node that used it
            expanded[value] = found
        else:
            editor.replace(node, known)
            changes += 1
    return changes


def _expanded(node: ir.Node, expanded: dict[ir.Value, tuple[str, Terms]]) -> tuple[str, Terms] | None:
    """The terms of a node's result, those of its operands put in their place; None if there are too few or too many."""
    if node.domain or node.op_type not in _SUMS | {"Mul"} or not is_float(node.outputs[0]):
        return None
    kind = "product" if node.op_type == "Mul" else "sum"
    if node.op_type == "Neg":
        signed = [(operand(node), -1)]
    else:
        a, b = operands(node)
        signed = [(a, 1), (b, -1 if node.op_type == "Sub" else 1)]
    terms: Terms = Counter()
    for value, sign in signed:
        known = expanded.get(value)
        parts = known[1] if known is not None and known[0] == kind else {value: 1}
        for term, times in parts.items():
            terms[term] += sign * times
    if 0 in terms.values() or len(terms) > _LONGEST:
        return None
    return kind, terms
