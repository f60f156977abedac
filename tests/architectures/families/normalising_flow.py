"""RealNVP: affine coupling layers; log-density of a point (its derivatives are the score and what follows).

Dinh, Sohl-Dickstein, Bengio 2017, "Density estimation using Real NVP", arXiv:1605.08803.
"""

from __future__ import annotations

from math import log, pi

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp, single


class RealNvp(nn.Module):
    def __init__(self, half: int = 1, width: int = 16, layers: int = 4) -> None:
        super().__init__()
        self.half = half
        self.networks = nn.ModuleList(Mlp((half, width, width, 2 * half), nn.Tanh) for _ in range(layers))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        volume = torch.zeros_like(x[:, 0])
        for network in self.networks:
            kept, changed = x.chunk(2, dim=1)
            scale, shift = network(kept).chunk(2, dim=1)
            scale = torch.tanh(scale)
            x = torch.cat([changed * torch.exp(scale) + shift, kept], dim=1)
            volume = volume + scale.sum(dim=1)
        density = -0.5 * (x.square() + single(log(2 * pi))).sum(dim=1)
        return (density + volume).unsqueeze(-1)


ARCHITECTURES = (
    Architecture(
        "RealNVP log-density", "Dinh et al. 2017, arXiv:1605.08803", RealNvp, inputs={"x": 2}, outputs=("log_density",)
    ),
)
