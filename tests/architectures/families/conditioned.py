"""Fields conditioned on a code: FiLM-modulated sines, and weights written by another network.

Chan et al. 2021, "pi-GAN", arXiv:2012.00926: sin(γ(z) ∘ (W x + b) + β(z)), γ and β from a LeakyReLU network.
Ha, Dai, Le 2017, "HyperNetworks", arXiv:1609.09106; for fields: Sitzmann et al. 2019, arXiv:1906.01618.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp, linear_layers, single


class FilmSiren(nn.Module):
    def __init__(self, code: int = 8, width: int = 24, layers: int = 3) -> None:
        super().__init__()
        self.layers = linear_layers((3, *[width] * layers))
        self.mapping = Mlp((code, width, 2 * width * layers), lambda: nn.LeakyReLU(single(0.2)))
        self.density, self.colour = nn.Linear(width, 1), nn.Linear(width, 3)

    def forward(self, x: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gammas, betas = torch.chunk(self.mapping(z), 2, dim=-1)
        count = len(self.layers)
        for layer, gamma, beta in zip(self.layers, gammas.chunk(count, -1), betas.chunk(count, -1), strict=True):
            x = torch.sin((gamma * 15 + 30) * layer(x) / 10 + beta)
        return torch.sigmoid(self.colour(x)), self.density(x)


class HyperNetworkField(nn.Module):
    """Both layers of a field, x -> tanh -> y, have the weights that a network computes from a code, for each row."""

    def __init__(self, code: int = 6, width: int = 16) -> None:
        super().__init__()
        self.width = width
        self.hyper = Mlp((code, width, 2 * width + width + width + 1), nn.ReLU)

    def forward(self, x: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        first, bias, second, last = torch.split(self.hyper(z), [2 * self.width, self.width, self.width, 1], dim=-1)
        hidden = torch.bmm(first.view(-1, self.width, 2), x.unsqueeze(-1)).squeeze(-1) + bias
        return torch.bmm(second.unsqueeze(1), torch.tanh(hidden).unsqueeze(-1)).squeeze(-1) + last


ARCHITECTURES = (
    Architecture(
        "pi-GAN (FiLM SIREN)",
        "Chan et al. 2021, arXiv:2012.00926",
        FilmSiren,
        inputs={"x": 3, "z": 8},
        outputs=("colour", "density"),
    ),
    Architecture("Hypernetwork field", "Ha et al. 2017, arXiv:1609.09106", HyperNetworkField, inputs={"x": 2, "z": 6}),
)
