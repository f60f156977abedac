"""WIRE with real Gabor wavelets: cos(ω₀ u) exp(-(s₀ v)²), u and v affine in the layer's input.

Saragadam et al. 2023, "WIRE: Wavelet Implicit Neural Representations", arXiv:2301.05187 and its real form.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class RealGaborLayer(nn.Module):
    def __init__(self, fan_in: int, fan_out: int, omega: float, scale: float) -> None:
        super().__init__()
        self.frequency, self.width = nn.Linear(fan_in, fan_out), nn.Linear(fan_in, fan_out)
        self.omega, self.scale = omega, scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cos(self.omega * self.frequency(x)) * torch.exp(-((self.scale * self.width(x)) ** 2))


def wire() -> nn.Module:
    return nn.Sequential(
        RealGaborLayer(2, 32, 10.0, 2.0),
        RealGaborLayer(32, 32, 10.0, 2.0),
        RealGaborLayer(32, 32, 10.0, 2.0),
        nn.Linear(32, 3),
    )


ARCHITECTURES = (Architecture("WIRE (real form)", "Saragadam et al. 2023, arXiv:2301.05187", wire, inputs={"x": 2}),)
