"""DeepSDF: an auto-decoder of a latent code and a point, LayerNorm, the input joined again half way, tanh at the end.

Park et al. 2019, "DeepSDF: Learning Continuous Signed Distance Functions for Shape Representation", arXiv:1901.05103.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import single


class DeepSdf(nn.Module):
    def __init__(self, code: int, width: int = 32, layers: int = 4) -> None:
        super().__init__()
        joined = code + 3
        self.skip = layers // 2
        self.linear, self.norm = nn.ModuleList(), nn.ModuleList()
        for number in range(layers):
            fan_out = width - joined if number + 1 == self.skip else width
            self.linear.append(nn.Linear(joined if number == 0 else width, fan_out))
            self.norm.append(nn.LayerNorm(fan_out, eps=single(1e-5)))
        self.output = nn.Linear(width, 1)
        self.dropout = nn.Dropout(0.2)

    def forward(self, code: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        joined = torch.cat([code, x], dim=1)
        h = joined
        for number, (linear, norm) in enumerate(zip(self.linear, self.norm, strict=True)):
            if number == self.skip:
                h = torch.cat([h, joined], dim=1)
            h = self.dropout(torch.relu(norm(linear(h))))
        return torch.tanh(self.output(h))


ARCHITECTURES = (
    Architecture("DeepSDF", "Park et al. 2019, arXiv:1901.05103", lambda: DeepSdf(8), inputs={"code": 8, "x": 3}),
)
