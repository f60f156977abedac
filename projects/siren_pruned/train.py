"""Train, prune and fine-tune the SIREN of this folder on a photograph and write model.onnx. Needs the extra `train`.

    python projects/siren_pruned/train.py

The photograph is that of `projects/siren_image`. After training, the smallest 75 % of the weights between hidden layers
become zero, layer by layer, in three rounds; the others are trained on after each (Han et al. 2015, arXiv 1506.02626).
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import torch
from skimage import io
from torch.nn.utils import prune

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from sirens import PictureSiren, pixel_centres  # noqa: E402 (beside the projects, found when this runs as a file)
from training import export, read_options  # noqa: E402

PICTURE = FOLDER.parent / "siren_image" / "picture.png"
W0 = 30.0
WIDTH = 128
HIDDEN_LAYERS = 4
PRUNED = (0.5, 0.65, 0.75)  # share of each hidden matrix that is zero after each round
BATCH = 2048


def fit(model: PictureSiren, coords: torch.Tensor, target: torch.Tensor, steps: int, learning_rate: float) -> None:
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=learning_rate / 100)
    for _ in range(steps):
        rows = torch.randint(len(coords), (BATCH,))
        loss = torch.mean((model(coords[rows]) - target[rows]) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()


def report(model: PictureSiren, coords: torch.Tensor, target: torch.Tensor) -> None:
    with torch.no_grad():
        zeros = [(layer.weight == 0).float().mean().item() for layer in model.hidden[1:]]
        mean = torch.mean((model(coords) - target) ** 2).item()
    shares = ", ".join(f"{share:.4f}" for share in zeros)
    print(f"PSNR over all pixels: {-10 * math.log10(mean):.2f} dB; zeros in the hidden layers: {shares}", flush=True)


def train(picture: np.ndarray, steps: int, learning_rate: float) -> PictureSiren:
    target = torch.from_numpy(picture.reshape(-1, 3).astype(np.float32) / 255)
    coords = pixel_centres(*picture.shape[:2])
    model = PictureSiren(WIDTH, HIDDEN_LAYERS, W0)
    fit(model, coords, target, steps, learning_rate)
    report(model, coords, target)
    zeroed = 0.0
    for share in PRUNED:
        for layer in model.hidden[1:]:
            # of the weights that are left, as `prune` counts
            prune.l1_unstructured(layer, "weight", amount=round((share - zeroed) * layer.weight.numel()))
        zeroed = share
        fit(model, coords, target, steps // 2, learning_rate / 2)
        report(model, coords, target)
    for layer in model.hidden[1:]:
        prune.remove(layer, "weight")
    return model


def main() -> None:
    options = read_options(__doc__, steps=2000, learning_rate=3e-4, output=FOLDER / "model.onnx")
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = train(io.imread(PICTURE), options.steps, options.learning_rate)
    export(model, options.output, coordinates=2, input_name="coords", output_name="rgb")


if __name__ == "__main__":
    main()
