"""One run of a stage as a child process: its folder, its environment, its log, and what stays of it when it fails."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inrarch.engine.executors.executor import Ended
from inrarch.engine.plan import Job
from inrarch.engine.stage import Settings
from inrarch.engine.step import FAILED, Description
from inrarch.engine.store import Artefact
from inrarch.paths import shown_path
from inrarch.tools import process
from inrarch.tools.tool import CONFIGURED

LOG_LINES = 15
"""Lines of the log that are shown when a stage fails."""

STEP = ("-m", "inrarch", "step")
"""What Python is given to run a stage from its description."""

_FIXED_ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    # One thread per stage: the bytes of a result must not depend on the number of cores (`-n` uses these).
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Workplace:
    """The folder of one run: step.json, log.txt, payload/, scratch/, result.json."""

    folder: Path

    @property
    def log(self) -> Path:
        """What the stage and its tools print."""
        return self.folder / "log.txt"

    def describe(
        self,
        package: str,
        job: Job,
        inputs: Mapping[str, Artefact],
        settings: Settings,
        expected: Mapping[str, Any] | None = None,
        not_run: str | None = None,
    ) -> Description:
        """Write step.json.

        expected: the code and versions that the fingerprint names, if they must be compared. not_run: why the stage is
        left out.
        """
        description = Description(
            stage=job.stage.name,
            module=f"{package}.{job.stage.name}",
            inputs={name: str(artefact.payload) for name, artefact in inputs.items()},
            files={name: str(file) for name, file in job.stage.files(job.variant).items()},
            settings=settings,
            output=str(self.folder / "payload"),
            scratch=str(self.folder / "scratch"),
            result=str(self.folder / "result.json"),
            expected=expected,
            not_run=not_run,
        )
        description.write(self.folder / "step.json")
        return description

    def result(self) -> dict[str, Any]:
        """What `inrarch step` says of the run: summary, host, platform, python, peak_memory_mb."""
        result: dict[str, Any] = json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        return result

    def strip(self) -> Path:
        """Remove all but payload and log, ready to be published."""
        for entry in self.folder.iterdir():
            if entry.is_dir() and entry.name != "payload":
                shutil.rmtree(entry)
            elif entry.name not in ("payload", "log.txt"):
                entry.unlink()
        return self.folder


@contextmanager
def workplace(parent: Path, job: Job) -> Iterator[Workplace]:
    """A fresh folder below `parent`, removed at the end unless it was moved away."""
    folder = parent / f"{job.stage.name}-{uuid.uuid4().hex[:12]}"
    folder.mkdir(parents=True)
    try:
        yield Workplace(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_here(folder: Path, tools: Mapping[str, str], started: Callable[[int], None] | None = None) -> Ended:
    """Run the stage that step.json in a folder describes in a child process; any exit code is fine.

    Its output goes to log.txt. started: called with the number of its process group.
    """
    ended = process.run(
        (sys.executable, *STEP, folder / "step.json"),
        name="stage",
        cwd=folder,
        log=folder / "log.txt",
        env=stage_environment(tools),
        check=False,
        new_session=True,
        death_signal=signal.SIGTERM,
        started=started,
    )
    return Ended(ended.exit_code, ended.seconds)


def provenance(job: Job, ended: Ended, result: Mapping[str, Any]) -> dict[str, Any]:
    """Where and when an artefact was made: stands beside it, outside every digest."""
    return {
        **result,
        "job": job.name,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(ended.seconds, 3),
        "command": ["python", *STEP, "step.json"],
    }


def failure_folder(build: Path, job: Job) -> Path:
    """Where the log and the description of a failed run are kept until the stage succeeds."""
    return build.joinpath(".failed", job.variant.project, job.variant.name, job.stage.name)


def keep_failure(place: Workplace, build: Path, job: Job, description: Description) -> Path:
    """Move the log away from a run that failed, with a description that repeats it; returns the folder."""
    folder = failure_folder(build, job)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    place.log.rename(folder / "log.txt")
    moved = replace(
        description,
        output=str(folder / "payload"),
        scratch=str(folder / "scratch"),
        result=str(folder / "result.json"),
        expected=None,
    )
    moved.write(folder / "step.json")
    return folder


def forget_failure(build: Path, job: Job) -> None:
    """The stage has succeeded: what an earlier failure left goes away."""
    shutil.rmtree(failure_folder(build, job), ignore_errors=True)


def failure_text(folder: Path, exit_code: int) -> str:
    """What to tell about a failed run: the end of its log, where the log is, how to repeat just this stage."""
    log = folder / "log.txt"
    lines = [process.tail(log, LOG_LINES) or "(the log is empty)"]
    if exit_code != FAILED:
        ending = process.describe_exit(exit_code)
        lines.append(f"the stage {ending}: a fault of inrarch or of a tool, not of the project")
    lines.append(f"log: {shown_path(log)}")
    lines.append(f"repeat just this stage: {_python()} -m inrarch step {shlex.quote(shown_path(folder / 'step.json'))}")
    return "\n".join(lines)


def _python() -> str:
    """The interpreter that runs now, as it may be typed: `.venv/bin/doit build` works without an active environment."""
    found = shutil.which("python")
    same = found is not None and Path(os.path.abspath(found)).parent == Path(sys.executable).parent
    return "python" if same else shlex.quote(shown_path(Path(sys.executable)))


def stage_environment(tools: Mapping[str, str]) -> dict[str, str]:
    """The environment of a stage: ours, less what could change its result."""
    import inrarch

    package_parent = str(Path(inrarch.__file__).resolve().parent.parent)
    given = [os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    return {
        **os.environ,
        **_FIXED_ENVIRONMENT,
        "PYTHONPATH": os.pathsep.join([package_parent, *given]),
        CONFIGURED: json.dumps(dict(tools), sort_keys=True),
    }
