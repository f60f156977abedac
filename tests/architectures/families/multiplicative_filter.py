"""Multiplicative filter networks: z_{i+1} = (W z_i + b) ∘ g_i(x), with Fourier or Gabor filters g.

Fathony et al. 2021, "Multiplicative Filter Networks", ICLR (openreview OmtmcPkkhT).
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class FourierFilter(nn.Module):
    def __init__(self, coordinates: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(coordinates, width)
        self.linear.weight.data *= 4.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sin(self.linear(x))


class GaborFilter(nn.Module):
    """exp(-γ/2 ‖x - μ‖²) sin(ω x + φ); the squared distance is expanded, as in the authors' definition."""

    def __init__(self, coordinates: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(coordinates, width)
        self.linear.weight.data *= 4.0
        self.centres = nn.Parameter(2 * torch.rand(width, coordinates) - 1)
        self.gamma = nn.Parameter(torch.distributions.Gamma(6.0, 1.0).sample((width,)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        distance = (x**2).sum(-1)[..., None] + (self.centres**2).sum(-1)[None, :] - 2 * x @ self.centres.transpose(0, 1)
        return torch.sin(self.linear(x)) * torch.exp(-0.5 * distance * self.gamma[None, :])


class MultiplicativeFilterNetwork(nn.Module):
    def __init__(self, filter_type: type[nn.Module], coordinates: int, width: int, layers: int, out: int) -> None:
        super().__init__()
        self.filters = nn.ModuleList(filter_type(coordinates, width) for _ in range(layers + 1))
        self.linear = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.output = nn.Linear(width, out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.filters[0](x)
        for each, linear in zip(self.filters[1:], self.linear, strict=True):
            z = each(x) * linear(z)
        return self.output(z)


PAPER = "Fathony et al. 2021, openreview OmtmcPkkhT"
ARCHITECTURES = (
    Architecture(
        "MFN FourierNet", PAPER, lambda: MultiplicativeFilterNetwork(FourierFilter, 2, 32, 3, 3), inputs={"x": 2}
    ),
    Architecture("MFN GaborNet", PAPER, lambda: MultiplicativeFilterNetwork(GaborFilter, 2, 32, 3, 3), inputs={"x": 2}),
)
