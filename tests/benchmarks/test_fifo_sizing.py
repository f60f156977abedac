"""The comparison of sizing methods: all keep the cycles, none is below the certified bound."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.fifo_sizing import measure, networks, table
from benchmarks.networks.structures import autoencoder


def test_every_method_keeps_the_cycles_and_the_bound() -> None:
    rows = measure("U-Net", autoencoder(), "words", 5.0)
    by_method = {row.method.split(",")[0]: row for row in rows}
    assert set(by_method) == {"solver", "occupancy", "annealing"}
    solver, occupancy = by_method["solver"], by_method["occupancy"]
    assert solver.words < occupancy.words
    for row in rows:
        assert row.cycles <= row.unbounded_cycles
        assert row.gap is not None
        assert row.gap >= 0
        assert solver.words <= row.words
    lines = table(rows)
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")
    assert f"| {occupancy.words:,} |" in next(line for line in lines if "occupancy" in line)


def test_network_files_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "network.json"
    file.write_text(json.dumps(autoencoder()))
    names = [name for name, _ in networks(True, [file])]
    assert names == ["INR-Arch style, order 1", "random, 30 streams", str(file)]
