"""The networks of the speed benchmark are what they are said to be, and the table has a line per choice of FIFOs."""

from __future__ import annotations

from benchmarks.fifo_speed import HEAD, measure, reconvergent
from inrarch.fifo.load import parse


def test_random_networks_have_one_word_per_row_and_stream_and_no_feedback() -> None:
    network = parse(reconvergent(40, 30, seed=1))
    assert list(network.words.values()) == [30] * 40
    order = {process.name: number for number, process in enumerate(network.processes)}
    assert all(order[network.writers[stream]] < order[network.readers[stream]] for stream in network.words)


def test_a_network_is_measured_unbounded_and_bounded() -> None:
    lines = measure("small", lambda rows: reconvergent(12, rows, 2), 500, seconds=0.0, python_accesses=2000)
    assert [line[:4] for line in lines] == [["small", "500", "12,000", label] for label in ("unbounded", "bounded")]
    assert all(len(line) == len(HEAD) and line[4].endswith(" M/s") for line in lines)
