"""Residual networks: the Deep Ritz network with max(u³, 0), and a quadratic residual network.

E and Yu 2018, "The Deep Ritz method", arXiv:1710.00211.
Bu and Karpatne 2021, "Quadratic Residual Networks", arXiv:2101.08366: (W₁x) ∘ (W₂x) + W₁x + b.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import linear_layers


def cubed(u: torch.Tensor) -> torch.Tensor:
    return torch.relu(u) ** 3


class DeepRitz(nn.Module):
    def __init__(self, coordinates: int = 2, width: int = 16, blocks: int = 3) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(linear_layers((width, width, width)) for _ in range(blocks))
        self.padding = width - coordinates
        self.output = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = nn.functional.pad(x, (0, self.padding))
        for first, second in self.blocks:
            h = cubed(second(cubed(first(h)))) + h
        return self.output(h)


class QuadraticResidual(nn.Module):
    def __init__(self, sizes: tuple[int, ...] = (2, 24, 24, 24, 1)) -> None:
        super().__init__()
        self.first, self.second = linear_layers(sizes), linear_layers(sizes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for number, (first, second) in enumerate(zip(self.first, self.second, strict=True)):
            linear = first(x)
            x = nn.functional.linear(x, second.weight) * linear + linear
            x = torch.tanh(x) if number + 1 < len(self.first) else x
        return x


ARCHITECTURES = (
    Architecture("Deep Ritz ResNet", "E and Yu 2018, arXiv:1710.00211", DeepRitz, inputs={"x": 2}),
    Architecture("QRes", "Bu and Karpatne 2021, arXiv:2101.08366", QuadraticResidual, inputs={"x": 2}),
)
