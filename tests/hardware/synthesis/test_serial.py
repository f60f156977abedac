"""The board's top over its serial line: the host's program on one end, the RTL on the other."""

from __future__ import annotations

import os
import pty
import subprocess
import tty
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inrarch.boards import load_board
from inrarch.errors import UserError
from inrarch.hardware.cosim.compiling import compile_object, find_toolchain, link, runtime
from inrarch.hardware.rtl.description import PortText
from inrarch.hardware.synthesis.board_top import board_top, write_board
from inrarch.hardware.synthesis.host import Board, open_line, read_points
from inrarch.resources import data_folder
from inrarch.tools import verilator
from tests.hardware.cosim.reconvergent import Built, answers, reconvergent

ROWS, CYCLES_PER_BIT, FRAC = 16, 6, 10


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return reconvergent(tmp_path_factory.mktemp("rtl"), {"short": 10}, block=8, rows=ROWS)


@pytest.fixture(scope="module")
def simulation(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serial")
    tools = find_toolchain()
    write_board(board_top(built.design, load_board("ulx3s_85f"), 50.0), built.folder)
    link_files = sorted(data_folder("kernel_lib").glob("serial/*.sv"))
    sources = [*built.design.sources, *map(str, link_files), "board_top.sv"]
    verilator.verilate(
        tools.verilator,
        "inrarch_serial_top",
        sources,
        folder,
        prefix="Vinrarch_serial_top",
        cwd=built.folder,
        options=(f"-GCYCLES_PER_BIT={CYCLES_PER_BIT}", "--quiet"),
    )
    source = Path(__file__).with_name("serial_line.cpp")
    flags = (f"-DCYCLES_PER_BIT={CYCLES_PER_BIT}", f"-I{folder}")
    compile_object(tools, source, folder / "line.o", flags)
    link(tools, [runtime(tools, folder), folder / "line.o"], folder / "board")
    return folder / "board"


@pytest.fixture
def line(simulation: Path) -> Iterator[int]:
    """The host's end of a pseudo terminal with the board on the other."""
    board_end, host_end = pty.openpty()
    tty.setraw(board_end)
    tty.setraw(host_end)
    process = subprocess.Popen([simulation], stdin=board_end, stdout=board_end)
    os.close(board_end)
    yield host_end
    process.kill()
    process.wait()
    os.close(host_end)


DESCRIPTION: dict[str, Any] = {
    "rows": ROWS,
    "baud": 1000000,
    "inputs": [{"tensor": "x", "port": "x", "words": 1, "bits": 24, "frac": FRAC}],
    "outputs": [
        {
            "tensor": "y",
            "port": "y",
            "words": 1,
            "features": 1,
            "first": 0,
            "stride": 1,
            "frac": FRAC,
            "once": False,
        }
    ],
}


def test_a_host_gets_what_the_design_computes(line: int) -> None:
    """Two calls and a half: the last one is filled up."""
    words = np.random.default_rng(1).integers(-(1 << 20), 1 << 20, 40).astype(np.int32)
    points = [[float(word) / 2**FRAC] for word in words]
    found = [values[0] for values in Board(DESCRIPTION, line).evaluate(points)]
    filled = np.concatenate([words, np.full(8, words[-1], np.int32)])
    expected = answers(filled)[: len(words)]
    assert found == [float(word) / 2**FRAC for word in expected]


def test_points_are_read_without_headers(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("x,y\n# comment\n0.5,-1\n\n1e-3,2\n")
    assert read_points(str(file)) == [[0.5, -1.0], [0.001, 2.0]]


def test_a_point_of_another_size_is_refused() -> None:
    with pytest.raises(SystemExit, match="a point has 2 numbers; expected 1"):
        list(Board(DESCRIPTION, -1).evaluate([[1.0, 2.0]]))


def test_a_dead_board_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inrarch.hardware.synthesis.host.SILENCE_S", 0.05)
    _, host_end = pty.openpty()
    with pytest.raises(SystemExit, match="the board is silent after 0 of 64 bytes"):
        list(Board(DESCRIPTION, host_end).evaluate([[1.0]]))


def test_a_rate_that_the_system_does_not_know(tmp_path: Path) -> None:
    _, host_end = pty.openpty()
    with pytest.raises(SystemExit, match="no serial rate of 1234567 baud"):
        open_line(os.ttyname(host_end), 1234567)


def test_a_clock_that_cannot_make_the_rate_is_refused(built: Built) -> None:
    with pytest.raises(UserError, match=r"a clock of 2\.5 MHz does not give a serial rate of 1000000 baud"):
        board_top(built.design, load_board("ulx3s_85f"), 2.5)


def test_boards_without_open_tools_are_refused(built: Built) -> None:
    with pytest.raises(UserError, match="no open place and route for board 'u50'"):
        board_top(built.design, load_board("u50"), 300.0)


def test_pins_and_ports_of_the_top(built: Built) -> None:
    ports = (*built.design.ports, PortText("sums", "sink", False, 5, True))
    top = board_top(replace(built.design, ports=ports), load_board("ulx3s_85f"), 50.0)
    assert 'LOCATE COMP "receive" SITE "M1";' in top.constraints
    assert 'FREQUENCY PORT "oscillator" 25 MHZ;' in top.constraints
    assert ".OUTPUTS(2)" in top.verilog
    assert ".ONCE(2'b10)" in top.verilog
