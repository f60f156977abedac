"""Signed distance networks for neural rendering: weight norm, Softplus(100), skip over √2, geometric initialisation.

Yariv et al. 2020, "Multiview Neural Surface Reconstruction by Disentangling Geometry and Appearance" (IDR),
arXiv:2003.09852; initialisation of Atzmon and Lipman 2020, arXiv:1911.10414.
Wang et al. 2021, "NeuS", arXiv:2106.10689: logistic density of the distance, φ_s(f) = s e^{-sf} / (1 + e^{-sf})².
Yariv et al. 2021, "VolSDF", arXiv:2106.12052: density as the distribution of a Laplace variable.
"""

from __future__ import annotations

from math import pi, sqrt

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import WeightNormalised, single


class DistanceNetwork(nn.Module):
    def __init__(self, width: int = 32, layers: int = 5, skip: int = 3, radius: float = 0.6) -> None:
        super().__init__()
        self.skip = skip
        self.linear = nn.ModuleList()
        for number in range(layers):
            fan_in = 3 if number == 0 else width
            fan_out = 1 if number == layers - 1 else width - 3 if number + 1 == skip else width
            linear = nn.Linear(fan_in, fan_out)
            if number == layers - 1:
                nn.init.normal_(linear.weight, mean=sqrt(pi) / sqrt(fan_in), std=1e-2)
                nn.init.constant_(linear.bias, -radius)
            else:
                nn.init.normal_(linear.weight, 0.0, sqrt(2) / sqrt(fan_out))
                nn.init.normal_(linear.bias, 0.0, 0.05)
            self.linear.append(WeightNormalised(linear))
        self.activation = nn.Softplus(beta=100)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x
        for number, linear in enumerate(self.linear):
            if number == self.skip:
                h = torch.cat([h, x], dim=1) / single(sqrt(2))
            h = linear(h)
            if number < len(self.linear) - 1:
                h = self.activation(h)
        return h


class Neus(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.distance = DistanceNetwork(skip=2, layers=4)
        self.variance = nn.Parameter(torch.tensor(0.25))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        distance = self.distance(x)
        sharpness = torch.exp(self.variance * 8.0)
        decay = torch.exp(-sharpness * distance)
        return distance, sharpness * decay / (1 + decay) ** 2


class VolSdf(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.distance = DistanceNetwork(skip=2, layers=4)
        self.beta = nn.Parameter(torch.tensor(0.1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        distance, beta = self.distance(x), self.beta.abs() + single(1e-4)
        return (0.5 + 0.5 * distance.sign() * (1 - torch.exp(-distance.abs() / beta))) / beta


LINE = 1e-6
"""PyTorch computes Softplus(β) as a line where βu > 20, e^-20 off; its TorchScript exporter writes the exact one."""

ARCHITECTURES = (
    Architecture("IDR", "Yariv et al. 2020, arXiv:2003.09852", DistanceNetwork, inputs={"x": 3}, allowance=LINE),
    Architecture(
        "NeuS",
        "Wang et al. 2021, arXiv:2106.10689",
        Neus,
        inputs={"x": 3},
        outputs=("distance", "density"),
        allowance=LINE,
    ),
    Architecture("VolSDF", "Yariv et al. 2021, arXiv:2106.12052", VolSdf, inputs={"x": 3}, allowance=LINE),
)
