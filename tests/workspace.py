"""A workspace of its own for tests that drive the real command line and the real stages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx

from tests.models import siren

ROOT = Path(__file__).resolve().parent.parent

PROJECT = """\
domain: {low: -1, high: 1}
derivatives: {order: 1}
numeric: {calibration_samples: 512}
board: kv260
dataflow: {rows: 16}
verification: {rows: 64, cosim: {rows: 0}}
implementation: {synthesis: false, place_and_route: false}
report: {image: [8, 8]}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command line did."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class TestWorkspace:
    """A folder with `projects/net/`."""

    __test__ = False
    root: Path

    @property
    def project(self) -> Path:
        return self.root / "projects" / "net"

    @property
    def build(self) -> Path:
        return self.root / "build"

    def save(self, model: onnx.ModelProto | bytes) -> None:
        """Write projects/net/model.onnx."""
        data = model if isinstance(model, bytes) else model.SerializeToString()
        (self.project / "model.onnx").write_bytes(data)

    def configure(self, text: str) -> None:
        """Write projects/net/project.yaml."""
        (self.project / "project.yaml").write_text(text, encoding="utf-8")

    def inrarch(self, *arguments: str, path: str | None = None, search: Sequence[Path] = ()) -> Ran:
        """Run `inrarch …` here; PATH is replaced when `path` is given. search: more folders of Python modules."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *search)))}
        if path is not None:
            environment["PATH"] = path
        done = subprocess.run(
            [sys.executable, "-m", "inrarch", *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr)

    def ran(self, output: str) -> list[str]:
        """The stages that a build's output says it ran, as `variant:stage`."""
        lines = [line.split()[0] for line in output.splitlines() if line.startswith("net@") and " s (" in line]
        return [name.removeprefix("net@") for name in lines if ":" in name.removesuffix(":")]


def make_workspace(root: Path, config: str = PROJECT) -> TestWorkspace:
    """A workspace whose only project is a SIREN 2 -> 8 -> 8 -> 1 with random weights."""
    workspace = TestWorkspace(root)
    workspace.project.mkdir(parents=True)
    workspace.save(siren((2, 8, 8, 1), w0=5.0))
    workspace.configure(config)
    return workspace
