"""`inrarch fifo` alone: any network in, depths out; deadlocks and wrong files are clear errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inrarch.cli.main import main
from tests.fifo.test_simulate import reconvergent, repeat


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "network.json"
    path.write_text(json.dumps(reconvergent(delay=20)))
    return path


def test_depths_are_solved_printed_and_written(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "depths.json"
    assert main(["fifo", str(network), "-o", str(output)]) == 0
    result = json.loads(output.read_text())
    assert result["deadlock_free"] is True
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["stream", "depth", "used", "bits", "BRAM18"]
    depth, used = result["depths"]["short"], result["high_water"]["short"]
    assert printed[1].split() == ["short", str(depth), str(used), "24", "0"]
    assert printed[4] == (
        f"cycles: {result['cycles']} (2 fewer than with unbounded FIFOs: "
        "through a FIFO of up to 2 words a word takes 1 cycle, through a deeper one 2)"
    )
    assert printed[6] == "lower bound: 3 words (one word per stream)"


def test_given_depths_are_simulated(network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = tmp_path / "given.json"
    given.write_text('{"depths": {"short": 20, "long": 2, "late": 2}}')
    assert main(["fifo", str(network), "--simulate", str(given)]) == 0
    assert "more than with unbounded FIFOs)" in capsys.readouterr().out


def test_a_deadlock_of_given_depths_is_explained(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = reconvergent(delay=20)
    data["processes"][1]["schedule"] = [
        repeat(64, 1, {"at": 0, "read": "long"}),
        repeat(64, 1, {"at": 0, "write": "late"}, at=64),
    ]
    network.write_text(json.dumps(data))
    given = tmp_path / "given.json"
    given.write_text('{"depths": {"short": 2, "long": 2, "late": 2}}')
    assert main(["fifo", str(network), "--simulate", str(given)]) == 1
    assert capsys.readouterr().err == (
        f"{given}: the network deadlocks with these depths\n"
        "  'fork' waits at schedule[0].body[1] for write 4 of 64 of stream 'short' (full; the other end is 'join')\n"
        "  'join' waits at schedule[0].body[1] for read 1 of 64 of stream 'late' (empty; the other end is 'work')\n"
        "  'work' waits at schedule[0].body[0] for read 5 of 64 of stream 'long' (empty; the other end is 'fork')\n"
        "hint: leave out --simulate to have depths found\n"
    )


def test_an_output_that_cannot_be_written_is_an_error(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fifo", str(network), "-o", "/nowhere/depths.json"]) == 3
    assert capsys.readouterr().err == "/nowhere/depths.json: cannot be written: no such file or directory\n"
