"""Gaussian activation exp(-u²/2σ²).

Ramasinghe and Lucey 2022, "Beyond Periodicity: Towards a Unifying Framework for Activations in Coordinate-MLPs",
arXiv:2111.15135.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import linear_layers


class GaussianMlp(nn.Module):
    def __init__(self, sizes: tuple[int, ...], sigma: float = 0.25) -> None:
        super().__init__()
        self.sigma = sigma
        self.layers = linear_layers(sizes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = torch.exp(-(layer(x) ** 2) / (2 * self.sigma**2))
        return self.layers[-1](x)


ARCHITECTURES = (
    Architecture(
        "Gaussian activation",
        "Ramasinghe and Lucey 2022, arXiv:2111.15135",
        lambda: GaussianMlp((2, 48, 48, 48, 1)),
        inputs={"x": 2},
    ),
)
