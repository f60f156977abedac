"""The process of one method: started when it is first asked, stopped when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from typing import Any

START_S = 60.0
"""Imports count apart from the limit of what is asked."""


class Worker:
    """Asks a `worker` process. threads: what the method may use; cache: a folder for what torch.compile makes."""

    def __init__(self, method: str, threads: int, cache: str) -> None:
        self.method = method
        self._threads = threads
        self._cache = cache
        self._process: subprocess.Popen[bytes] | None = None
        self._allowance_s = 0.0

    def ask(self, request: dict[str, Any], limit_s: float) -> dict[str, Any]:
        """Send, and wait for the answer."""
        self.send(request)
        return self.answer(limit_s)

    def send(self, request: dict[str, Any]) -> None:
        """Let the process begin with something."""
        if self._process is None:
            self._process = self._start()
            self._allowance_s = START_S
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def answer(self, limit_s: float) -> dict[str, Any]:
        """The answer to what was sent; `failure` says why there is none. A process that takes too long is stopped."""
        assert self._process is not None
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], limit_s + self._allowance_s)
        self._allowance_s = 0.0
        line = self._process.stdout.readline() if readable else b""
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        failure = "the process died" if readable else f"not ready after {limit_s:.0f} s"
        self.stop()
        return {"failure": failure}

    def stop(self) -> None:
        """End the process, and what it has started (compilers)."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "JAX_PLATFORMS": "cpu",
            "TORCHINDUCTOR_CACHE_DIR": self._cache,
            **{f"{library}_NUM_THREADS": str(self._threads) for library in ("OMP", "MKL", "OPENBLAS")},
        }
        command = [sys.executable, "-m", "benchmarks.derivative_methods.worker", self.method, str(self._threads)]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
