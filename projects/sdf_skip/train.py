"""Train the network of this folder on the distance to a ball in a ring, write model.onnx. Needs the extra `train`.

    python projects/sdf_skip/train.py

The target is computed, so there is nothing to download. The loss is that of DeepSDF (arXiv 1901.05103) with the eikonal
term of IGR (arXiv 2002.10099): distance and length of the gradient, and the normals on the surface.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from training import export, read_options  # noqa: E402 (beside the projects, found when this runs as a file)

WIDTH = 64
HIDDEN_LAYERS = 5
SKIP = 3  # the hidden layer that sees the coordinates again
BETA = 100.0
BATCH = 1024
BALL = 0.22
RING = (0.56, 0.18)  # radius of the circle, radius of the tube
SHELL = 0.04  # samples.npy: points this close to the surface


def distance_to_shape(at: torch.Tensor) -> torch.Tensor:
    """Signed distance [rows, 1] of points [rows, 3] to a ball inside a torus around the third axis, negative inside."""
    ball = at.norm(dim=1) - BALL
    around = at[:, :2].norm(dim=1) - RING[0]
    ring = torch.hypot(around, at[:, 2]) - RING[1]
    return torch.minimum(ball, ring)[:, None]


def on_surface(rows: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Points of the surface and their outward normals, [rows, 3] each: a third of them on the ball."""
    unit = functional.normalize(torch.randn(rows // 3, 3), dim=1)
    turn, tilt = 2 * torch.pi * torch.rand(2, rows - rows // 3)
    out = torch.stack((turn.cos() * tilt.cos(), turn.sin() * tilt.cos(), tilt.sin()), dim=1)
    circle = RING[0] * torch.stack((turn.cos(), turn.sin(), torch.zeros_like(turn)), dim=1)
    return torch.cat((BALL * unit, circle + RING[1] * out)), torch.cat((unit, out))


class SignedDistance(nn.Module):
    """xyz [rows, 3] -> distance [rows, 1]: Softplus layers, the coordinates joined to the input of layer `SKIP`."""

    def __init__(self) -> None:
        super().__init__()
        sizes = [3 if i == 0 else WIDTH + 3 if i == SKIP else WIDTH for i in range(HIDDEN_LAYERS)]
        self.hidden = nn.ModuleList(nn.Linear(size, WIDTH) for size in sizes)
        self.last = nn.Linear(WIDTH, 1)
        self.softplus = nn.Softplus(beta=BETA)

    def forward(self, xyz: torch.Tensor) -> torch.Tensor:
        h = xyz
        for i, layer in enumerate(self.hidden):
            h = self.softplus(layer(torch.cat((h, xyz), dim=1) if i == SKIP else h))
        return self.last(h)


def value_and_gradient(model: nn.Module, at: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    at = at.requires_grad_()
    value = model(at)
    return value, torch.autograd.grad(value.sum(), at, create_graph=True)[0]


def train(steps: int, learning_rate: float) -> SignedDistance:
    model = SignedDistance()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=learning_rate / 100)
    for step in range(steps):
        surface, normals = on_surface(BATCH)
        near = surface + 0.05 * torch.randn_like(surface)
        at = torch.cat((surface, near, torch.rand(BATCH, 3) * 2 - 1))
        value, gradient = value_and_gradient(model, at)
        loss = (
            10 * (value - distance_to_shape(at.detach())).square().mean()
            + 0.1 * (gradient.norm(dim=1) - 1).square().mean()
            + (gradient[:BATCH] - normals).square().mean()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
        if step % 1000 == 999:
            print(f"step {step + 1}: loss {loss.item():.2e}", flush=True)
    return model


def measure(model: SignedDistance) -> None:
    at = torch.rand(65536, 3) * 2 - 1
    value, gradient = value_and_gradient(model, at)
    surface, normals = on_surface(30000)
    found, slope = value_and_gradient(model, surface)
    cosine = functional.cosine_similarity(slope, normals).clamp(-1, 1)
    with torch.no_grad():
        print(f"rms error {(value - distance_to_shape(at)).square().mean().sqrt():.4f} over the cube")
        print(f"rms error {found.square().mean().sqrt():.4f} on the surface")
        print(f"median length of the gradient {gradient.norm(dim=1).median():.4f} over the cube")
        print(f"mean angle to the normal {torch.rad2deg(cosine.acos()).mean():.2f} degrees on the surface")


def shell(rows: int) -> np.ndarray:
    """Points [rows, 3], float32, at most `SHELL` from the surface: where normals and curvature are wanted."""
    surface, normals = on_surface(rows)
    at = surface + SHELL * (2 * torch.rand(rows, 1) - 1) * normals
    return at[torch.randperm(rows)].numpy().astype(np.float32)


def main() -> None:
    options = read_options(__doc__, steps=6000, learning_rate=2e-3, output=FOLDER / "model.onnx")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = train(options.steps, options.learning_rate)
    measure(model)
    export(model, options.output, coordinates=3, input_name="xyz", output_name="distance")
    torch.manual_seed(1)
    np.save(options.output.with_name("shell.npy"), shell(20480))


if __name__ == "__main__":
    main()
