"""Radial basis functions of ‖x - c‖: Gaussian and multiquadric, normalised.

Broomhead and Lowe 1988, "Multivariable functional interpolation and adaptive networks". As neural fields: Chen et al.
2023, "NeuRBF", arXiv:2309.15426.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class RadialBasis(nn.Module):
    def __init__(self, coordinates: int = 2, centres: int = 24) -> None:
        super().__init__()
        self.centres = nn.Parameter(2 * torch.rand(centres, coordinates) - 1)
        self.shape = nn.Parameter(1 + torch.rand(centres))
        self.gaussian, self.multiquadric = nn.Linear(centres, 1), nn.Linear(centres, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        squared = (x[:, None, :] - self.centres[None]).pow(2).sum(-1)
        bumps = torch.exp(-squared * self.shape**2)
        shares = bumps / bumps.sum(-1, keepdim=True)
        return self.gaussian(shares) + self.multiquadric(torch.sqrt(1 + squared * self.shape**2))


ARCHITECTURES = (
    Architecture("Radial basis field", "Chen et al. 2023, arXiv:2309.15426", RadialBasis, inputs={"x": 2}),
)
