"""Factors in front of and behind a linear layer go into its weights.

A weight is shared by the products of all Taylor coefficients of its layer; it must stay one constant (hardware keeps
one copy). So a factor is folded only if all products with this weight agree. k is a constant scalar or per-feature
vector; a negation counts as k = -1.

Rules, for all MatMul(x, W) and Gemm(x, W, b) with the same constant matrix W:
1. Each result is used only in multiplications by one constant. The most frequent constant k goes into the columns of W
   (and into b): W' = W diag(k); its multiplications disappear, the others are divided by k.
2. Each x is z x k with the same k, used only by these products: k goes into the rows, W' = diag(k) W, and x becomes z.

W' is computed in float64, rounded once.

Not handled: a layer of which one result is used unscaled (the multiplications stay); factors behind an addition that is
not a bias; computed biases; k with zeros where others must be divided by it; results that overflow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
import onnx_ir as ir

from inrarch.graph.passes.editor import Editor
from inrarch.graph.passes.patterns import (
    Array,
    float64_of,
    is_constant,
    is_float,
    multiplied,
    operand,
    rounds_well,
    scaled,
    scaled_name,
)
from inrarch.graph.shapes import dims_of

Layer = list[ir.Node]
"""The products with one weight."""


def run(model: ir.Model) -> int:
    """Look at each layer once; returns the number of multiplications that disappeared."""
    editor = Editor(model.graph)
    disappeared = 0
    for layer in _layers(model.graph):
        for fold in (_fold_behind, _fold_before):
            present = [node for node in layer if node.graph is not None]  # what nothing uses goes with a multiplication
            if present:
                disappeared += fold(editor, present)
    return disappeared


def _layers(graph: ir.Graph) -> list[Layer]:
    layers: dict[ir.Value, Layer] = {}
    for node in graph:
        if node.op_type in ("MatMul", "Gemm") and not node.attributes and not is_constant(node.inputs[0]):
            weight = operand(node, 1)
            if is_constant(weight) and is_float(weight) and len(dims_of(weight) or ()) == 2:
                layers.setdefault(weight, []).append(node)
    return list(layers.values())


def _fold_behind(editor: Editor, layer: Layer) -> int:
    weight = operand(layer[0], 1)
    columns = int(weight.shape[1])
    found = []
    for node in layer:
        factor = _factor_behind(node, columns)
        if factor is None:
            return 0
        found.append(factor)
    chosen = found[_most_frequent(found)]
    with np.errstate(all="ignore"):
        ratios = [factor / chosen for factor in found]
    if not all(rounds_well(ratio, weight) for ratio in ratios):
        return 0
    product = multiplied(weight, chosen)
    if product is None:
        return 0
    scaled_weight = editor.constant(product, weight, name=scaled_name(weight))
    disappeared = 0
    for node, factor, ratio in zip(layer, found, ratios, strict=True):
        node.replace_input_with(1, scaled_weight)
        if len(node.inputs) > 2:
            bias = operand(node, 2)
            node.replace_input_with(2, editor.constant(_weights(bias) * chosen, bias, name=scaled_name(bias)))
        result = node.outputs[0]
        for user in result.consumers():
            if np.array_equal(factor, chosen):
                editor.replace(user, result)
                disappeared += 1
            else:
                editor.replace(user, editor.insert(user, "Mul", result, editor.constant(ratio, weight, name="factor")))
    editor.drop(weight)
    return disappeared


def _factor_behind(node: ir.Node, columns: int) -> Array | None:
    """The one constant by which a result is multiplied wherever it is used."""
    result = node.outputs[0]
    if result.is_graph_output() or not result.uses() or any(not is_constant(each) for each in node.inputs[2:]):
        return None
    factors = [_factor(use.node.outputs[0], columns) for use in result.uses()]
    first = factors[0]
    if first is None or not all(each is not None and np.array_equal(each, first) for each in factors):
        return None
    return first


def _fold_before(editor: Editor, layer: Layer) -> int:
    weight = operand(layer[0], 1)
    inputs = list(dict.fromkeys(operand(node) for node in layer))
    products = set(layer)
    factors = [_factor_before(value, products, int(weight.shape[0])) for value in inputs]
    chosen = factors[0]
    if chosen is None or not all(each is not None and np.array_equal(each, chosen) for each in factors):
        return 0
    product = multiplied(weight, chosen if chosen.ndim == 0 else chosen[:, np.newaxis])
    if product is None:
        return 0
    scaled_weight = editor.constant(product, weight, name=scaled_name(weight))
    for node in layer:
        multiple = scaled(operand(node))
        assert multiple is not None, f"{node.name}: the factor has gone"
        node.replace_input_with(0, multiple.base)
        node.replace_input_with(1, scaled_weight)
    for value in inputs:
        producer = value.producer()
        assert producer is not None, f"{value.name} is not computed"
        editor.remove(producer)
    editor.drop(weight)
    return len(inputs)


def _factor_before(value: ir.Value, layer: Collection[ir.Node], rows: int) -> Array | None:
    """The constant in a value that only this layer uses."""
    if value.is_graph_output() or any(use.idx != 0 or use.node not in layer for use in value.uses()):
        return None
    return _factor(value, rows)


def _factor(value: ir.Value, features: int) -> Array | None:
    """K of a multiple, as a scalar or a vector along the last axis; None if the value is none or k has other axes."""
    multiple = scaled(value)
    if multiple is None:
        return None
    factor = multiple.factor
    if factor.size == 1:
        return factor.reshape(())
    return factor.reshape(-1) if factor.size == factor.shape[-1] == features else None


def _most_frequent(factors: Sequence[Array]) -> int:
    """Position of the factor that occurs most often, the first of those."""
    keys = [factor.tobytes() for factor in factors]
    return keys.index(Counter(keys).most_common(1)[0][0])


def _weights(constant: ir.Value) -> Array:
    array = float64_of(constant)
    assert array is not None, f"{constant.name} is not a float constant"
    return array
