from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.report.png import data_uri, encode


def decode(data: bytes) -> np.ndarray:
    """An independent reader of what `encode` may write: checks every chunk, undoes filters 0 and 2."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert checksum == zlib.crc32(kind + body)
        chunks.append((kind, body))
        at += 12 + length
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (depth, colour, compression, filtering, interlace) == (8, 2, 0, 0, 0)
    raw = zlib.decompress(chunks[1][1])
    above = bytes(width * 3)
    rows = []
    for row in range(height):
        line = raw[row * (1 + width * 3) : (row + 1) * (1 + width * 3)]
        assert line[0] in (0, 2)
        above = bytes((a + b) % 256 for a, b in zip(line[1:], above, strict=True)) if line[0] == 2 else line[1:]
        rows.append(above)
    return np.frombuffer(b"".join(rows), np.uint8).reshape(height, width, 3)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_pixels_survive(height: int, width: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decode(encode(pixels)), pixels)


def test_a_data_uri_holds_the_file() -> None:
    pixels = np.full((2, 3, 3), 7, np.uint8)
    head, body = data_uri(pixels).split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == encode(pixels)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((2, 2, 3)), np.zeros((2, 2), np.uint8), np.zeros((2, 2, 4), np.uint8), np.zeros((0, 2, 3), np.uint8)],
)
def test_other_shapes_and_types_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected uint8 \[height, width, 3\]"):
        encode(pixels)
