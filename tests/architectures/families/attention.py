"""PINNsFormer: self-attention over a pseudo-sequence of time steps, wavelet activations ω₁ sin + ω₂ cos.

Zhao, Ding, Prakash 2024, "PINNsFormer", arXiv:2307.11833; one encoder layer and one head.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class Wavelet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.sine, self.cosine = nn.Parameter(torch.tensor(0.9)), nn.Parameter(torch.tensor(1.1))

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        return self.sine * torch.sin(u) + self.cosine * torch.cos(u)


class PinnsFormer(nn.Module):
    def __init__(self, width: int = 16, steps: int = 3, interval: float = 0.1) -> None:
        super().__init__()
        self.register_buffer("shifts", torch.arange(steps).view(1, steps, 1) * interval)
        self.steps, self.width = steps, width
        self.embedding = nn.Linear(2, width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.first, self.second = Wavelet(), Wavelet()
        self.feed_forward = nn.Sequential(nn.Linear(width, width), Wavelet(), nn.Linear(width, width))
        self.output = nn.Sequential(nn.Linear(width, width), Wavelet(), nn.Linear(width, 1))

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        times = t.unsqueeze(1) + self.shifts
        h = self.embedding(torch.cat([x.unsqueeze(1).expand(-1, self.steps, -1), times], dim=-1))
        normal = self.first(h)
        scores = self.query(normal) @ self.key(normal).transpose(-2, -1) / sqrt(self.width)
        h = h + torch.softmax(scores, dim=-1) @ self.value(normal)
        h = h + self.feed_forward(self.second(h))
        return self.output(h)[:, 0]


ARCHITECTURES = (
    Architecture(
        "PINNsFormer",
        "Zhao et al. 2024, arXiv:2307.11833",
        PinnsFormer,
        inputs={"x": 1, "t": 1},
        coordinates=("x", "t"),
    ),
)
