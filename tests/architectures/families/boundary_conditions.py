"""Networks that satisfy boundary conditions exactly: periodic embeddings, or a factor that vanishes on the border.

Dong and Ni 2021, "A method for representing periodic functions and enforcing exactly periodic boundary conditions with
deep neural networks", arXiv:2007.07442: a first layer A cos(ωx + φ) + c.
Lagaris, Likas, Fotiadis 1998, "Artificial neural networks for solving ordinary and partial differential equations",
arXiv:physics/9705023: u = g(x) + x (1 - x) y (1 - y) N(x, y).
"""

from __future__ import annotations

from math import pi

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import single


class PeriodicNetwork(nn.Module):
    """Periodic in the second coordinate with period 2, not in the first (time)."""

    def __init__(self, harmonics: int = 8, width: int = 24) -> None:
        super().__init__()
        self.amplitude, self.phase, self.shift = (nn.Parameter(torch.randn(harmonics)) for _ in range(3))
        self.network = nn.Sequential(
            nn.Linear(harmonics + 1, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        t, position = x[:, :1], x[:, 1:2]
        wave = self.amplitude * torch.cos(single(pi) * position + self.phase) + self.shift
        return self.network(torch.cat([t, torch.tanh(wave)], dim=1))


class HardBoundary(nn.Module):
    """Zero on three sides of the unit square, sin(πx) on the side y = 1."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(2, width), nn.Sigmoid(), nn.Linear(width, width), nn.Sigmoid(), nn.Linear(width, 1)
        )

    def forward(self, point: torch.Tensor) -> torch.Tensor:
        x, y = torch.split(point, 1, dim=1)
        given = y * torch.sin(single(pi) * x)
        return given + x * (1 - x) * y * (1 - y) * self.network(point)


ARCHITECTURES = (
    Architecture("Periodic embedding", "Dong and Ni 2021, arXiv:2007.07442", PeriodicNetwork, inputs={"x": 2}),
    Architecture(
        "Hard boundary conditions",
        "Lagaris et al. 1998, arXiv:physics/9705023",
        HardBoundary,
        inputs={"x": 2},
        box=(0.0, 1.0),
    ),
)
