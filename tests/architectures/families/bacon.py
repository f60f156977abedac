"""BACON: a multiplicative filter network with band-limited filters of fixed frequencies and an output at each scale.

Lindell et al. 2022, "BACON: Band-limited Coordinate Networks for Multiscale Scene Representation", arXiv:2112.04645.
"""

from __future__ import annotations

from math import pi

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class Bacon(nn.Module):
    def __init__(self, coordinates: int, width: int, bandwidths: tuple[int, ...]) -> None:
        super().__init__()
        for number, band in enumerate(bandwidths):
            frequencies = torch.randint(-band, band + 1, (width, coordinates)) * 2 * pi
            self.register_buffer(f"frequencies_{number}", frequencies.float())
        self.phases = nn.ParameterList((2 * torch.rand(width) - 1) * pi for _ in bandwidths)
        self.linear = nn.ModuleList(nn.Linear(width, width) for _ in bandwidths[1:])
        self.heads = nn.ModuleList(nn.Linear(width, 1) for _ in bandwidths[1:])

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        filters = [
            torch.sin(nn.functional.linear(x, getattr(self, f"frequencies_{number}"), phase))
            for number, phase in enumerate(self.phases)
        ]
        z, outputs = filters[0], []
        for each, linear, head in zip(filters[1:], self.linear, self.heads, strict=True):
            z = each * linear(z)
            outputs.append(head(z))
        return tuple(outputs)


ARCHITECTURES = (
    Architecture(
        "BACON",
        "Lindell et al. 2022, arXiv:2112.04645",
        lambda: Bacon(2, 32, (1, 2, 2, 4)),
        inputs={"x": 2},
        outputs=("coarse", "middle", "fine"),
        box=(-0.5, 0.5),
    ),
)
