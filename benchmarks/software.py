"""The benchmark on this machine's processor: each method in a process of its own, all taking turns."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.derivative_methods.process import Worker

METHODS = {
    "inrarch": "ONNX Runtime",
    "torch.autograd": "PyTorch autograd",
    "torch.func fwd-rev": "PyTorch torch.func",
}
"""Methods of benchmarks/derivative_methods by their title: the optimized derivative graph, eager nested reverse mode,
vmap of nested jacfwd of jacrev."""

ROUNDS = 3
PREPARE_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Float32. seconds: of the fastest run; error: largest relative to float64; failure: why there are none."""

    title: str
    threads: int
    order: int
    seconds: float | None
    error: float | None
    failure: str = ""


def measure(orders: Sequence[int], rows: int, threads: Sequence[int], seconds: float) -> list[Timing]:
    """All methods at all orders; about `seconds` for each of them."""
    timings = []
    with tempfile.TemporaryDirectory() as cache:
        for count in threads:
            workers = {method: Worker(method, count, cache) for method in METHODS}
            try:
                for order in orders:
                    timings += _measure(order, rows, workers, count, seconds / ROUNDS)
            finally:
                for worker in workers.values():
                    worker.stop()
    return timings


def _measure(order: int, rows: int, workers: dict[str, Worker], threads: int, slot_s: float) -> list[Timing]:
    prepared = {
        method: worker.ask({"prepare": [order, rows]}, limit_s=PREPARE_LIMIT_S) for method, worker in workers.items()
    }
    taken: dict[str, list[float]] = {method: [] for method, answer in prepared.items() if "error" in answer}
    for _ in range(ROUNDS):
        for method, seconds in taken.items():
            seconds += workers[method].ask({"run_s": slot_s}, limit_s=60.0).get("seconds", [])
    return [
        Timing(
            title,
            threads,
            order,
            min(taken.get(method, []), default=None),
            prepared[method].get("error"),
            _failure(prepared[method].get("failure", "")),
        )
        for method, title in METHODS.items()
    ]


def _failure(text: str) -> str:
    return "not installed" if text.startswith("ModuleNotFoundError") else text
