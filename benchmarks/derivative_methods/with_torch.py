"""PyTorch: nested reverse mode, nested forward mode of torch.func, and the former traced and compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.fx.experimental.proxy_tensor import make_fx

from benchmarks.derivative_methods.problem import OUTPUTS, W0, Method, Prepared, Problem, from_full, layers, name_of
from inrarch.derivatives.indices import Index, tower

Function = Callable[[torch.Tensor], Any]


def autograd(problem: Problem) -> Prepared:
    """Eager `torch.autograd.grad` with create_graph, once per output and partial that is needed to reach all others."""
    x, network = _points(problem), _network()
    return Prepared(lambda: _nested_gradients(network, x, problem.order), _joined)


def forward(problem: Problem) -> Prepared:
    """torch.func: vmap of nested jacfwd."""
    return _functional(problem, [torch.func.jacfwd] * problem.order)


def forward_over_reverse(problem: Problem) -> Prepared:
    """torch.func: vmap of nested jacfwd of jacrev."""
    return _functional(problem, [torch.func.jacrev] + [torch.func.jacfwd] * (problem.order - 1))


def compiled(problem: Problem) -> Prepared:
    """torch.compile of the graph that make_fx traces from nested reverse mode.

    torch.compile alone does not take nested differentiation: it breaks off or crashes above order 1.
    """
    x, network = _points(problem), _network()
    traced = make_fx(lambda x: _nested_gradients(network, x, problem.order))(x)
    function = torch.compile(traced)

    def run() -> Any:
        with torch.no_grad():
            return function(x)

    return Prepared(run, _joined)


def _points(problem: Problem) -> torch.Tensor:
    torch.set_num_threads(problem.threads)
    return torch.from_numpy(problem.x)


def _network() -> Function:
    weights = [(torch.from_numpy(weight), torch.from_numpy(bias.copy())) for weight, bias in layers()]

    def network(x: torch.Tensor) -> torch.Tensor:
        for weight, bias in weights[:-1]:
            x = torch.sin(W0 * (x @ weight + bias))
        return x @ weights[-1][0] + weights[-1][1]

    return network


def _nested_gradients(network: Function, x: torch.Tensor, order: int) -> list[dict[Index, torch.Tensor]]:
    """Per output the partials [N] by index."""
    x = x.detach().requires_grad_()
    y = network(x)
    results: list[dict[Index, torch.Tensor]] = []
    for output in range(OUTPUTS):
        partials: dict[Index, torch.Tensor] = {(): y[:, output]}
        for index in tower(x.shape[1], order):
            if index not in partials:
                parent = index[1:]  # its gradient gives this one and those that end in a later coordinate
                (gradient,) = torch.autograd.grad(
                    partials[parent].sum(), x, create_graph=len(index) < order, retain_graph=True
                )
                for coordinate in range(x.shape[1]):
                    partials.setdefault(tuple(sorted((*parent, coordinate))), gradient[:, coordinate])
        results.append(partials)
    return results


def _joined(results: list[dict[Index, torch.Tensor]]) -> Mapping[str, Any]:
    return {
        name_of(index): torch.stack([partials[index] for partials in results], dim=1).detach() for index in results[0]
    }


def _functional(problem: Problem, jacobians: list[Any]) -> Prepared:
    x = _points(problem)
    function = all_orders(_network(), jacobians)
    return Prepared(lambda: torch.func.vmap(function)(x), lambda result: from_full(list(result)))


def all_orders(network: Callable[[Any], Any], jacobians: list[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """One function of a row that gives f, f', f'', …, each computed once: lower orders leave as auxiliary results."""

    def level(function: Callable[[Any], tuple[Any, tuple[Any, ...]]], jacobian: Any) -> Any:
        def differentiated(x: Any) -> tuple[Any, tuple[Any, ...]]:
            def with_value(x: Any) -> tuple[Any, tuple[Any, ...]]:
                highest, lower = function(x)
                return highest, (*lower, highest)

            highest, lower = jacobian(with_value, has_aux=True)(x)
            return highest, lower

        return differentiated

    function: Any = lambda x: (network(x), ())  # noqa: E731
    for jacobian in jacobians:
        function = level(function, jacobian)

    def flat(x: Any) -> tuple[Any, ...]:
        highest, lower = function(x)
        return (*lower, highest)

    return flat


METHODS: dict[str, Method] = {
    "torch.autograd": autograd,
    "torch.func fwd": forward,
    "torch.func fwd-rev": forward_over_reverse,
    "torch.compile": compiled,
}
