"""SIREN: sine activations with frequency w0 and the authors' initialisation.

Sitzmann et al. 2020, "Implicit Neural Representations with Periodic Activation Functions", arXiv:2006.09661.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import linear_layers


class Siren(nn.Module):
    def __init__(self, sizes: tuple[int, ...], w0: float = 30.0) -> None:
        super().__init__()
        self.w0 = w0
        self.layers = linear_layers(sizes)
        for number, layer in enumerate(self.layers):
            bound = 1 / layer.in_features if number == 0 else sqrt(6 / layer.in_features) / w0
            nn.init.uniform_(layer.weight, -bound, bound)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = torch.sin(self.w0 * layer(x))
        return self.layers[-1](x)


ARCHITECTURES = (
    Architecture("SIREN", "Sitzmann et al. 2020, arXiv:2006.09661", lambda: Siren((2, 64, 64, 64, 3)), inputs={"x": 2}),
)
