"""One method in a process of its own, so that its thread settings are honoured: orders by lines of JSON on stdin.

{"prepare": [order, batch]}  ->  {"prepare_s": …, "error": …}     compiles, runs once, compares with float64
{"run_s": seconds}           ->  {"seconds": […]}                 seconds of each run; at least one
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import Any

MODULES = {"inrarch": "ours", "torch": "with_torch", "jax": "with_jax"}


def main() -> None:
    method, threads = sys.argv[1], int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a framework prints does not disturb the answers
    if threads == 1:
        processors = sorted(os.sched_getaffinity(0))  # not all methods on one: they are prepared at the same time
        os.sched_setaffinity(0, {processors[os.getpid() % len(processors)]})
    prepared: Any = None
    for line in sys.stdin:
        order = json.loads(line)
        if "prepare" in order:
            prepared = None
            try:
                prepared, answer = prepare(method, threads, *order["prepare"])
            except Exception as error:  # whatever a framework raises is told in the table's notes
                answer = {"failure": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}
        else:
            answer = {"seconds": run(prepared, order["run_s"])}
        print(json.dumps(answer), file=answers)


def prepare(method: str, threads: int, order: int, batch: int) -> tuple[Any, dict[str, Any]]:
    from benchmarks.derivative_methods.problem import largest_error, problem, reference

    package = next(module for start, module in MODULES.items() if method.startswith(start))
    methods = importlib.import_module(f"benchmarks.derivative_methods.{package}").METHODS
    cell = problem(order, batch, threads)
    start = time.perf_counter()
    prepared = methods[method](cell)
    results = prepared.run()
    prepare_s = time.perf_counter() - start
    return prepared, {
        "prepare_s": prepare_s,
        "error": largest_error(reference(order, cell.x), prepared.partials(results)),
    }


def run(prepared: Any, seconds: float) -> list[float]:
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while not taken or time.perf_counter() < end:
        start = time.perf_counter()
        prepared.run()
        taken.append(time.perf_counter() - start)
    return taken


if __name__ == "__main__":
    main()
