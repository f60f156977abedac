from __future__ import annotations

import os
import signal

import pytest

from inrarch.engine.interrupt import Stopped, interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_and_later_ones_are_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # nohup starts programs that ignore SIGHUP
    told: list[str] = []

    def twice() -> None:
        with interruptible(lambda: told.append("told")):
            try:
                os.kill(os.getpid(), number)
            finally:
                os.kill(os.getpid(), number)

    try:
        with pytest.raises(Stopped) as caught:
            twice()
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert caught.value.exit_code == 128 + number
    assert told == ["told"]


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(lambda: pytest.fail("stopped")):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_to_a_child_that_is_not_yet_its_program_ends_it_without_a_word(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with interruptible(lambda: pytest.fail("stopped")):
        child = os.fork()
        if child == 0:
            try:
                os.kill(os.getpid(), signal.SIGINT)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGINT
    assert capfd.readouterr() == ("", "")
