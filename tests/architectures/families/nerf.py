"""NeRF: positional encoding of position and viewing direction, skip connection, density and colour heads.

Mildenhall et al. 2020, "NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis", arXiv:2003.08934.
"""

from __future__ import annotations

from math import pi

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import single


def encoding(x: torch.Tensor, octaves: int) -> torch.Tensor:
    """γ: sin and cos of 2^k π x for each octave, joined with x itself."""
    parts = [x]
    for octave in range(octaves):
        for function in (torch.sin, torch.cos):
            parts.append(function(2.0**octave * single(pi) * x))
    return torch.cat(parts, dim=-1)


class Nerf(nn.Module):
    def __init__(self, width: int = 32, octaves: int = 4, direction_octaves: int = 2, layers: int = 6) -> None:
        super().__init__()
        self.octaves, self.direction_octaves, self.skip = octaves, direction_octaves, layers // 2
        encoded, seen = 3 * (2 * octaves + 1), 3 * (2 * direction_octaves + 1)
        self.layers = nn.ModuleList(
            nn.Linear(encoded if number == 0 else width + (encoded if number == self.skip else 0), width)
            for number in range(layers)
        )
        self.density, self.feature = nn.Linear(width, 1), nn.Linear(width, width)
        nn.init.constant_(self.density.bias, 1.0)
        self.view, self.colour = nn.Linear(width + seen, width // 2), nn.Linear(width // 2, 3)

    def forward(self, x: torch.Tensor, direction: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        encoded = encoding(x, self.octaves)
        h = encoded
        for number, layer in enumerate(self.layers):
            if number == self.skip:
                h = torch.cat([encoded, h], dim=-1)
            h = torch.relu(layer(h))
        density = torch.relu(self.density(h))
        h = torch.cat([self.feature(h), encoding(direction, self.direction_octaves)], dim=-1)
        return torch.sigmoid(self.colour(torch.relu(self.view(h)))), density


ARCHITECTURES = (
    Architecture(
        "NeRF",
        "Mildenhall et al. 2020, arXiv:2003.08934",
        Nerf,
        inputs={"x": 3, "direction": 3},
        outputs=("colour", "density"),
    ),
)
