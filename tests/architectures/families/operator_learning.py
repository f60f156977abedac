"""DeepONet: G(u)(x) = Σ_k b_k(u) t_k(x) + b₀, with the values of a function u at sensors and a point x in each row.

Lu et al. 2021, "Learning nonlinear operators via DeepONet", arXiv:1910.03193.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp


class DeepOnet(nn.Module):
    def __init__(self, sensors: int = 12, coordinates: int = 2, width: int = 24, products: int = 16) -> None:
        super().__init__()
        self.branch = Mlp((sensors, width, width, products), nn.ReLU)
        self.trunk = nn.Sequential(Mlp((coordinates, width, width, products), nn.Tanh), nn.Tanh())
        self.bias = nn.Parameter(torch.tensor(0.1))

    def forward(self, u: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.sum(self.branch(u) * self.trunk(x), dim=-1, keepdim=True) + self.bias


ARCHITECTURES = (Architecture("DeepONet", "Lu et al. 2021, arXiv:1910.03193", DeepOnet, inputs={"u": 12, "x": 2}),)
