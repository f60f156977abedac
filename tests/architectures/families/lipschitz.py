"""A Lipschitz-bounded network: rows of each weight are scaled down to a learnt bound.

Liu et al. 2022, "Learning Smooth Neural Functions via Lipschitz Regularization", arXiv:2202.08345.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import linear_layers


class LipschitzMlp(nn.Module):
    def __init__(self, sizes: tuple[int, ...] = (3, 32, 32, 32, 1)) -> None:
        super().__init__()
        self.layers = linear_layers(sizes)
        self.bounds = nn.Parameter(torch.rand(len(self.layers)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for number, layer in enumerate(self.layers):
            bound = nn.functional.softplus(self.bounds[number])
            scale = torch.minimum(bound / layer.weight.abs().sum(dim=1), torch.ones(()).to(x))
            x = nn.functional.linear(x, layer.weight * scale.unsqueeze(1), layer.bias)
            x = torch.tanh(x) if number + 1 < len(self.layers) else x
        return x


ARCHITECTURES = (Architecture("Lipschitz MLP", "Liu et al. 2022, arXiv:2202.08345", LipschitzMlp, inputs={"x": 3}),)
