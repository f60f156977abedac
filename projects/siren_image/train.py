"""Train the SIREN of this folder on picture.png and write model.onnx. Needs the extra `train`.

    python projects/siren_image/train.py

Architecture and initialisation: Sitzmann et al., "Implicit Neural Representations with Periodic Activation Functions",
NeurIPS 2020 (arXiv 2006.09661), sections 3.1 and 3.2: sin(w0 (W x + b)) with w0 = 30 in every layer.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import torch
from skimage import data, io

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))
from sirens import PictureSiren, pixel_centres  # noqa: E402 (beside the projects, found when this runs as a file)
from training import export, read_options  # noqa: E402

PICTURE = FOLDER / "picture.png"
W0 = 30.0
WIDTH = 256
HIDDEN_LAYERS = 4
BATCH = 4096


def cut_picture() -> np.ndarray:
    """The picture [128, 128, 3], uint8: the head of scikit-image's `astronaut`, averaged over 2 x 2 pixels."""
    crop = data.astronaut()[0:256, 96:352].astype(np.float64)
    return crop.reshape(128, 2, 128, 2, 3).mean(axis=(1, 3)).round().astype(np.uint8)


def psnr(predicted: torch.Tensor, target: torch.Tensor) -> float:
    """Peak signal-to-noise ratio in dB of values in [0, 1]."""
    return -10 * math.log10(torch.mean((predicted - target) ** 2).item())


def train(picture: np.ndarray, steps: int, learning_rate: float) -> PictureSiren:
    target = torch.from_numpy(picture.reshape(-1, 3).astype(np.float32) / 255)
    coords = pixel_centres(*picture.shape[:2])
    model = PictureSiren(WIDTH, HIDDEN_LAYERS, W0)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps, eta_min=learning_rate / 100)
    for step in range(steps):
        rows = torch.randint(len(coords), (BATCH,))
        loss = torch.mean((model(coords[rows]) - target[rows]) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        decay.step()
        if step % 250 == 249:
            print(f"step {step + 1}: {-10 * math.log10(loss.item()):.2f} dB on the batch", flush=True)
    with torch.no_grad():
        print(f"PSNR over all pixels: {psnr(model(coords), target):.2f} dB")
    return model


def main() -> None:
    options = read_options(__doc__, steps=5000, learning_rate=2e-4, output=FOLDER / "model.onnx")
    torch.manual_seed(0)
    if not PICTURE.exists():
        io.imsave(PICTURE, cut_picture())
    model = train(io.imread(PICTURE), options.steps, options.learning_rate)
    export(model, options.output, coordinates=2, input_name="coords", output_name="rgb")


if __name__ == "__main__":
    main()
