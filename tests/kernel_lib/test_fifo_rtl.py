"""inrarch_fifo: random pushes and pops at all depths, latencies and styles, against the rules of a stream."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kernel_lib.traces import Signals, Traced, check


def _fifo(depth: int, latency: int, style: int, bits: int, seed: int, cycles: int) -> Traced:
    """The rules: word i can be read LATENCY cycles after it was written; write i waits for read i - depth."""
    draw = random.Random(seed)
    words: list[int] = []
    written: list[int] = []
    read: list[int] = []
    stimulus: list[Signals] = [{"reset": 1, "in_valid": 1, "out_ready": 1}] * 2
    expected: list[Signals] = [{}] * 2
    pushes = pops = 0.5
    for now in range(2, cycles):
        if draw.random() < 0.05:  # full and empty for a while
            pushes, pops = draw.choice([0.1, 0.5, 1.0]), draw.choice([0.1, 0.5, 1.0])
        given: Signals = {
            "reset": 0,
            "in_valid": draw.random() < pushes,
            "out_ready": draw.random() < pops,
            "in_data": draw.getrandbits(bits),
        }
        room = len(written) < depth or (len(read) > len(written) - depth and read[len(written) - depth] < now)
        readable = len(read) < len(written) and written[len(read)] + latency <= now
        expected.append({"in_ready": room, "out_valid": readable})
        if readable:
            expected[-1]["out_data"] = words[len(read)]
        if room and given["in_valid"]:
            words.append(given["in_data"])
            written.append(now)
        if readable and given["out_ready"]:
            read.append(now)
        stimulus.append(given)
    return Traced(
        "inrarch_fifo",
        {"BITS": bits, "DEPTH": depth, "LATENCY": latency, "STYLE": style},
        {"reset": 1, "in_data": bits, "in_valid": 1, "out_ready": 1},
        {"in_ready": 1, "out_data": bits, "out_valid": 1},
        stimulus,
        expected,
    )


def _fifos(depths: list[int], cycles: int) -> list[Traced]:
    """All latencies and styles of each depth."""
    kinds = [(1, 0), (2, 0), (2, 1), (2, 2)]
    return [
        _fifo(depth, latency, style, 1 + (depth * 7 + style) % 40, 100 * depth + 10 * latency + style, cycles)
        for depth in depths
        for latency, style in kinds
    ]


def test_pushes_and_pops(tmp_path: Path) -> None:
    check(_fifos([1, 2, 3, 4, 7, 16, 33], 400), tmp_path)


@pytest.mark.slow
def test_many_pushes_and_pops_at_all_depths(tmp_path: Path) -> None:
    check(_fifos([*range(1, 41), 63, 64, 65, 100, 128, 300], 4000), tmp_path)
