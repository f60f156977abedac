"""Rows of one batch, written into a graph that sums over the batch, so that every later stage evaluates it in batches.

A gradient by parameters is a sum over the rows of one invocation: its size, its format and its test values depend
on how many these are.
"""

from __future__ import annotations

import onnx_ir as ir

KEY = "inrarch.rows"
"""Metadata of the model: rows of a batch."""


def record_batch(model: ir.Model, rows: int) -> None:
    """Note in the model's metadata that a batch has this many rows."""
    model.metadata_props[KEY] = str(rows)


def recorded_batch(model: ir.Model) -> int | None:
    """Rows of a batch as noted by `record_batch`; None for a graph whose results do not depend on it."""
    rows = model.metadata_props.get(KEY)
    return None if rows is None else int(rows)
