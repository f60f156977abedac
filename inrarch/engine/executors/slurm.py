"""Executor `slurm`: each stage is a job of a Slurm cluster, through `srun` or `sbatch --wait`.

What a stage needs becomes `--cpus-per-task`, `--mem` and `--licenses`; Slurm holds it back and refuses what is too big.
With `srun`, a staged run comes in by stdin and goes out by stdout, so nodes need no file of ours. Every job has a name
of its own, by which it is cancelled.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import threading
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from inrarch.engine.child import STEP, stage_environment
from inrarch.engine.executors.executor import STOPPED, Ended, Setting, Work
from inrarch.engine.parcel import pack, unpack_end
from inrarch.engine.stage import Needs
from inrarch.engine.tokens import Tokens, TokensClosedError
from inrarch.errors import UserError
from inrarch.tools import process

ROOM = 64
"""Jobs in Slurm's queue at a time, if nobody says a number."""


class SlurmExecutor:
    """Runs each stage as a job and waits for it."""

    elsewhere = True

    def __init__(self, setting: Setting) -> None:
        self._command: str = setting.options["command"]
        self._arguments: list[str] = setting.options["arguments"]
        self._python: str = setting.options["python"] or sys.executable
        self._staged = setting.staged
        if self._staged and self._command != "srun":
            raise UserError(
                f"executor.staged does not work with {self._command}",
                expected="executor.slurm.command: srun",
                hint="sbatch brings no result back; with a common file system use `staged: false`",
            )
        self._program = _find(self._command)
        self.room = setting.slots or ROOM
        self._tokens = Tokens({"slots": self.room})
        self._jobs: set[str] = set()
        self._guard = threading.Lock()

    def obstacle(self, name: str, needs: Needs) -> UserError | None:
        """See `Executor`. Slurm knows its nodes and licences, and says so itself."""
        return None

    def run(self, work: Work) -> Ended:
        """See `Executor`."""
        job = f"inrarch-{work.name}-{uuid.uuid4().hex[:12]}"
        try:
            with self._tokens.hold({"slots": 1}):
                with self._guard:
                    self._jobs.add(job)
                work.begun()
                try:
                    return self._run_staged(work, job) if self._staged else self._run_shared(work, job)
                finally:
                    with self._guard:
                        self._jobs.discard(job)
        except TokensClosedError:
            return STOPPED

    def stop(self) -> None:
        """See `Executor`."""
        self._tokens.close()
        with self._guard:
            jobs = sorted(self._jobs)
        scancel = shutil.which("scancel")
        for job in jobs if scancel else []:
            with suppress(UserError):
                process.run((scancel or "", f"--name={job}"), timeout_s=20, check=False)

    def close(self) -> None:
        """See `Executor`."""

    def _run_shared(self, work: Work, job: str) -> Ended:
        step = [self._python, *STEP, str(work.folder / "step.json")]
        log = work.folder / "log.txt"
        if self._command == "srun":
            return _timed(self._submit(work, self._call(work, job, [f"--chdir={work.folder}"], step), log), work)
        script = work.folder / "job.sh"
        script.write_text('#!/bin/sh\n# $@: the command of the stage\nexec "$@"\n', encoding="utf-8")
        # Slurm would replace % in the name of a file, so it gets a plain one; the job runs in the folder.
        more = [f"--chdir={work.folder}", "--wait", "--no-requeue", "--output=job.txt", "--open-mode=append"]
        ended = self._submit(work, self._call(work, job, more, [str(script), *step]), work.folder / "submitted.txt")
        output, submitted = work.folder / "job.txt", work.folder / "submitted.txt"
        # A job that never started has no output; then what sbatch says is all there is.
        (output if output.exists() else submitted).replace(log)
        return _timed(ended, work)

    def _run_staged(self, work: Work, job: str) -> Ended:
        parcel, answer, log = (work.folder / name for name in ("parcel.zip", "answer.zip", "log.txt"))
        parcel.write_bytes(pack(work.folder))
        ended = self._submit(work, self._call(work, job, [], [self._python, *STEP, "-"]), log, parcel, answer)
        return ended if ended.exit_code else unpack_end(answer.read_bytes(), work.folder)

    def _call(self, work: Work, job: str, more: Sequence[str], command: Sequence[str]) -> list[str]:
        licences = ",".join(f"{name}:{count}" for name, count in sorted(work.needs.licences.items()) if count)
        return [
            str(self._program),
            f"--job-name={job}",
            "--ntasks=1",
            f"--cpus-per-task={work.needs.cores}",
            f"--mem={work.needs.memory_mb}M",
            *([f"--licenses={licences}"] if licences else []),
            *(["--quiet"] if self._command == "srun" else []),
            *more,
            *self._arguments,
            *command,
        ]

    def _submit(
        self, work: Work, command: Sequence[str], log: Path, stdin: Path | None = None, stdout: Path | None = None
    ) -> Ended:
        ended = process.run(
            command,
            name=self._command,
            cwd=work.folder,
            log=log,
            env=stage_environment(work.tools),
            check=False,
            new_session=True,
            death_signal=signal.SIGTERM,  # srun passes it on
            stdin=stdin,
            stdout=stdout,
        )
        return Ended(ended.exit_code, ended.seconds)


def _timed(ended: Ended, work: Work) -> Ended:
    """With the time of the stage itself instead of that in the queue too, if the stage has told it."""
    with suppress(FileNotFoundError):
        told = json.loads((work.folder / "result.json").read_text(encoding="utf-8"))
        return Ended(ended.exit_code, float(told["seconds"]))
    return ended


def _find(command: str) -> Path:
    found = shutil.which(command)
    if found is None:
        raise UserError(
            f"{command} is not installed, so stages cannot run with executor 'slurm'",
            hint="build where jobs can be submitted, or use `--executor local`",
        )
    return Path(found).absolute()


def open_executor(setting: Setting) -> SlurmExecutor:
    """See `executor.py`."""
    return SlurmExecutor(setting)
