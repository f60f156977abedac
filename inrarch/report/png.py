"""Arrays of 8-bit RGB as PNG files (ISO/IEC 15948), with nothing but zlib; the same bytes for the same pixels."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUECOLOUR = 2
_UP = 2


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def encode(pixels: npt.NDArray[np.uint8]) -> bytes:
    """The PNG file of `pixels` [height, width, 3].

    Every row is stored as its difference to the row above (filter type 2), which suits smooth fields.
    Raises ValueError for another shape or type, or without a pixel.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        raise ValueError(f"expected uint8 [height, width, 3], found {pixels.dtype} {list(pixels.shape)}")
    height, width, _ = pixels.shape
    rows = pixels.reshape(height, width * 3)
    above = np.vstack([np.zeros((1, width * 3), np.uint8), rows[:-1]])
    filtered = np.empty((height, 1 + width * 3), np.uint8)
    filtered[:, 0] = _UP
    filtered[:, 1:] = rows - above
    header = struct.pack(">IIBBBBB", width, height, 8, _TRUECOLOUR, 0, 0, 0)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(filtered.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    """`data:image/png;base64,…` of `pixels` [height, width, 3]."""
    return "data:image/png;base64," + base64.b64encode(encode(pixels)).decode("ascii")
