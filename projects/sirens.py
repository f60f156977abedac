"""The SIRENs of the example networks, and where the pixels of a picture are.

Sitzmann et al., "Implicit Neural Representations with Periodic Activation Functions", NeurIPS 2020 (arXiv 2006.09661),
sections 3.1 and 3.2: sin(w0 (W x + b)) in every layer, and the initialisation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import nn


class PlaneSiren(nn.Module):
    """xy [rows, 2] -> value [rows, 1], two hidden layers."""

    def __init__(self, width: int, w0: float) -> None:
        super().__init__()
        self.w0 = w0
        self.first, self.second, self.last = nn.Linear(2, width), nn.Linear(width, width), nn.Linear(width, 1)
        _initialise(self.first, (self.second, self.last), w0)

    def forward(self, xy: torch.Tensor) -> torch.Tensor:
        return self.last(torch.sin(self.w0 * self.second(torch.sin(self.w0 * self.first(xy)))))


class PictureSiren(nn.Module):
    """coords [rows, 2] -> rgb [rows, 3] in [0, 1]."""

    def __init__(self, width: int, hidden_layers: int, w0: float) -> None:
        super().__init__()
        self.w0 = w0
        self.hidden = nn.ModuleList(nn.Linear(2 if i == 0 else width, width) for i in range(hidden_layers))
        self.last = nn.Linear(width, 3)
        _initialise(self.hidden[0], (*self.hidden[1:], self.last), w0)

    def forward(self, coords: torch.Tensor) -> torch.Tensor:
        x = coords
        for layer in self.hidden:
            x = torch.sin(self.w0 * layer(x))
        return self.last(x)


def pixel_centres(height: int, width: int) -> torch.Tensor:
    """Coordinates [height * width, 2] of the pixels' centres in [-1, 1]^2: first down, second to the right."""
    down = (torch.arange(height) + 0.5) / height * 2 - 1
    right = (torch.arange(width) + 0.5) / width * 2 - 1
    return torch.stack(torch.meshgrid(down, right, indexing="ij"), dim=-1).reshape(-1, 2)


def _initialise(first: nn.Linear, others: Iterable[nn.Linear], w0: float) -> None:
    with torch.no_grad():
        first.weight.uniform_(-1 / first.in_features, 1 / first.in_features)
        for layer in others:
            bound = math.sqrt(6 / layer.in_features) / w0
            layer.weight.uniform_(-bound, bound)
