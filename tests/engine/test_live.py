"""The live view of a build, in a terminal of its own (a pseudo terminal, and just enough of an emulator to see it)."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable

import pytest

from inrarch.engine.live import totals, view_lines
from inrarch.engine.progress import Running, State
from tests.engine.toy import Toy

pytest.importorskip("rich")

ROWS, COLUMNS = 30, 100
_SEQUENCE = re.compile(r"\x1b\[(\?)?([0-9;]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+")


class Terminal:
    """Runs a build in a pseudo terminal; `output` is what it has written."""

    def __init__(self, toy: Toy, *arguments: str, **environment: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.output = ""
        self.process = subprocess.Popen(
            [sys.executable, "driver.py", *arguments],
            cwd=toy.root,
            env={**toy.environment, "TERM": "xterm-256color", **environment},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)

    def read(self, timeout_s: float) -> bool:
        """Wait for more output; returns whether there may be more."""
        if select.select([self.master], [], [], timeout_s)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # Linux: the other side is closed
                return False
            self.output += data.decode()
        return True

    def wait_for(self, shown: Callable[[str], bool], timeout_s: float = 20) -> None:
        """Read until the output so far is as it should be."""
        deadline = time.monotonic() + timeout_s
        while not shown(self.output):
            assert time.monotonic() < deadline, self.output
            assert self.read(0.1) or shown(self.output), self.output

    def end(self, timeout_s: float = 20) -> int:
        """Read to the end; returns the exit code."""
        deadline = time.monotonic() + timeout_s
        while self.read(0.1):
            assert time.monotonic() < deadline, self.output
        os.close(self.master)
        return self.process.wait(timeout_s)

    def screen(self) -> list[str]:
        """What a person sees: the lines of the terminal, and all that has scrolled away."""
        lines, row, column = [""], 0, 0
        for match in _SEQUENCE.finditer(self.output):
            code, text = match.group(3), match.group(0)
            if code == "A":
                row -= int(match.group(2) or 1)
            elif code == "K":
                lines[row] = ""
            elif text == "\r":
                column = 0
            elif text == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif code is None:
                lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
                column += len(text)
        return [line.rstrip() for line in lines]


def cursor_is_visible(output: str) -> bool:
    return output.rfind("\x1b[?25h") >= output.rfind("\x1b[?25l")


def test_the_view_appears_below_the_finished_lines_and_is_gone_at_the_end(toy: Toy) -> None:
    toy.delay("second", 1.0)
    terminal = Terminal(toy, "build")
    terminal.wait_for(lambda output: "1 running, 1 done, 1 waiting" in output)
    screen = terminal.screen()
    assert re.match(r"p@v:first  \d\.\d s \(not built yet\): 3 characters$", screen[0])
    assert re.match(r"  p@v:second  \d\.\d s$", screen[1])
    assert re.match(r"\[1/3\] 1 running, 1 done, 1 waiting \| \d\.\d s elapsed$", screen[2])
    assert cursor_is_visible(terminal.output)
    assert terminal.end() == 0
    lines = [re.sub(r"\d+\.\d s", "N s", line) for line in terminal.screen() if line]
    assert lines == [
        "p@v:first  N s (not built yet): 3 characters",
        "p@v:second  N s (not built yet): 3 characters",
        "p@v:third  N s (not built yet): 6 characters",
        "p@v: 3 stages: 3 ran (N s)",
        "1 variant in N s",
    ]
    assert cursor_is_visible(terminal.output)


def test_ctrl_c_ends_the_build_and_removes_the_view(toy: Toy) -> None:
    toy.delay("second", 30)
    terminal = Terminal(toy, "build")
    terminal.wait_for(lambda output: "p@v:second" in output)
    os.write(terminal.master, b"\x03")
    assert terminal.end() == 130
    screen = [line for line in terminal.screen() if line]
    assert screen[-1] == "stopped; what has finished is kept, the next build goes on from there"
    assert not any("running" in line for line in screen)
    assert cursor_is_visible(terminal.output)


def test_a_build_that_has_run_before_tells_what_is_left(toy: Toy) -> None:
    toy.delay("third", 0.8)
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    terminal = Terminal(toy, "build")
    terminal.wait_for(lambda output: "1 running, 2 done, 0 waiting" in output)
    terminal.end()
    assert re.search(r"p@v:third  \d\.\d s of about \d\.\d s", terminal.output)
    assert re.search(r"1 running, 2 done, 0 waiting \| \d\.\d s elapsed, about [01]\.\d s left", terminal.output)


def test_what_goes_wrong_is_told_above_the_view_as_it_is(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"fail": "first"}))
    terminal = Terminal(toy, "build")
    assert terminal.end() == 1
    screen = "\n".join(terminal.screen())
    assert "    model: node 'x': the number is odd; expected an even one\n    hint: use 2\n" in screen


@pytest.mark.parametrize(("arguments", "term"), [(["build", "--plain"], "xterm"), (["build"], "dumb")])
def test_plain_lines_where_asked_for_or_where_lines_cannot_be_redrawn(
    toy: Toy, arguments: list[str], term: str
) -> None:
    terminal = Terminal(toy, *arguments, TERM=term)
    assert terminal.end() == 0
    assert "\x1b" not in terminal.output
    assert "p@v: 3 stages: 3 ran" in terminal.output


def test_without_rich_a_terminal_gets_plain_lines(toy: Toy) -> None:
    (toy.root / "rich.py").write_text("raise ImportError('hidden by a test')")
    hidden = (
        "import importlib.util as util\nfind = util.find_spec\n"
        'util.find_spec = lambda name, *rest: None if name == "rich" else find(name, *rest)\n'
    )
    driver = toy.root / "driver.py"
    driver.write_text(hidden + driver.read_text())
    terminal = Terminal(toy, "build")
    assert terminal.end() == 0
    assert "\x1b" not in terminal.output
    assert "p@v: 3 stages: 3 ran" in terminal.output


def test_the_view_is_no_higher_than_asked_for() -> None:
    running = tuple(Running(f"p@v{index}:map", 60.0 * index, 90.0) for index in range(3))
    state = State(running, {"ran": 2, "failed": 1}, 4, 10, 3725.0, 130.0, at_least=True)
    assert view_lines(state, 2) == [
        "  p@v0:map  0.0 s of about 1 min 30 s",
        "  p@v1:map  1 min 00 s of about 1 min 30 s",
        "  and 1 more",
        "[3/10] 3 running, 3 done, 1 failed, 4 waiting | 1 h 02 min elapsed, more than 2 min 10 s left",
    ]


def test_nothing_is_said_of_what_is_left_when_nothing_is_known() -> None:
    state = State((), {}, 4, 4, 0.0, None, at_least=True)
    assert totals(state) == "[0/4] 0 running, 0 done, 4 waiting | 0.0 s elapsed"
