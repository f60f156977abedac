"""A neural wavefunction of helium: ψ = exp(J) φ(r₁) φ(r₂) (1 + network), of distances, with a Jastrow factor.

Hermann et al. 2020, "Deep-neural-network solution of the electronic Schrödinger equation" (PauliNet), arXiv:1909.08423,
exponential envelopes, an electron-electron cusp, a symmetric network of logarithmic distances (as FermiNet's
later feature log(1 + r), von Glehn et al. 2022, arXiv:2211.13672). Singular where two particles meet.
"""

from __future__ import annotations

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp


class Helium(nn.Module):
    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.decay = nn.Parameter(torch.tensor([1.7, 1.3]))
        self.cusp = nn.Parameter(torch.tensor(0.8))
        self.electron, self.network = Mlp((3, width, width), nn.Tanh), Mlp((width, width, 1), nn.Tanh)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """ψ and log |ψ| of the positions of two electrons [N, 6]."""
        first, second = x[:, :3], x[:, 3:]
        r1, r2 = torch.linalg.vector_norm(first, dim=1, keepdim=True), second.norm(dim=1, keepdim=True)
        r12 = torch.sqrt(((first - second) ** 2).sum(dim=1, keepdim=True))
        envelope = torch.exp(-self.decay * r1).sum(1, keepdim=True) * torch.exp(-self.decay * r2).sum(1, keepdim=True)
        jastrow = 0.5 * r12 / (1 + self.cusp * r12)
        features = torch.log1p(torch.cat([r1, r2, r12], dim=1))
        swapped = torch.log1p(torch.cat([r2, r1, r12], dim=1))
        symmetric = self.network(self.electron(features) + self.electron(swapped))
        psi = torch.exp(jastrow) * envelope * (1 + 0.125 * torch.tanh(symmetric))
        return psi, torch.log(torch.abs(psi))


ARCHITECTURES = (
    Architecture(
        "Wavefunction (PauliNet-like)",
        "Hermann et al. 2020, arXiv:1909.08423",
        Helium,
        inputs={"x": 6},
        outputs=("psi", "log_psi"),
    ),
)
