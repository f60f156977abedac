"""Executor `dask`: each stage is a task of a Dask cluster, a running one or one of our own for the time of the build.

* Needs: `cores` and `memory_mb` are resources of the workers: `dask worker --resources "cores=8 memory_mb=9000"`.
  One that no worker declares holds nothing back. Licences belong to no worker: the build counts them itself.
* A worker that dies takes no stage with it: Dask gives the stage to another one. So that two workers never write to one
  place, each attempt has a folder of its own, and the one whose answer arrives is taken.
* A stage whose task is cancelled, also because the build has disappeared, is ended by the worker.

Workers need the same inrarch, libraries and tools; every run compares them (`inrarch/engine/step.py`).
"""

from __future__ import annotations

import logging
import signal
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from inrarch.engine.child import run_here
from inrarch.engine.executors.executor import STOPPED, Ended, Setting, Work
from inrarch.engine.needs import as_tokens, licence_tokens, machine_tokens, too_big
from inrarch.engine.parcel import pack, run_packed, unpack_end
from inrarch.engine.stage import Needs
from inrarch.engine.step import read_description
from inrarch.engine.tokens import Tokens, TokensClosedError
from inrarch.errors import UserError
from inrarch.tools import process

_WORKER_TOKENS = ("cores", "memory_mb")
_LOOK_S = 2.0
_CANCEL_POLL_S = 0.2
_RUNNING = ("executing", "long-running", "resumed")


class DaskExecutor:
    """Submits stages to a cluster and waits for them."""

    def __init__(self, setting: Setting) -> None:
        self._timeout_s = float(setting.options["timeout_s"])
        self._staged = setting.staged
        self._address: str | None = setting.options["address"]
        self.elsewhere = self._address is not None
        self._cluster: Any = None
        self._client = self._connect(setting)
        workers = self._workers()
        self.room = setting.slots or sum(threads for threads, _ in workers)
        slots = {"slots": setting.slots} if setting.slots else {}
        self._tokens = Tokens({**slots, **licence_tokens(setting.totals)})
        self._futures: set[Any] = set()
        self._guard = threading.Lock()
        self._stopping = threading.Event()

    def obstacle(self, name: str, needs: Needs) -> UserError | None:
        """See `Executor`."""
        error = too_big(name, needs, self._tokens.totals)
        return error or self._nowhere(name, needs)

    def run(self, work: Work) -> Ended:
        """See `Executor`."""
        tokens = {"slots": 1, **as_tokens(work.needs)}
        try:
            with self._tokens.hold(tokens):
                work.begun()
                answer = self._answer(work)
        except TokensClosedError:
            return STOPPED
        if answer is None:
            return STOPPED
        if isinstance(answer, bytes):
            return unpack_end(answer, work.folder)
        ended: Ended | None
        place: str
        ended, place = answer
        if ended is None:
            raise UserError(
                f"the Dask worker on {place} does not see {work.folder}",
                expected="the build folder under the same path wherever stages run",
                hint="set `executor: {staged: true}` in inrarch.yaml",
                exit_code=2,
            )
        for name in ("payload", "log.txt", "result.json"):
            with suppress(FileNotFoundError):
                (work.folder / place / name).rename(work.folder / name)
        return ended

    def stop(self) -> None:
        """See `Executor`."""
        self._stopping.set()
        self._tokens.close()
        with self._guard:
            futures = list(self._futures)
        with suppress(Exception):  # the cluster may be gone; then so are its stages
            self._client.cancel(futures, force=True)

    def close(self) -> None:
        """See `Executor`."""
        with suppress(Exception):
            self._client.close(timeout=5)
        if self._cluster is not None:
            with suppress(Exception):
                self._cluster.close(timeout=5)

    def _answer(self, work: Work) -> Any:
        """What the worker returns: bytes of a staged run, else (Ended or None, folder or host); None when stopped."""
        import distributed

        declared = {token for _, resources in self._workers() for token in resources}
        needs = as_tokens(work.needs)
        resources = {token: needs[token] for token in _WORKER_TOKENS if token in declared and needs[token]}
        run, given = (run_staged, pack(work.folder)) if self._staged else (run_shared, str(work.folder))
        done = threading.Event()
        with self._guard:
            if self._stopping.is_set():
                return None
            key = f"inrarch-{work.name}-{uuid.uuid4().hex}"
            future = self._client.submit(run, given, dict(work.tools), key=key, resources=resources, pure=False)
            self._futures.add(future)
        try:
            future.add_done_callback(lambda _: done.set())
            self._wait(work, future, done)
            return None if self._stopping.is_set() else future.result(timeout=self._timeout_s)
        except distributed.KilledWorker as error:
            raise UserError(
                f"every Dask worker that ran the stage died ({error.last_worker.address} was the last)",
                hint=f"if memory ran out, raise `stages.{work.name}.memory_mb` in inrarch.yaml",
                exit_code=2,
            ) from error
        except UserError:
            raise
        except Exception as error:
            if self._stopping.is_set():
                return None
            raise UserError(
                f"Dask could not run the stage: {type(error).__name__}: {error}",
                hint="the workers need the same Python, distributed and inrarch as the machine that builds",
                exit_code=2,
            ) from error
        finally:
            with self._guard:
                self._futures.discard(future)
            future.release()

    def _wait(self, work: Work, future: Any, done: threading.Event) -> None:
        """Until the future is done; UserError when for too long no worker has what the stage needs."""
        seen = time.monotonic()
        while not done.wait(_LOOK_S) and not self._stopping.is_set():
            obstacle = self._nowhere(work.name, work.needs)
            if obstacle is None:
                seen = time.monotonic()
            elif time.monotonic() - seen > self._timeout_s:
                self._client.cancel([future], force=True)
                raise obstacle

    def _nowhere(self, name: str, needs: Needs) -> UserError | None:
        """The error of a stage that no worker there is has room for."""
        workers = self._workers()
        declared = {token for _, resources in workers for token in resources}
        needed = {token: count for token, count in as_tokens(needs).items() if token in declared}
        if workers and any(
            all(resources.get(token, 0) >= count for token, count in needed.items()) for _, resources in workers
        ):
            return None
        if not workers:
            return UserError("the Dask cluster has no worker", hint="start one: dask worker ADDRESS", exit_code=2)
        for token, count in needed.items():
            most = max(int(resources.get(token, 0)) for _, resources in workers)
            if count > most:
                return UserError(
                    f"stage {name!r} needs {token} {count}, but no Dask worker has more than {most}",
                    hint=f"lower `stages.{name}.{token}` in inrarch.yaml, or start a worker that has more"
                    + (" (`executor.dask.workers: 1` gives one worker all)" if self._cluster is not None else ""),
                )
        together = ", ".join(f"{token} {count}" for token, count in needed.items())
        return UserError(f"stage {name!r} needs {together}, but no Dask worker has all of it")

    def _workers(self) -> list[tuple[int, dict[str, float]]]:
        """Threads and resources of every worker."""
        found = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return [(int(each["nthreads"]), dict(each["resources"])) for each in found]

    def _connect(self, setting: Setting) -> Any:
        try:
            import distributed
        except ImportError as error:
            raise UserError(
                "executor 'dask' needs the library distributed, which is not installed",
                hint="pip install 'inrarch[dask]'",
            ) from error
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", message="Sending large graph")
        try:
            if self._address is None:
                self._cluster = _own_cluster(setting)
            target = self._address or self._cluster
            client = distributed.Client(target, timeout=self._timeout_s, set_as_default=False, name="inrarch")
            client.wait_for_workers(1, timeout=self._timeout_s)
        except (OSError, TimeoutError, ValueError) as error:
            raise UserError(
                f"no Dask cluster with a worker answers at {self._address or 'this machine'} within "
                f"{self._timeout_s:g} s",
                hint="`executor.dask.address` in inrarch.yaml names its scheduler; null starts a cluster here",
            ) from error
        return client


def _own_cluster(setting: Setting) -> Any:
    """Worker processes on this machine that share its cores and memory evenly."""
    from distributed import LocalCluster

    count = int(setting.options["workers"])
    shares = {token: max(1, total // count) for token, total in machine_tokens(setting.totals).items()}
    return LocalCluster(
        n_workers=count,
        threads_per_worker=shares["cores"],
        processes=True,
        resources=shares,
        memory_limit=0,  # stages are processes of their own: Dask's limit would not see them
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
        preload=[__name__],
    )


def dask_setup(worker: Any) -> None:
    """Dask calls it in every process of our own cluster: Ctrl-C is for the build alone, which then ends the workers."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_shared(folder: str, tools: dict[str, str]) -> tuple[Ended | None, str]:
    """At a worker: run the stage of a folder that it sees, in a folder below that of this attempt alone.

    Returns the end and the name of that folder; (None, name of the host) if the folder is not there.
    """
    import platform

    home = Path(folder)
    if not (home / "step.json").is_file():
        return None, platform.node()
    attempt = home / f"attempt-{uuid.uuid4().hex}"
    attempt.mkdir()
    description = read_description(home / "step.json")
    moved = replace(
        description,
        output=str(attempt / "payload"),
        scratch=str(attempt / "scratch"),
        result=str(attempt / "result.json"),
    )
    moved.write(attempt / "step.json")
    with _ended_when_cancelled() as started:
        return run_here(attempt, tools, started), attempt.name


def run_staged(parcel: bytes, tools: dict[str, str]) -> bytes:
    """At a worker: run a packed stage; returns its packed end."""
    with _ended_when_cancelled() as started:
        return run_packed(parcel, tools, started)


@contextmanager
def _ended_when_cancelled() -> Iterator[Callable[[int], None]]:
    """Ends a process group (the yielded function is told which) when the scheduler no longer wants this task."""
    from distributed import get_worker

    worker: Any = get_worker()
    key = worker.get_current_task()
    done = threading.Event()

    def watch(group: int) -> None:
        tasks: Mapping[Any, Any] = worker.state.tasks
        while not done.wait(_CANCEL_POLL_S):
            task = tasks.get(key)
            if task is None or task.state not in _RUNNING:
                process.signal_one(group, signal.SIGTERM)
                if not done.wait(process.GRACE_S):
                    process.signal_one(group, signal.SIGKILL)
                return

    def started(group: int) -> None:
        threading.Thread(target=watch, args=(group,), name=f"watch {key}", daemon=True).start()

    try:
        yield started
    finally:
        done.set()


def open_executor(setting: Setting) -> DaskExecutor:
    """See `executor.py`."""
    return DaskExecutor(setting)
