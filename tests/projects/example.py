"""The committed examples, for their tests."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx_ir as ir

from inrarch.config.load import load_workspace
from inrarch.config.model import Project
from inrarch.derivatives.api import derive_graph
from inrarch.graph.evaluate import evaluate
from inrarch.graph.load import load_model

ROOT = Path(__file__).resolve().parents[2]
NAMES = tuple(sorted(path.parent.name for path in (ROOT / "projects").glob("*/project.yaml")))

Array = np.ndarray[Any, np.dtype[Any]]


def project(name: str) -> Project:
    return next(p for p in load_workspace(ROOT).projects if p.name == name)


def folder(name: str) -> Path:
    return ROOT / "projects" / name


def model(name: str) -> ir.Model:
    return load_model(folder(name) / "model.onnx")


def derivatives(name: str, points: Array, *outputs: str) -> dict[str, Array]:
    """Outputs of the example's model, float64, at points [rows, coordinates] of its only input."""
    graph = derive_graph(model(name), outputs=outputs)
    return evaluate(graph, {str(graph.graph.inputs[0].name): points})


def read_png(path: Path) -> Array:
    """Pixels [height, width, 3] of an 8-bit RGB file without interlacing (ISO/IEC 15948; filters: clause 9)."""
    data, at, packed = path.read_bytes(), 8, b""
    width = height = 0
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, *rest = struct.unpack(">IIBBBBB", body)
            assert rest == [8, 2, 0, 0, 0]
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    raw = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * 3)
    rows = np.zeros((height + 1, (width + 1) * 3), np.int64)  # one row and one pixel of zeros around
    for y, (filtering, *line) in enumerate(raw.tolist(), start=1):
        for x, value in enumerate(line, start=3):
            left, up, corner = int(rows[y, x - 3]), int(rows[y - 1, x]), int(rows[y - 1, x - 3])
            paeth = min((left, up, corner), key=lambda p, e=left + up - corner: abs(e - p))
            rows[y, x] = (value + (0, left, up, (left + up) // 2, paeth)[filtering]) % 256
    return rows[1:, 3:].reshape(height, width, 3).astype(np.uint8)


def psnr_of_picture(name: str) -> float:
    """Of an image network (`coords` to `rgb`) against the photograph of siren_image, dB over all of its pixels."""
    picture = read_png(folder("siren_image") / "picture.png").astype(np.float64) / 255
    height, width, _ = picture.shape
    assert min(height, width) >= 64
    down, right = ((np.arange(n) + 0.5) / n * 2 - 1 for n in (height, width))
    coords = np.stack(np.meshgrid(down, right, indexing="ij"), axis=-1).reshape(-1, 2)
    network = model(name)
    rgb = np.concatenate([evaluate(network, {"coords": part})["rgb"] for part in np.split(coords, 16)])
    return float(-10 * np.log10(np.mean((rgb.reshape(picture.shape) - picture) ** 2)))
