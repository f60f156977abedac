"""Speed of derivatives: inrarch in ONNX Runtime against PyTorch and JAX, in one run, as Markdown tables.

    python -m benchmarks.derivative_speed [--orders 1,2,3,4] [--batches 1,64,4096] [--threads 1,all]
                                          [--methods jax,inrarch] [--rounds 5] [--quick]

All distinct partial derivatives up to each order of the benchmark SIREN (2 -> 256 x 4 -> 3, w0 = 30), float32. Every
method first agrees with float64, then the methods take turns, so that a disturbance of the machine meets all of them.
torch and jax are needed for their own columns only (`pip install -e '.[dev,oracle]'`).
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from benchmarks.derivative_methods.ours import BLOCK
from benchmarks.derivative_methods.process import Worker

METHODS = (
    "inrarch", "inrarch, stacked", "inrarch, blocks",
    "torch.autograd", "torch.func fwd", "torch.func fwd-rev", "torch.compile",
    "jax jacfwd", "jax fwd-rev", "jax jvp", "jax jet",
)  # fmt: skip
OURS = METHODS[:3]
TOLERANCE = 1e-4
"""Largest relative difference from float64 for a method to be timed; 3e-6 is usual."""
PREPARE_LIMIT_S = 30.0
"""A method that is not ready after this long (mostly: compiling) is left out from that order on."""
SLOW_RUN_S = 0.5
"""A method whose run takes longer is measured once."""
RUN_LIMIT_S = 2.5
"""A method of others whose run takes longer is left out for higher orders of the batch."""


@dataclass
class Cell:
    """One line of the table: seconds by method, the fastest run of each round."""

    threads: int
    batch: int
    order: int
    rounds: dict[str, list[float]] = field(default_factory=dict)

    def milliseconds(self, method: str) -> float | None:
        taken = self.rounds.get(method)
        return 1e3 * min(taken) if taken else None

    def best(self, methods: tuple[str, ...]) -> float | None:
        times = [each for method in methods if (each := self.milliseconds(method)) is not None]
        return min(times, default=None)


class Benchmark:
    """Runs cell after cell; keeps what was left out, and the largest error."""

    def __init__(self, options: argparse.Namespace, cache: str) -> None:
        self.options = options
        self.cache = cache
        self.cells: list[Cell] = []
        self.notes: list[str] = []
        self.largest_error = 0.0
        self.order_limit: dict[tuple[str, int | None, int | None], int] = {}  # method, threads, batch (None: any)

    def run(self) -> None:
        for threads in self.options.threads:
            workers = {method: Worker(method, threads, self.cache) for method in self.options.methods}
            try:
                for batch in self.options.batches:
                    for order in self.options.orders:
                        self.cells.append(self.measure(Cell(threads, batch, order), workers))
            finally:
                for worker in workers.values():
                    worker.stop()

    def measure(self, cell: Cell, workers: dict[str, Worker]) -> Cell:
        start = time.perf_counter()
        wanted = [method for method in workers if self.wanted(cell, method)]
        for method in wanted:  # all at once: most of it is compiling
            workers[method].send({"prepare": [cell.order, cell.batch]})
        ready = [method for method in wanted if self.is_ready(cell, workers[method])]
        for _ in range(self.options.rounds):
            for method in list(ready):
                answer = workers[method].ask({"run_s": self.options.slot_s}, limit_s=60.0)
                if "failure" in answer:
                    self.leave_out(cell, method, answer["failure"])
                    ready.remove(method)
                    continue
                cell.rounds.setdefault(method, []).append(min(answer["seconds"]))
                if min(answer["seconds"]) > SLOW_RUN_S:
                    ready.remove(method)
                if min(answer["seconds"]) > RUN_LIMIT_S and method not in OURS:
                    self.order_limit[method, cell.threads, cell.batch] = cell.order
        took = time.perf_counter() - start
        print(f"threads {cell.threads}, batch {cell.batch}, order {cell.order}: {took:.0f} s", file=sys.stderr)
        return cell

    def wanted(self, cell: Cell, method: str) -> bool:
        if method == "inrarch, blocks" and cell.batch <= BLOCK:
            return False  # it would be `inrarch`
        limits = (self.order_limit.get(key, 99) for key in ((method, None, None), (method, cell.threads, cell.batch)))
        return cell.order <= min(limits)

    def is_ready(self, cell: Cell, worker: Worker) -> bool:
        """Whether the method is prepared, and right."""
        method = worker.method
        answer = worker.answer(limit_s=PREPARE_LIMIT_S)
        if "error" in answer and answer["error"] <= TOLERANCE:
            self.largest_error = max(self.largest_error, answer["error"])
            return True
        if "error" in answer:
            failure = f"differs from float64 by {answer['error']:.1g} of the largest value"
        else:
            failure = answer["failure"]
        self.leave_out(cell, method, failure)
        return False

    def leave_out(self, cell: Cell, method: str, failure: str) -> None:
        """A method that fails is not tried again at this order or above."""
        self.notes.append(f"{method}, order {cell.order}, batch {cell.batch}, {cell.threads} thread(s): {failure}")
        self.order_limit[method, None, None] = cell.order - 1


def table(cells: list[Cell], methods: list[str]) -> list[str]:
    """All methods, as in benchmarks/README.md."""
    return _markdown(cells, methods, [[cell.milliseconds(method) for method in methods] for cell in cells])


def summary(cells: list[Cell], methods: list[str]) -> list[str]:
    """Our forms and the best of each other framework, as in docs/derivatives.md."""
    groups = {method: (method,) for method in OURS}
    groups |= {f"best of {name}": tuple(m for m in methods if m.startswith(name)) for name in ("torch", "jax")}
    return _markdown(cells, list(groups), [[cell.best(group) for group in groups.values()] for cell in cells])


def _markdown(cells: list[Cell], columns: list[str], times: list[list[float | None]]) -> list[str]:
    head = ["threads", "rows", "order", *columns, "ratio"]
    lines = [head, ["---:"] * len(head)]
    for cell, row in zip(cells, times, strict=True):
        ours, best = cell.best(OURS), cell.best(tuple(method for method in METHODS if method not in OURS))
        ratio = "–" if ours is None or best is None else f"{ours / best:.2f}"
        shown = ["–" if each is None else _rounded(each) for each in row]
        lines.append([str(cell.threads), str(cell.batch), str(cell.order), *shown, ratio])
    return [f"| {' | '.join(line)} |" for line in lines]


def _rounded(milliseconds: float) -> str:
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"


def versions() -> str:
    names = []
    for package in ("onnxruntime", "torch", "jax"):
        try:
            names.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            names.append(f"no {package}")
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {', '.join(names)}"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as cache:
        benchmark = Benchmark(options, cache)
        start = time.perf_counter()
        benchmark.run()
    print(f"Milliseconds, the fastest run in {options.rounds} turns of each method; {versions()}.", "", sep="\n")
    print(*table(benchmark.cells, options.methods), "", sep="\n")
    print(*summary(benchmark.cells, options.methods), "", sep="\n")
    print("ratio: the fastest form of inrarch to the fastest of the others.")
    print(f"Largest difference from float64: {benchmark.largest_error:.1g} of the largest value of a derivative.")
    print(f"–: left out, as it takes over {PREPARE_LIMIT_S:.0f} s to prepare, failed, or a lower order took over "
          f"{RUN_LIMIT_S:g} s. Whole run: {time.perf_counter() - start:.0f} s.")  # fmt: skip
    for note in benchmark.notes:
        print(f"* {note}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = len(os.sched_getaffinity(0))
    parser.add_argument("--orders", type=_numbers, default=[1, 2, 3, 4], metavar="N,…")
    parser.add_argument("--batches", type=_numbers, default=[1, 64, 4096], metavar="N,…", help="rows per run")
    parser.add_argument(
        "--threads",
        type=lambda text: _numbers(text.replace("all", str(every))),
        default=sorted({1, every}),
        metavar="N,…",
        help="numbers, or all",
    )
    parser.add_argument(
        "--methods",
        type=lambda text: [each for each in METHODS if each.startswith(tuple(text.split(",")))],
        default=list(METHODS),
        metavar="START,…",
        help=f"those that start so, of: {'; '.join(METHODS)}",
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each method in a cell")
    parser.add_argument("--slot-s", type=float, default=0.15, help="seconds of a turn; at least one run")
    parser.add_argument("--quick", action="store_true", help="orders 1 and 2, batch 64, one thread, two rounds")
    options = parser.parse_args()
    if options.quick:
        options.orders, options.batches, options.threads, options.rounds = [1, 2], [64], [1], 2
    return options


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


if __name__ == "__main__":
    main()
