"""Positional encodings beyond NeRF's: integrated over a Gaussian, opened from coarse to fine, cardinal sines, a grid.

Barron et al. 2021, "Mip-NeRF", arXiv:2103.13415: sin(2^k μ) exp(-4^k σ²/2), as sines of μ and μ + π/2.
Lin et al. 2021, "BARF", arXiv:2104.06405: weights (1 - cos(π clip(α - k, 0, 1))) / 2 of the octaves.
Saratchandran et al. 2024, "A Sampling Theory Perspective on Activations for Implicit Neural Representations",
arXiv:2402.05427: the activation sin(u)/u.
Müller et al. 2022, "Instant NGP", arXiv:2201.05989: grids of features at several scales, interpolated
d-linearly; here dense (no hashing), as their coarse levels are.
"""

from __future__ import annotations

from math import pi

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp, linear_layers, single


class IntegratedEncoding(nn.Module):
    """Mean and (positive) variance of a Gaussian in each row; derivatives by both."""

    def __init__(self, octaves: int = 3, width: int = 24) -> None:
        super().__init__()
        self.register_buffer("scales", 2.0 ** torch.arange(octaves))
        self.network = Mlp((2 * 2 * octaves, width, width, 1), nn.Softplus)

    def forward(self, mean: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
        scaled = torch.reshape(mean[..., None, :] * self.scales[:, None], (-1, 2 * self.scales.numel()))
        spread = torch.reshape(variance[..., None, :] * self.scales[:, None] ** 2, (-1, 2 * self.scales.numel()))
        phase = torch.cat([scaled, scaled + single(0.5 * pi)], dim=-1)
        return self.network(torch.exp(-0.5 * torch.cat([spread, spread], dim=-1)) * torch.sin(phase))


class CoarseToFine(nn.Module):
    def __init__(self, octaves: int = 4, width: int = 24, progress: float = 2.4) -> None:
        super().__init__()
        self.register_buffer("progress", torch.tensor(progress))
        self.octaves = octaves
        self.network = Mlp((2 + 4 * octaves, width, width, 1), nn.Softplus)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        octave = torch.arange(self.octaves, dtype=x.dtype)
        phase = x[..., None] * 2**octave * single(pi)
        weight = (1 - torch.cos((self.progress - octave).clamp(min=0, max=1) * single(pi))) / 2
        encoded = torch.stack([phase.sin(), phase.cos()], dim=-2) * weight
        return self.network(torch.cat([x, encoded.view(x.shape[0], -1)], dim=-1))


def sinc(u: torch.Tensor) -> torch.Tensor:
    """sin(u)/u; near 0, where the quotient has lost k times the digits of u in its k-th derivative, by its series."""
    near, square = u.abs() < 0.5, u * u
    series = torch.ones_like(u)
    for divisor in (156, 110, 72, 42, 20, 6):
        series = 1 - square / divisor * series
    divisor = torch.where(near, torch.ones_like(u), u)
    return torch.where(near, series, torch.sin(divisor) / divisor)


class SincNetwork(nn.Module):
    def __init__(self, sizes: tuple[int, ...] = (2, 32, 32, 1), omega: float = 3.0) -> None:
        super().__init__()
        self.layers, self.omega = linear_layers(sizes), omega

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers[:-1]:
            x = sinc(self.omega * layer(x))
        return self.layers[-1](x)


class FeatureGrid(nn.Module):
    """Features at the corners of square cells, bilinearly interpolated; smooth inside the cells."""

    def __init__(self, resolutions: tuple[int, ...] = (4, 7), features: int = 2, width: int = 16) -> None:
        super().__init__()
        self.resolutions = resolutions
        self.register_buffer("last", torch.tensor([1 - 1e-6, 1 - 1e-6]))
        self.tables = nn.ParameterList(nn.Parameter(torch.randn((r + 1) ** 2, features)) for r in resolutions)
        self.network = Mlp((features * len(resolutions), width, width, 3), nn.Softplus)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = []
        for resolution, table in zip(self.resolutions, self.tables, strict=True):
            scaled = torch.maximum(torch.minimum(x, self.last), torch.zeros_like(self.last)) * resolution
            corner = torch.floor(scaled)
            fraction, cell = scaled - corner, corner.long()
            total = torch.zeros_like(fraction[:, :1])
            for right in (0, 1):
                for down in (0, 1):
                    number = (cell[:, 0] + right) * (resolution + 1) + cell[:, 1] + down
                    across = fraction[:, :1] if right else 1 - fraction[:, :1]
                    along = fraction[:, 1:] if down else 1 - fraction[:, 1:]
                    total = total + across * along * table[number]
            found.append(total)
        return torch.sigmoid(self.network(torch.cat(found, dim=-1)))


ARCHITECTURES = (
    Architecture(
        "Mip-NeRF encoding",
        "Barron et al. 2021, arXiv:2103.13415",
        IntegratedEncoding,
        inputs={"mean": 2, "variance": 2},
        coordinates=("mean", "variance"),
        box=(0.0, 1.0),
    ),
    Architecture("BARF encoding", "Lin et al. 2021, arXiv:2104.06405", CoarseToFine, inputs={"x": 2}),
    Architecture("Sinc activation", "Saratchandran et al. 2024, arXiv:2402.05427", SincNetwork, inputs={"x": 2}),
    Architecture(
        "Feature grid (dense NGP level)",
        "Müller et al. 2022, arXiv:2201.05989",
        FeatureGrid,
        inputs={"x": 2},
        box=(0.0, 1.0),
    ),
)
