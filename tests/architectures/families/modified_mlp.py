"""Modified MLP: each hidden layer blends two encoders of the input, h = (1 - z) ∘ u + z ∘ v; and PirateNet built on it.

Wang, Teng, Perdikaris 2021, "Understanding and mitigating gradient flow pathologies in physics-informed neural
networks", arXiv:2001.04536. Wang et al. 2024, "PirateNets", arXiv:2402.00326: random
Fourier features, three gated layers per block and an adaptive residual connection.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class ModifiedMlp(nn.Module):
    def __init__(self, coordinates: int = 2, width: int = 32, layers: int = 3) -> None:
        super().__init__()
        self.u, self.v = nn.Linear(coordinates, width), nn.Linear(coordinates, width)
        self.layers = nn.ModuleList(nn.Linear(coordinates if i == 0 else width, width) for i in range(layers))
        self.output = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        u, v, h = torch.tanh(self.u(x)), torch.tanh(self.v(x)), x
        for layer in self.layers:
            z = torch.tanh(layer(h))
            h = (1 - z) * u + z * v
        return self.output(h)


class PirateBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.f, self.g, self.h = (nn.Linear(width, width) for _ in range(3))
        self.alpha = nn.Parameter(torch.tensor(0.3))

    def forward(self, x: torch.Tensor, u: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        f = torch.tanh(self.f(x))
        g = torch.tanh(self.g(f * u + (1 - f) * v))
        h = torch.tanh(self.h(g * u + (1 - g) * v))
        return self.alpha * h + (1 - self.alpha) * x


class PirateNet(nn.Module):
    def __init__(self, coordinates: int = 2, width: int = 24, blocks: int = 2) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.randn(coordinates, width // 2))
        self.u, self.v = nn.Linear(width, width), nn.Linear(width, width)
        self.blocks = nn.ModuleList(PirateBlock(width) for _ in range(blocks))
        self.output = nn.Linear(width, 1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        phase = x @ self.frequencies
        h = torch.cat([torch.cos(phase), torch.sin(phase)], dim=-1)
        u, v = torch.tanh(self.u(h)), torch.tanh(self.v(h))
        for block in self.blocks:
            h = block(h, u, v)
        return self.output(h)


ARCHITECTURES = (
    Architecture("Modified MLP", "Wang, Teng, Perdikaris 2021, arXiv:2001.04536", ModifiedMlp, inputs={"x": 2}),
    Architecture("PirateNet", "Wang et al. 2024, arXiv:2402.00326", PirateNet, inputs={"x": 2}),
)
