"""Fourier features: sines and cosines of random Gaussian frequencies before a ReLU network.

Tancik et al. 2020, "Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains",
arXiv:2006.10739.
"""

from __future__ import annotations

from math import pi

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import single


class FourierFeatures(nn.Module):
    def __init__(self, coordinates: int, frequencies: int, width: int, scale: float) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.randn(frequencies, coordinates) * scale)
        self.network = nn.Sequential(
            nn.Linear(2 * frequencies, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, 3),
            nn.Sigmoid(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        phase = (single(2 * pi) * x) @ self.frequencies.T
        return self.network(torch.cat([torch.cos(phase), torch.sin(phase)], dim=-1))


ARCHITECTURES = (
    Architecture(
        "Fourier features",
        "Tancik et al. 2020, arXiv:2006.10739",
        lambda: FourierFeatures(2, 32, 32, 1.0),
        inputs={"x": 2},
    ),
)
