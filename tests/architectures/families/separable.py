"""Separable physics-informed network: u(x, y, t) = Σ_r f_r(x) g_r(y) h_r(t), one network for each coordinate.

Cho et al. 2023, "Separable Physics-Informed Neural Networks", arXiv:2306.15969, at collocation points.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp


class SeparableNetwork(nn.Module):
    def __init__(self, coordinates: int = 3, width: int = 24, rank: int = 8, outputs: int = 2) -> None:
        super().__init__()
        self.rank, self.outputs = rank, outputs
        self.factors = nn.ModuleList(Mlp((1, width, width, rank * outputs), nn.Tanh) for _ in range(coordinates))

    def forward(self, x: torch.Tensor, y: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        f, g, h = (
            factor(axis).reshape(-1, self.outputs, self.rank)
            for factor, axis in zip(self.factors, (x, y, t), strict=True)
        )
        return torch.einsum("nor,nor->no", f * g, h)


ARCHITECTURES = (
    Architecture(
        "Separable PINN",
        "Cho et al. 2023, arXiv:2306.15969",
        SeparableNetwork,
        inputs={"x": 1, "y": 1, "t": 1},
        coordinates=("x", "y", "t"),
        outputs=("u",),
    ),
)
