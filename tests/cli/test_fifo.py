"""`inrarch fifo` alone: any network in, depths out; deadlocks and wrong files are clear errors."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from inrarch.cli.main import main
from inrarch.fifo import solve
from tests.fifo.naive import simulate
from tests.fifo.test_share import late_readers
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
    assert printed[6].startswith(f"lower bound: {result['lower_bound']['words']} words (")
    assert printed[6].endswith("; proven optimum")


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


def test_each_stream_that_binds_is_explained(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fifo", str(network), "--explain"]) == 0
    printed = capsys.readouterr().out.splitlines()[7:]
    assert printed[0].startswith("short binds: with 22 words it takes ")
    assert printed[0].endswith(" cycles too many")
    assert printed[1].startswith("  the path that decides the cycles has ")
    assert any("'fork' makes write" in line and "of 'short'" in line for line in printed)
    assert printed[-1] == "1 stream binds"


def test_more_cycles_need_fewer_words(network: Path, tmp_path: Path) -> None:
    words = []
    for given in ([], ["--slack", "0.1"], ["--cycles", "150"]):
        output = tmp_path / "depths.json"
        assert main(["fifo", str(network), "-o", str(output), *given]) == 0
        words.append(json.loads(output.read_text())["words"])
    assert words[0] > words[1] > words[2]


def test_an_objective_is_minimised_and_named(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fifo", str(network), "--objective", "bits"]) == 0
    assert capsys.readouterr().out.splitlines()[6].startswith(f"lower bound: {27 * 24} bits (")


def test_luts_are_those_of_the_board(network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    costs = {}
    for board in ("kv260", "ulx3s_85f"):
        given = ["--objective", "luts", "--board", board, "-o", str(tmp_path / "depths.json")]
        assert main(["fifo", str(network), *given]) == 0
        costs[board] = json.loads((tmp_path / "depths.json").read_text())["cost"]
        assert f"cost: {costs[board]} LUT\nlower bound: {costs[board]} LUT (" in capsys.readouterr().out
    # One FIFO of up to 32 words of 24 bits: a shift register per bit, or two rows of six cells of six LUTs.
    assert costs == {"kv260": 24, "ulx3s_85f": 72}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--slack", "-0.5"], "--slack is -0.5; expected a number of at least 0\n"),
        (["--slack", "nan"], "--slack is nan; expected a number of at least 0\n"),
        (["--cycles", "0"], "--cycles is 0; expected a number of at least 1\n"),
        (
            ["--objective", "luts"],
            "--objective luts without --board; expected both or none\n"
            "hint: what LUTs a FIFO takes depends on the board's fabric\n",
        ),
        (
            ["--board", "kv260"],
            "--board without --objective luts; expected both or none\n"
            "hint: what LUTs a FIFO takes depends on the board's fabric\n",
        ),
        (["--time-limit", "-1"], "--time-limit is -1.0; expected a number of at least 0\n"),
    ],
)
def test_figures_that_make_no_sense_are_errors(
    network: Path, given: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fifo", str(network), *given]) != 0
    assert capsys.readouterr().err == message


def test_cycles_that_no_depths_reach_are_an_error(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fifo", str(network), "--cycles", "3"]) != 0
    assert "allow more cycles" in capsys.readouterr().err


def test_options_that_exclude_each_other_are_refused(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for given in (["--slack", "0.1", "--cycles", "90"], ["--pareto", "--simulate", str(network)]):
        with pytest.raises(SystemExit):
            main(["fifo", str(network), *given])
        assert "not allowed with argument" in capsys.readouterr().err


def test_nothing_of_the_progress_is_seen_where_there_is_no_terminal(
    network: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fifo", str(network)]) == 0
    assert capsys.readouterr().err == ""


def test_shared_lines_are_put_in_where_they_save_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given, shared, output = tmp_path / "given.json", tmp_path / "shared.json", tmp_path / "depths.json"
    given.write_text(json.dumps(late_readers(30, 1)))
    assert main(["fifo", str(given), "--share", str(shared), "-o", str(output)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "copy__copy_late is a shared delay line of copy_1, copy_2"
    before, after = solve(given), json.loads(output.read_text())
    assert printed[1] == f"1 shared delay lines: {after['words']} words instead of {before.words}"
    assert after["words"] < before.words - 20
    run = simulate(json.loads(shared.read_text()), after["depths"])
    assert run is not None
    assert run["cycles"] == after["cycles"] <= before.unbounded_cycles


def test_pareto_lists_fewer_words_for_more_cycles(
    network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "front.json"
    assert main(["fifo", str(network), "--pareto", "-o", str(output)]) == 0
    points = json.loads(output.read_text())
    assert len(points) > 2
    for fast, slow in pairwise(points):
        assert fast["cycles"] < slow["cycles"]
        assert fast["words"] > slow["words"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["cycles", "words", "bits", "BRAM18", "gap"]
    assert [line.split()[1] for line in lines[1:]] == [str(point["words"]) for point in points]
