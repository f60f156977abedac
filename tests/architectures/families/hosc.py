"""HOSC: tanh(β sin(ω u)) with β from 8 in the first layer on.

Serrano et al. 2024, "HOSC: A Periodic Activation Function for Preserving Sharp Features in Implicit Neural
Representations", arXiv:2401.10967.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import linear_layers


class Hosc(nn.Module):
    def __init__(self, sizes: tuple[int, ...], betas: tuple[float, ...], omega: float = 10.0) -> None:
        super().__init__()
        self.layers = linear_layers(sizes)
        self.betas, self.omega = betas, omega

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer, beta in zip(self.layers[:-1], self.betas, strict=True):
            x = torch.tanh(beta * torch.sin(self.omega * layer(x)))
        return self.layers[-1](x)


ARCHITECTURES = (
    Architecture(
        "HOSC",
        "Serrano et al. 2024, arXiv:2401.10967",
        lambda: Hosc((2, 32, 32, 32, 3), (2.0, 4.0, 8.0)),
        inputs={"x": 2},
    ),
)
