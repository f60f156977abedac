"""Parts that several families share."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import nn


def single(number: float) -> float:
    """A constant as both exporters store numbers of a module's code: rounded to float32, in float64 models too."""
    return torch.tensor(number, dtype=torch.float32).item()


class Mlp(nn.Module):
    """Linear layers with an activation module (a new one for each layer) between them."""

    def __init__(self, sizes: tuple[int, ...], activation: Callable[[], nn.Module]) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for fan_in, fan_out in pairwise(sizes):
            linear = nn.Linear(fan_in, fan_out)
            nn.init.xavier_normal_(linear.weight)
            nn.init.uniform_(linear.bias, -0.5, 0.5)
            layers += [linear, activation()]
        self.network = nn.Sequential(*layers[:-1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


class WeightNormalised(nn.Module):
    """A linear layer with weight g v / ‖v‖, row by row (Salimans and Kingma 2016, arXiv:1602.07868)."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.direction, self.bias = nn.Parameter(linear.weight.detach() * 1.5), linear.bias
        self.length = nn.Parameter(linear.weight.detach().norm(dim=1, keepdim=True))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.length * self.direction / torch.linalg.vector_norm(self.direction, dim=1, keepdim=True)
        return nn.functional.linear(x, weight, self.bias)


def linear_layers(sizes: tuple[int, ...]) -> nn.ModuleList:
    """Linear layers from size to size, with PyTorch's own initialisation."""
    return nn.ModuleList(nn.Linear(fan_in, fan_out) for fan_in, fan_out in pairwise(sizes))
