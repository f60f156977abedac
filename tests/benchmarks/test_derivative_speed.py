"""The methods that the benchmark of speed compares compute the same; its table says what was measured."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from benchmarks.derivative_methods.problem import largest_error, problem, reference
from benchmarks.derivative_methods.worker import MODULES
from benchmarks.derivative_speed import METHODS, TOLERANCE, Cell, summary, table


def check_methods(package: str, left_out: tuple[str, ...] = ()) -> None:
    module = import_module(f"benchmarks.derivative_methods.{MODULES[package]}")
    assert list(module.METHODS) == [method for method in METHODS if method.startswith(package)]
    for order in (1, 3):
        cell = problem(order, batch=5, threads=1)
        expected = reference(order, cell.x)
        for name, method in module.METHODS.items():
            if name not in left_out:
                prepared = method(cell)
                assert largest_error(expected, prepared.partials(prepared.run())) <= TOLERANCE, name


def test_our_methods_agree_with_float64() -> None:
    check_methods("inrarch")


@pytest.mark.oracle
def test_the_methods_of_jax_agree_with_float64() -> None:
    pytest.importorskip("jax")
    check_methods("jax")


@pytest.mark.oracle
def test_the_methods_of_torch_agree_with_float64() -> None:
    pytest.importorskip("torch")
    check_methods("torch", left_out=("torch.compile",))  # takes minutes; the benchmark checks it when it runs


def test_a_difference_is_found_in_any_partial() -> None:
    expected = reference(1, problem(1, 3, 1).x)
    found = {name: array.copy() for name, array in expected.items()}
    found["y_d1"][2, 1] += 0.5 * np.abs(expected["y_d1"]).max()
    assert largest_error(expected, found) == pytest.approx(0.5)


def test_the_tables_show_the_fastest_runs_and_the_ratio_to_the_best_of_the_others() -> None:
    rounds = {
        "inrarch": [0.002, 0.0016],
        "inrarch, stacked": [0.001],
        "torch.autograd": [0.8, 0.7004],
        "jax jvp": [0.006],
        "jax jet": [0.004],
    }
    cells = [Cell(1, 64, 2, rounds), Cell(2, 64, 2, {"inrarch": [0.5]})]
    assert table(cells, list(rounds)) == [
        "| threads | rows | order | inrarch | inrarch, stacked | torch.autograd | jax jvp | jax jet | ratio |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| 1 | 64 | 2 | 1.6 | 1 | 700 | 6 | 4 | 0.25 |",
        "| 2 | 64 | 2 | 500 | – | – | – | – | – |",
    ]
    assert summary(cells, list(rounds)) == [
        "| threads | rows | order | inrarch | inrarch, stacked | inrarch, blocks "
        "| best of torch | best of jax | ratio |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| 1 | 64 | 2 | 1.6 | 1 | – | 700 | 4 | 0.25 |",
        "| 2 | 64 | 2 | 500 | – | – | – | – | – |",
    ]
