"""FINER: variable-periodic activation sin(ω₀ (|u| + 1) u), first bias drawn from a wide interval.

Liu et al. 2024, "FINER: Flexible spectral-bias tuning in Implicit NEural Representation by Variable-periodic Activation
Functions", arXiv:2312.02434.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import linear_layers


class Finer(nn.Module):
    def __init__(self, sizes: tuple[int, ...], omega: float = 30.0, first_bias: float = 0.5) -> None:
        super().__init__()
        self.omega = omega
        self.layers = linear_layers(sizes)
        for number, layer in enumerate(self.layers):
            bound = 1 / layer.in_features if number == 0 else sqrt(6 / layer.in_features) / omega
            nn.init.uniform_(layer.weight, -bound, bound)
        nn.init.uniform_(self.layers[0].bias, -first_bias, first_bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            u = layer(x)
            x = torch.sin(self.omega * (torch.abs(u) + 1) * u)
        return self.layers[-1](x)


ARCHITECTURES = (
    Architecture("FINER", "Liu et al. 2024, arXiv:2312.02434", lambda: Finer((2, 32, 32, 32, 3)), inputs={"x": 2}),
)
