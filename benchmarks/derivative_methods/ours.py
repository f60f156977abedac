"""inrarch: the derivative graph in ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnx_ir as ir

from benchmarks.derivative_methods.problem import Method, Prepared, Problem, network
from inrarch.derivatives.api import derive_graph
from inrarch.graph.runtime import open_session
from inrarch.graph.stack import stack_products

BLOCK = 128
"""Rows that are computed at once by `blocks`: few enough that a layer's coefficients stay in the cache."""


def derivative(problem: Problem) -> ir.Model:
    return derive_graph(network(), order=problem.order)


def whole(problem: Problem) -> Prepared:
    """All rows in one run."""
    return _in_session(derivative(problem), problem)


def stacked(problem: Problem) -> Prepared:
    """All rows in one run, one matrix product per layer."""
    return _in_session(stack_products(derivative(problem)), problem)


def blocks(problem: Problem) -> Prepared:
    """128 rows per run, the runs on as many threads as there may be."""
    session = open_session(derivative(problem), threads=1)
    names = [output.name for output in session.get_outputs()]
    parts = [problem.x[start : start + BLOCK] for start in range(0, len(problem.x), BLOCK)]
    pool = ThreadPoolExecutor(problem.threads)

    def run() -> list[Any]:
        results = pool.map(lambda part: session.run(None, {"x": part}), parts)
        return [np.concatenate(pieces) for pieces in zip(*results, strict=True)]

    return Prepared(run, lambda results: dict(zip(names, results, strict=True)))


def _in_session(graph: ir.Model, problem: Problem) -> Prepared:
    session = open_session(graph, threads=problem.threads)
    names = [output.name for output in session.get_outputs()]

    def partials(results: list[Any]) -> Mapping[str, Any]:
        return dict(zip(names, results, strict=True))

    return Prepared(lambda: session.run(None, {"x": problem.x}), partials)


METHODS: dict[str, Method] = {"inrarch": whole, "inrarch, stacked": stacked, "inrarch, blocks": blocks}
