"""Train the network of this folder on a zone plate and write model.onnx. Needs the extra `train`.

    python projects/multiplicative/train.py

The target is computed, so there is nothing to download: cos(18 r^2), whose frequency grows with the distance r from the
centre.
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

WIDTH = 64
FILTERS = 4
SCALE = 48.0  # of all filters together
BATCH = 4096


def zone_plate(at: torch.Tensor) -> torch.Tensor:
    """Brightness [rows, 1] in [-1, 1] at points [rows, 2]."""
    return torch.cos(18 * at.square().sum(dim=1, keepdim=True))


class FourierNet(nn.Module):
    """xy [rows, 2] -> brightness [rows, 1]: a multiplicative filter network (Fathony et al. 2021, ICLR, section 3.1).

    z_1 = g_1(x), z_i+1 = (W_i z_i + b_i) * g_i+1(x), with the filters g_i(x) = sin(omega_i x + phi_i).
    """

    def __init__(self) -> None:
        super().__init__()
        self.filters = nn.ModuleList(nn.Linear(2, WIDTH) for _ in range(FILTERS))
        self.mixing = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(FILTERS - 1))
        self.last = nn.Linear(WIDTH, 1)
        with torch.no_grad():
            for each in self.filters:
                each.weight.normal_(0, SCALE / 2 / math.sqrt(FILTERS))
                each.bias.uniform_(-math.pi, math.pi)
            for each in self.mixing:
                bound = math.sqrt(6 / WIDTH)
                each.weight.uniform_(-bound, bound)

    def forward(self, xy: torch.Tensor) -> torch.Tensor:
        z = torch.sin(self.filters[0](xy))
        for mixing, each in zip(self.mixing, self.filters[1:], strict=True):
            z = mixing(z) * torch.sin(each(xy))
        return self.last(z)


def train(steps: int, learning_rate: float) -> FourierNet:
    model = FourierNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=learning_rate / 100)
    for step in range(steps):
        at = torch.rand(BATCH, 2) * 2 - 1
        loss = torch.mean((model(at) - zone_plate(at)) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
        if step % 1000 == 999:
            print(f"step {step + 1}: loss {loss.item():.2e}", flush=True)
    with torch.no_grad():
        at = torch.rand(65536, 2) * 2 - 1
        error = model(at) - zone_plate(at)
        mean = error.square().mean().item()
        print(
            f"rms error {math.sqrt(mean):.4f}, PSNR {10 * math.log10(4 / mean):.1f} dB (the range of the target is 2)"
        )
    return model


def main() -> None:
    options = read_options(__doc__, steps=5000, learning_rate=3e-3, output=FOLDER / "model.onnx")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = train(options.steps, options.learning_rate)
    export(model, options.output, coordinates=2, input_name="xy", output_name="brightness")


if __name__ == "__main__":
    main()
