"""Multilayer perceptrons that differ in their activation, as physics-informed networks choose it.

Raissi et al. 2019 (doi 10.1016/j.jcp.2018.10.045), tanh of (t, x). Ramachandran et al. 2017, arXiv:1710.05941, swish.
Hendrycks and Gimpel 2016, arXiv:1606.08415, GELU by erf and by tanh. Misra 2019, arXiv:1908.08681, Mish.
Clevert et al. 2016, arXiv:1511.07289, ELU. Klambauer et al. 2017, arXiv:1706.02515, SELU.
Barron 2017, arXiv:1704.07483, CELU. Howard et al. 2019, arXiv:1905.02244, hard swish.
He et al. 2015, arXiv:1502.01852, PReLU. Turian et al. 2009 softsign. Jagtap et al. 2020, arXiv:1909.12228, tanh(n a u).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from tests.architectures.architecture import Architecture
from tests.architectures.layers import Mlp


class PhysicsInformed(Mlp):
    def forward(self, t: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return self.network(torch.cat([t, x], dim=1))


class LocallyAdaptiveTanh(nn.Module):
    """tanh(n a u) with a trainable slope a; n is fixed."""

    def __init__(self, factor: float = 8.0) -> None:
        super().__init__()
        self.factor, self.slope = factor, nn.Parameter(torch.tensor(0.125))

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.factor * self.slope * u)


def _mlp(name: str, paper: str, activation: Callable[[], nn.Module], allowance: float = 0.0) -> Architecture:
    network = lambda: Mlp((2, 32, 32, 32, 1), activation)  # noqa: E731
    return Architecture(f"MLP, {name}", paper, network, inputs={"x": 2}, allowance=allowance)


CONSTANTS = 1e-6
"""ONNX has the constants of SELU in float32, and all of CELU: the exporters cast to float32 around it."""


ARCHITECTURES = (
    Architecture(
        "PINN, tanh of (t, x)",
        "Raissi et al. 2019, doi 10.1016/j.jcp.2018.10.045",
        lambda: PhysicsInformed((2, 20, 20, 20, 20, 2), nn.Tanh),
        inputs={"t": 1, "x": 1},
        coordinates=("t", "x"),
    ),
    _mlp("swish", "Ramachandran et al. 2017, arXiv:1710.05941", nn.SiLU),
    _mlp("GELU", "Hendrycks and Gimpel 2016, arXiv:1606.08415", nn.GELU),
    _mlp("GELU by tanh", "Hendrycks and Gimpel 2016, arXiv:1606.08415", lambda: nn.GELU(approximate="tanh")),
    _mlp("adaptive tanh", "Jagtap et al. 2020, arXiv:1909.12228", LocallyAdaptiveTanh),
    _mlp("Mish", "Misra 2019, arXiv:1908.08681", nn.Mish),
    _mlp("ELU", "Clevert et al. 2016, arXiv:1511.07289", nn.ELU),
    _mlp("SELU", "Klambauer et al. 2017, arXiv:1706.02515", nn.SELU, CONSTANTS),
    _mlp("CELU", "Barron 2017, arXiv:1704.07483", lambda: nn.CELU(alpha=0.75), CONSTANTS),
    _mlp("hard swish", "Howard et al. 2019, arXiv:1905.02244", nn.Hardswish),
    _mlp("PReLU and softsign", "He et al. 2015, arXiv:1502.01852", lambda: nn.Sequential(nn.PReLU(), nn.Softsign())),
)
