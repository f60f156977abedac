"""Train the SIREN of this folder half-way on two discs and write its loss as model.onnx. Needs the extra `train`.

    python projects/siren_gradient/train.py

The target is computed, so there is nothing to download: how far a point is inside the nearer of two discs. The model is
the squared error of a row, so that the gradient by a weight, a sum over rows, is what a training step needs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from sirens import PlaneSiren  # noqa: E402 (beside the projects, found when this runs as a file)
from training import export, read_options  # noqa: E402

W0 = 10.0
WIDTH = 16
ROWS = 1024
DISCS = ((-0.3, -0.2, 0.45), (0.4, 0.35, 0.3))  # centre and radius


def discs(at: torch.Tensor) -> torch.Tensor:
    """Distance [rows, 1] from points [rows, 2] to the nearer edge, negative inside."""
    each = [(at - torch.tensor([x, y])).norm(dim=1, keepdim=True) - radius for x, y, radius in DISCS]
    return torch.minimum(*each)


class SquaredError(nn.Module):
    """xy [rows, 2], target [rows, 1] -> loss [rows, 1]."""

    def __init__(self, net: PlaneSiren) -> None:
        super().__init__()
        self.net = net

    def forward(self, xy: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        error = self.net(xy) - target
        return error * error


def train(steps: int, learning_rate: float) -> SquaredError:
    loss = SquaredError(PlaneSiren(WIDTH, W0))
    optimizer = torch.optim.Adam(loss.parameters(), lr=learning_rate)
    for _ in range(steps):
        at = torch.rand(ROWS, 2) * 2 - 1
        optimizer.zero_grad()
        loss(at, discs(at)).mean().backward()
        optimizer.step()
    with torch.no_grad():
        at = torch.rand(65536, 2) * 2 - 1
        print(f"rms error {loss(at, discs(at)).mean().sqrt().item():.4f}")
    return loss


def main() -> None:
    options = read_options(__doc__, steps=200, learning_rate=1e-3, output=FOLDER / "model.onnx")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = train(options.steps, options.learning_rate)
    export(model, options.output, coordinates=2, input_name="xy", output_name="loss", others={"target": 1})


if __name__ == "__main__":
    main()
