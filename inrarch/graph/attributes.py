"""Attributes of a node as Python values: int, float, str, tuples of them, or a tensor with `.numpy()`."""

from __future__ import annotations

from typing import Any

import onnx_ir as ir


def attributes_of(node: ir.Node) -> dict[str, Any]:
    """By name; only those that the node states."""
    return {name: attribute.value for name, attribute in node.attributes.items()}
