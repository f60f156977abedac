"""Tensor-train layers: a weight matrix as a chain of small cores, contracted with the reshaped input.

Novikov et al. 2015, "Tensorizing Neural Networks", arXiv:1509.06569. As the hidden layers of a physics-informed
network: Liu et al. 2022, "TT-PINN", arXiv:2207.01751.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class TensorTrainLayer(nn.Module):
    """27 -> 27 features as 3 x 3 x 3, ranks 1, r, r, 1."""

    def __init__(self, rank: int = 4) -> None:
        super().__init__()
        self.first = nn.Parameter(0.5 * torch.randn(3, 3, rank))
        self.middle = nn.Parameter(0.5 * torch.randn(rank, 3, 3, rank))
        self.last = nn.Parameter(0.5 * torch.randn(rank, 3, 3))
        self.bias = nn.Parameter(0.1 * torch.randn(27))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = x.reshape(-1, 3, 3, 3)
        h = torch.einsum("nabc,air->nirbc", h, self.first)
        h = torch.einsum("nirbc,rbjs->nijsc", h, self.middle)
        h = torch.einsum("nijsc,sck->nijk", h, self.last)
        return h.reshape(-1, 27) + self.bias


class TensorTrainNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.input, self.output = nn.Linear(2, 27), nn.Linear(27, 1)
        self.layers = nn.ModuleList(TensorTrainLayer() for _ in range(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.tanh(self.input(x))
        for layer in self.layers:
            h = torch.tanh(layer(h))
        return self.output(h)


ARCHITECTURES = (
    Architecture("Tensor-train PINN", "Liu et al. 2022, arXiv:2207.01751", TensorTrainNetwork, inputs={"x": 2}),
)
