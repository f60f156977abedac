"""Mixtures: sub-networks weighted by a soft gate of the coordinates.

Hu et al. 2023, "Augmented Physics-Informed Neural Networks" (APINN), arXiv:2211.08939: Σ_i G_i(x) E_i(h(x)).
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp


class GatedMixture(nn.Module):
    def __init__(self, coordinates: int = 2, width: int = 16, experts: int = 3, outputs: int = 2) -> None:
        super().__init__()
        self.gate = nn.Sequential(Mlp((coordinates, width, experts), nn.Tanh), nn.Softmax(dim=-1))
        self.shared = nn.Sequential(Mlp((coordinates, width, width), nn.Tanh), nn.Tanh())
        self.experts = nn.ModuleList(Mlp((width, width, outputs), nn.Tanh) for _ in range(experts))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.shared(x)
        answers = torch.stack([expert(h) for expert in self.experts], dim=1)
        return (self.gate(x).unsqueeze(-1) * answers).sum(dim=1)


ARCHITECTURES = (Architecture("APINN mixture", "Hu et al. 2023, arXiv:2211.08939", GatedMixture, inputs={"x": 2}),)
