"""Starts builds of toy workspaces quickly: everything is imported once, each build is a fork in a session of its own.

One JSON request per line: `root`, `arguments`, `environment`, `output` (a file); or null: `crash` (see crash.py),
`largest_file` (a limit in bytes), `clock_s` (how far the clock of the build is off).
Answers with the process id, and with the exit code when the build has ended. Run as `python -m …campaign.server`.
"""

from __future__ import annotations

import json
import os
import resource
import runpy
import signal
import sys
import time
from typing import Any


def serve() -> None:
    import doit.runner  # noqa: F401

    from inrarch.engine import code, commands, program, reporter  # noqa: F401
    from tests.engine.campaign import crash  # noqa: F401

    signal.signal(signal.SIGINT, signal.SIG_DFL)

    for line in sys.stdin:
        request = json.loads(line)
        build = os.fork()
        if build == 0:
            _build(request)
        print(build, flush=True)
        _, status = os.waitpid(build, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _build(request: dict[str, Any]) -> None:
    from inrarch.engine.program import run_doit
    from tests.engine.campaign import crash

    os.setsid()
    os.chdir(request["root"])
    os.environ.update(request["environment"])
    sys.path.insert(0, request["root"])
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.dup2(1, 2)
    if request["largest_file"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["largest_file"], request["largest_file"]))
    if request["clock_s"]:
        _shift_clock(request["clock_s"])
    if request["crash"]:
        crash.install(**request["crash"])
    loader = runpy.run_path("driver.py")["ToyLoader"]()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(run_doit(request["arguments"], loader))
    except KeyboardInterrupt:  # before or after the work, as in inrarch/cli/main.py
        sys.exit(130)


def _shift_clock(seconds: int) -> None:
    now, now_ns = time.time, time.time_ns
    time.time = lambda: now() + seconds
    time.time_ns = lambda: now_ns() + seconds * 10**9


if __name__ == "__main__":
    serve()
