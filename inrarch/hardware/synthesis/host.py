"""The host's side of a board with a serial line: coordinates out, values and derivatives back.

    python host.py /dev/ttyUSB0 points.csv > values.csv

Needs nothing but Python. Reads host.json beside this file. points.csv: one row per point, one column per coordinate;
lines that begin with a letter or # are left out. A copy of this file stands beside every bitstream.
"""

from __future__ import annotations

import json
import os
import select
import struct
import sys
import termios
import time
import tty
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SILENCE_S = 10.0
"""Seconds without a byte after which the board is taken to be dead."""


class Board:
    """A board on a serial line. description: the content of host.json. line: an open file descriptor."""

    def __init__(self, description: dict[str, Any], line: int) -> None:
        self._given = description
        self._line = line
        self.columns = [
            f"{each['tensor']}[{feature}]" if each["features"] > 1 else str(each["tensor"])
            for each in description["outputs"]
            if not each["once"]
            for feature in range(each["features"])
        ]

    def evaluate(self, points: Sequence[Sequence[float]]) -> Iterator[list[float]]:
        """The outputs of every point, in the order of `columns`; invocations are filled up with the last point."""
        rows = self._given["rows"]
        for start in range(0, len(points), rows):
            chunk = list(points[start : start + rows])
            full = chunk + [chunk[-1]] * (rows - len(chunk))
            self._write(b"".join(self._encoded(point) for point in full))
            words = self._read_words(sum(self._ports().values()) * rows + sum(self._ports(once=True).values()))
            for row in range(len(chunk)):
                yield list(self._row(words, row))

    def _ports(self, *, once: bool = False) -> dict[str, int]:
        """Words of each output port, per row or per invocation, in the order of the line."""
        return {each["port"]: each["words"] for each in self._given["outputs"] if each["once"] == once}

    def _encoded(self, point: Sequence[float]) -> bytes:
        """The words of a point, rounded to the format of the input and clipped to its range."""
        words, place = [], 0
        for port in self._given["inputs"]:
            most = 2 ** (port["bits"] - 1)
            for value in point[place : place + port["words"]]:
                words.append(max(-most, min(most - 1, _nearest(value * 2.0 ** port["frac"]))))
            place += port["words"]
        if place != len(point):
            raise SystemExit(f"a point has {len(point)} numbers; expected {place}")
        return struct.pack(f"<{len(words)}i", *words)

    def _row(self, words: Sequence[int], row: int) -> Iterator[float]:
        begins, offset = {}, row * sum(self._ports().values())
        for port, count in self._ports().items():
            begins[port] = offset
            offset += count
        for each in self._given["outputs"]:
            if not each["once"]:
                for feature in range(each["features"]):
                    word = words[begins[each["port"]] + each["first"] + feature * each["stride"]]
                    yield word * 2.0 ** -each["frac"]

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._line, data) :]

    def _read_words(self, count: int) -> tuple[int, ...]:
        data = b""
        while len(data) < 4 * count:
            if not select.select([self._line], [], [], SILENCE_S)[0]:
                raise SystemExit(f"the board is silent after {len(data)} of {4 * count} bytes")
            data += os.read(self._line, 4 * count - len(data))
        return struct.unpack(f"<{count}i", data)


def _nearest(value: float) -> int:
    """To the nearest integer, halves up, as everywhere in the design."""
    return int((value + 0.5) // 1)


def open_line(path: str, baud: int) -> int:
    """The serial device, 8 bits, no parity, one stop bit, raw."""
    line = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)
    settings = termios.tcgetattr(line)
    speed = getattr(termios, f"B{baud}", None)
    if speed is None:
        raise SystemExit(f"this system knows no serial rate of {baud} baud")
    settings[4] = settings[5] = speed
    termios.tcsetattr(line, termios.TCSANOW, settings)
    return line


def read_points(path: str) -> list[list[float]]:
    """Rows of numbers of a CSV file."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.strip() and not (line.strip()[0].isalpha() or line.startswith("#"))]
    return [[float(number) for number in line.split(",")] for line in rows]


def main(arguments: Sequence[str]) -> int:
    """Evaluate a file of points."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    description = json.loads((Path(__file__).parent / "host.json").read_text(encoding="utf-8"))
    board = Board(description, open_line(arguments[0], description["baud"]))
    points = read_points(arguments[1])
    print(",".join(board.columns))
    began = time.monotonic()
    for values in board.evaluate(points):
        print(",".join(f"{value:.9g}" for value in values))
    print(f"{len(points)} points in {time.monotonic() - began:.2f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
