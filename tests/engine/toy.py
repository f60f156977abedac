"""A workspace with a small pipeline of its own: three stages (toy package), driven through the real doit program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

STAGE = """
import os, time
from pathlib import Path
from inrarch.engine.stage import Stage, StageRun
from inrarch.errors import UserError
{imports}

def run(work: StageRun) -> str:
    with open(os.environ["TOY_RUNS"], "a") as stream:
        stream.write(f"{name} {{work.settings}}\\n")
    print("the {name} stage says hello")
    text = "".join(sorted((path / "out.txt").read_text() for path in work.inputs.values()))
    text += "".join(path.read_text() for path in work.files.values())
    delay = Path(os.environ["TOY_RUNS"]).with_name("delay-{name}")
    (work.output / "half.txt").write_text("half")
    if delay.exists():
        time.sleep(float(delay.read_text()))
    if "{name}" == work.settings.get("fail"):
        raise UserError("the number is odd", place="model: node 'x'", expected="an even one", hint="use 2")
    if "{name}" == work.settings.get("crash"):
        raise RuntimeError("a bug")
    {body}
    (work.output / "out.txt").write_text(text[-20:])
    return f"{{len(text)}} characters"

STAGE = Stage(
    name="{name}", title="the {name} stage", run=run, after={after},
    settings=lambda variant: {{key: variant.settings[key] for key in {keys} if key in variant.settings}},
    files=lambda variant: {files},
)
"""

DRIVER = """
import json, sys
from dataclasses import dataclass, field
from pathlib import Path
from inrarch.engine.loader import Source, WorkspaceLoader
from inrarch.engine.program import run_doit
from inrarch.errors import UserError

@dataclass(frozen=True)
class ToyVariant:
    project: str
    name: str
    folder: Path
    settings: dict = field(hash=False)

class ToyLoader(WorkspaceLoader):
    def read(self):
        root = Path.cwd()
        variants = json.loads((root / "variants.json").read_text())
        broken = {p: UserError(f"{p} is wrong") for p, n, s in variants if s == "broken"}
        variants = [entry for entry in variants if entry[0] not in broken]
        variants = tuple(ToyVariant(p, n, root, s) for p, n, s in variants)
        store = Path((root / "store").read_text()) if (root / "store").exists() else None
        return Source(root / "build", "toy", variants, {}, 1, {}, broken, store=store)

if __name__ == "__main__":
    sys.exit(run_doit(sys.argv[1:], ToyLoader()))
"""


@dataclass(frozen=True)
class Toy:
    """The workspace: its folder, and how to run its builds."""

    root: Path

    def write_stage(
        self, name: str, after: tuple[str, ...] = (), keys: tuple[str, ...] = (), files: str = "{}", **more: str
    ) -> None:
        more = {"imports": "", "body": "pass", **more}
        text = STAGE.format(name=name, after=after, keys=(*keys, "fail", "crash"), files=files, **more)
        (self.root / "toy" / f"{name}.py").write_text(text)

    def write_variants(self, *variants: tuple[str, str, dict[str, object] | str]) -> None:
        (self.root / "variants.json").write_text(json.dumps(variants))

    @property
    def environment(self) -> dict[str, str]:
        search = f"{self.root}{os.pathsep}{REPOSITORY}"
        return {**os.environ, "PYTHONPATH": search, "TOY_RUNS": str(self.root / "runs.txt")}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "driver.py", *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def doit(self, *arguments: str, code: int | None = 0) -> str:
        """Run a command to its end; returns what it printed. code: the exit code expected."""
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=60)
        assert code is None or process.returncode == code, output
        return output

    def runs(self) -> list[str]:
        """The stages that ran since the last call, by name."""
        path = self.root / "runs.txt"
        names = [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []
        path.unlink(missing_ok=True)
        return names

    def delay(self, stage: str, seconds: float | None) -> None:
        path = self.root / f"delay-{stage}"
        path.unlink(missing_ok=True)
        if seconds is not None:
            path.write_text(str(seconds))

    def wait_for_run(self, stage: str, timeout_s: float = 20) -> None:
        """Wait until a stage has begun."""
        deadline = time.monotonic() + timeout_s
        path = self.root / "runs.txt"
        while not (path.exists() and stage in path.read_text()):
            assert time.monotonic() < deadline, f"{stage} did not begin"
            time.sleep(0.01)

    def share(self, store: Path) -> None:
        """Configure a shared store."""
        (self.root / "store").write_text(str(store))

    def payload(self, stage: str, variant: str = "p/v") -> Path:
        return self.root / "build" / variant / stage


def end(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Signal a build and wait for its end; returns what it printed."""
    process.send_signal(number)
    return process.communicate(timeout=20)[0]


def make_toy(folder: Path) -> Toy:
    """first -> second -> third (which also reads first); first reads input.txt, second `scale`, third `board`."""
    workspace = Toy(folder)
    (folder / "toy").mkdir()
    (folder / "toy" / "__init__.py").write_text("")
    (folder / "driver.py").write_text(DRIVER)
    (folder / "input.txt").write_text("one")
    workspace.write_stage("first", files='{"model": variant.folder / "input.txt"}')
    workspace.write_stage("second", ("first",), ("scale",))
    workspace.write_stage("third", ("first", "second"), ("board",))
    workspace.write_variants(("p", "v", {"scale": 1, "board": "u50"}))
    return workspace
