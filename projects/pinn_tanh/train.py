"""Train the network of this folder on a bent plate and write model.onnx. Needs the extra `train`.

    python projects/pinn_tanh/train.py

A physics-informed network (Raissi et al. 2019): nothing is downloaded, the loss is the residual of the equation. The
plate is thin (Kirchhoff's theory) and simply supported on the edges of [-1, 1] x [-1, 1]; its deflection w is given by

    biharmonic(w) = load,    w = 0 and laplacian(w) = 0 on the edges,

with the load pi^4 / 4 cos(pi x / 2) cos(pi y / 2), for which w = cos(pi x / 2) cos(pi y / 2) is the solution.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import torch
from torch import nn

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from training import export, read_options  # noqa: E402 (beside the projects, found when this runs as a file)

WIDTH = 32
INSIDE, EDGE = 512, 64  # points of a step, points of each edge


def solution(xy: torch.Tensor) -> torch.Tensor:
    return torch.cos(math.pi / 2 * xy).prod(dim=1, keepdim=True)


def load(xy: torch.Tensor) -> torch.Tensor:
    return math.pi**4 / 4 * solution(xy)


class Plate(nn.Sequential):
    """xy [rows, 2] -> deflection [rows, 1]."""

    def __init__(self) -> None:
        super().__init__(
            nn.Linear(2, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(),
            nn.Linear(WIDTH, 1),
        )  # fmt: skip


def laplacian(value: torch.Tensor, xy: torch.Tensor) -> torch.Tensor:
    """Of a column [rows, 1] computed from points [rows, 2]."""
    (slope,) = torch.autograd.grad(value.sum(), xy, create_graph=True)
    bends = [torch.autograd.grad(slope[:, i].sum(), xy, create_graph=True)[0][:, i] for i in range(2)]
    return torch.stack(bends).sum(dim=0)[:, None]


def on_edges(rows: int) -> torch.Tensor:
    """Points [4 * rows, 2] of the four edges."""
    along, side = torch.rand(4 * rows, dtype=torch.float64) * 2 - 1, torch.ones(rows, dtype=torch.float64)
    left, right, low, high = along.split(rows)
    pairs = ((-side, left), (side, right), (low, -side), (high, side))
    return torch.cat([torch.stack(pair, dim=1) for pair in pairs])


def loss_of(model: nn.Module, inside: torch.Tensor, edge: torch.Tensor) -> torch.Tensor:
    inside, edge = inside.requires_grad_(), edge.requires_grad_()
    residual = laplacian(laplacian(model(inside), inside), inside) - load(inside.detach())
    deflection = model(edge)
    return (
        residual.square().mean() / 100 + 10 * deflection.square().mean() + laplacian(deflection, edge).square().mean()
    )


def train(steps: int, learning_rate: float) -> Plate:
    """Adam on fresh points, then L-BFGS on a fixed set, in double precision."""
    model = Plate().double()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=learning_rate / 100)
    for step in range(steps):
        loss = loss_of(model, torch.rand(INSIDE, 2, dtype=torch.float64) * 2 - 1, on_edges(EDGE))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
        if step % 500 == 499:
            print(f"step {step + 1}: loss {loss.item():.2e}", flush=True)
    inside, edge = torch.rand(2 * INSIDE, 2, dtype=torch.float64) * 2 - 1, on_edges(EDGE)
    polish = torch.optim.LBFGS(
        model.parameters(), max_iter=steps // 5, history_size=50, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        polish.zero_grad()
        loss = loss_of(model, inside, edge)
        loss.backward()
        return loss

    polish.step(closure)
    return model


def measure(model: Plate) -> None:
    xy = (torch.rand(16384, 2, dtype=torch.float64) * 2 - 1).requires_grad_()
    value = model(xy)
    bend = laplacian(value, xy)
    twice = laplacian(bend, xy)
    with torch.no_grad():
        exact = solution(xy)
        for name, error in (
            ("deflection", value - exact),
            ("laplacian", (bend + math.pi**2 / 2 * exact) / (math.pi**2 / 2)),
            ("biharmonic", (twice - load(xy)) / (math.pi**4 / 4)),
        ):
            rms, largest = error.square().mean().sqrt(), error.abs().max()
            print(f"{name}: rms error {rms:.1e}, largest {largest:.1e}, relative to the largest value")


def main() -> None:
    options = read_options(__doc__, steps=2000, learning_rate=3e-3, output=FOLDER / "model.onnx")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = train(options.steps, options.learning_rate)
    measure(model)
    export(model.float(), options.output, coordinates=2, input_name="xy", output_name="w")


if __name__ == "__main__":
    main()
