"""Train the SIREN of this folder on the signed distance to a star and write model.onnx. Needs the extra `train`.

    python projects/siren_tiny/train.py

The target is computed, so there is nothing to download: the distance to the nearest edge of a five-pointed star,
negative inside.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import torch

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from sirens import PlaneSiren  # noqa: E402 (beside the projects, found when this runs as a file)
from training import export, read_options  # noqa: E402

W0 = 10.0
WIDTH = 32
ROWS = 4096


def star(points: int = 5, outer: float = 0.75, inner: float = 0.36) -> torch.Tensor:
    """Corners [2 * points, 2] of a star, in order; the first coordinate runs down, so the first corner is on top."""
    angle = torch.arange(2 * points) * math.pi / points
    radius = torch.where(torch.arange(2 * points) % 2 == 0, outer, inner)
    return torch.stack((-radius * torch.cos(angle), radius * torch.sin(angle)), dim=1)


def signed_distance(at: torch.Tensor, corners: torch.Tensor) -> torch.Tensor:
    """Distance [rows, 1] of points [rows, 2] to the polygon's edge, negative inside (crossing-number rule)."""
    start, end = corners, corners.roll(-1, 0)
    edge = end - start
    offset = at[:, None, :] - start
    along = ((offset * edge).sum(-1) / (edge * edge).sum(-1)).clamp(0, 1)
    distance = (offset - along[..., None] * edge).norm(dim=-1).amin(dim=1, keepdim=True)
    straddles = (start[:, 0] > at[:, None, 0]) != (end[:, 0] > at[:, None, 0])
    crossing = start[:, 1] + edge[:, 1] * (at[:, None, 0] - start[:, 0]) / edge[:, 0]
    inside = (straddles & (at[:, None, 1] < crossing)).sum(dim=1, keepdim=True) % 2 == 1
    return torch.where(inside, -distance, distance)


def train(steps: int, learning_rate: float) -> PlaneSiren:
    corners = star()
    model = PlaneSiren(WIDTH, W0)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=learning_rate / 100)
    for _ in range(steps):
        at = torch.rand(ROWS, 2) * 2 - 1
        loss = torch.mean((model(at) - signed_distance(at, corners)) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
    with torch.no_grad():
        at = torch.rand(65536, 2) * 2 - 1
        error = model(at) - signed_distance(at, corners)
        # The peak of the PSNR is the range of the target, about 1.6 over the square.
        peak = signed_distance(at, corners)
        ratio = (peak.max() - peak.min()).item() ** 2 / torch.mean(error**2).item()
        print(f"rms error {error.square().mean().sqrt().item():.4f}, PSNR {10 * math.log10(ratio):.2f} dB")
    return model


def main() -> None:
    options = read_options(__doc__, steps=3000, learning_rate=3e-3, output=FOLDER / "model.onnx")
    torch.manual_seed(0)
    model = train(options.steps, options.learning_rate)
    export(model, options.output, coordinates=2, input_name="xy", output_name="distance")


if __name__ == "__main__":
    main()
