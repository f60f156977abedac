"""Kolmogorov-Arnold networks: a learnt function on every edge, as B-splines, Chebyshev polynomials or Gaussians.

Liu et al. 2024, "KAN", arXiv:2404.19756: w_b silu(x) + w_s Σ c_i B_i(x), B_i by Cox and de Boor.
Sidharth and Gokul 2024, "Chebyshev Polynomial-Based Kolmogorov-Arnold Networks", arXiv:2405.07200:
cos(n arccos(tanh x)).
Li 2024, "Kolmogorov-Arnold Networks are Radial Basis Function Networks", arXiv:2405.06721 with LayerNorm.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import single


class SplineLayer(nn.Module):
    def __init__(self, fan_in: int, fan_out: int, intervals: int = 5, degree: int = 3) -> None:
        super().__init__()
        self.degree = degree
        step = 2 / intervals
        knots = torch.arange(-degree, intervals + degree + 1) * step - 1
        self.register_buffer("knots", knots.expand(fan_in, -1).contiguous())
        self.base = nn.Linear(fan_in, fan_out, bias=False)
        self.coefficients = nn.Parameter(0.3 * torch.randn(fan_out, fan_in, intervals + degree))
        self.scale = nn.Parameter(1 + 0.1 * torch.randn(fan_out, fan_in))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        spline = torch.einsum("nik,oik->no", self.basis(x), self.coefficients * self.scale[..., None])
        return self.base(nn.functional.silu(x)) + spline

    def basis(self, x: torch.Tensor) -> torch.Tensor:
        """B-splines [N, fan_in, intervals + degree]."""
        x, t = x.unsqueeze(-1), self.knots
        basis = ((x >= t[:, :-1]) & (x < t[:, 1:])).to(x.dtype)
        for k in range(1, self.degree + 1):
            left = (x - t[:, : -(k + 1)]) / (t[:, k:-1] - t[:, : -(k + 1)])
            right = (t[:, k + 1 :] - x) / (t[:, k + 1 :] - t[:, 1:-k])
            basis = left * basis[..., :-1] + right * basis[..., 1:]
        return basis


class ChebyshevLayer(nn.Module):
    def __init__(self, fan_in: int, fan_out: int, degree: int = 4) -> None:
        super().__init__()
        self.fan_in, self.degree = fan_in, degree
        self.coefficients = nn.Parameter(torch.randn(fan_in, fan_out, degree + 1) / (fan_in * (degree + 1)) ** 0.5)
        self.register_buffer("degrees", torch.arange(0, degree + 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(x).view(-1, self.fan_in, 1).expand(-1, -1, self.degree + 1)
        x = torch.cos(torch.acos(x) * self.degrees)
        return torch.einsum("bid,iod->bo", x, self.coefficients)


class GaussianBasisLayer(nn.Module):
    def __init__(self, fan_in: int, fan_out: int, centres: int = 6, normalised: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(fan_in, eps=single(1e-5)) if normalised else nn.Identity()
        self.register_buffer("centres", torch.linspace(-2, 2, centres))
        self.width = single(4 / (centres - 1))
        self.spline = nn.Linear(fan_in * centres, fan_out, bias=False)
        self.base = nn.Linear(fan_in, fan_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        basis = torch.exp(-(((self.norm(x)[..., None] - self.centres) / self.width) ** 2))
        return self.spline(basis.flatten(1)) + self.base(nn.functional.silu(x))


ARCHITECTURES = (
    Architecture(
        "KAN (B-splines)",
        "Liu et al. 2024, arXiv:2404.19756",
        lambda: nn.Sequential(SplineLayer(2, 8), SplineLayer(8, 8), SplineLayer(8, 1)),
        inputs={"x": 2},
    ),
    Architecture(
        "ChebyKAN",
        "Sidharth and Gokul 2024, arXiv:2405.07200",
        lambda: nn.Sequential(ChebyshevLayer(2, 16), ChebyshevLayer(16, 16), ChebyshevLayer(16, 1)),
        inputs={"x": 2},
    ),
    Architecture(
        "FastKAN",
        "Li 2024, arXiv:2405.06721",
        lambda: nn.Sequential(
            GaussianBasisLayer(2, 16, normalised=False), GaussianBasisLayer(16, 16), GaussianBasisLayer(16, 1)
        ),
        inputs={"x": 2},
    ),
)
