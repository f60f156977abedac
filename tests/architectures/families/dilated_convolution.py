"""A field decoded by gated causal dilated 1-D convolutions: each row's features are a short sequence.

van den Oord et al. 2016, "WaveNet", arXiv:1609.03499: tanh(W_f * x) ∘ σ(W_g * x), residual and skip.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture


class GatedLayer(nn.Module):
    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.padding = dilation
        self.value = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.gate = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.mix = nn.Conv1d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        padded = nn.functional.pad(x, (self.padding, 0))
        out = self.mix(torch.tanh(self.value(padded)) * torch.sigmoid(self.gate(padded)))
        return x + out, out


class DilatedConvolutionField(nn.Module):
    def __init__(self, coordinates: int = 2, channels: int = 8, length: int = 8) -> None:
        super().__init__()
        self.channels, self.length = channels, length
        self.input = nn.Linear(coordinates, channels * length)
        self.layers = nn.ModuleList(GatedLayer(channels, dilation) for dilation in (1, 2, 4))
        self.smooth = nn.Conv1d(channels, 4, 3, padding=1, stride=2, groups=4)
        self.output = nn.Linear(4 * length // 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.sin(self.input(x)).view(-1, self.channels, self.length)
        total = torch.zeros_like(h)
        for layer in self.layers:
            h, skipped = layer(h)
            total = total + skipped
        return self.output(torch.flatten(torch.tanh(self.smooth(total)), 1))


ARCHITECTURES = (
    Architecture(
        "Dilated convolution field",
        "van den Oord et al. 2016, arXiv:1609.03499",
        DilatedConvolutionField,
        inputs={"x": 2},
    ),
)
