"""The wheel is complete: installed without the checkout beside it, the program finds its data and builds."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import onnx
import pytest

from tests.models import siren

ROOT = Path(__file__).resolve().parents[1]

FILES_FOUND = """
from pathlib import Path
import inrarch
from inrarch.boards import board_files
from inrarch.resources import data_folder

print(Path(inrarch.__file__))
for name in ("schemas", "kernel_lib", "boards", "report/templates", "fifo/cpp", "hardware/cosim/cpp/wave"):
    print(data_folder(name))
print(data_folder("schemas").parent / "inrarch.yaml.example")
print(*board_files(()).values(), sep="\\n")
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """folder: where the wheel is installed. workspace: an empty folder that is no part of the checkout."""

    folder: Path
    workspace: Path

    def python(self, *arguments: str) -> str:
        """What a Python that finds the wheel, and not the checkout, prints; it must end well."""
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.workspace,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Builds the wheel with what is installed (no network) and installs it into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    offline = ["--no-deps", "--no-index"]
    subprocess.run([*pip, "wheel", *offline, "--no-build-isolation", "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("inrarch-*.whl")
    subprocess.run([*pip, "install", *offline, "--target", folder / "site", wheel], check=True)
    workspace = tmp_path_factory.mktemp("elsewhere")
    onnx.save(siren((2, 4, 1)), workspace / "net.onnx")
    return Installed(folder / "site", workspace)


def test_everything_that_is_read_is_in_the_wheel(installed: Installed) -> None:
    found = [Path(line) for line in installed.python("-c", FILES_FOUND).splitlines()]
    assert len(found) > 10
    assert [path for path in found if not path.is_relative_to(installed.folder) or not path.exists()] == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("schemas", "inrarch/_data/schemas"),
        ("kernel_lib", "inrarch/_data/kernel_lib"),
        ("inrarch", "inrarch"),
    ],
)
def test_the_wheel_has_every_file_of_the_checkout(ours: str, theirs: str, installed: Installed) -> None:
    files = [path for path in (ROOT / ours).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    names = [path.relative_to(ROOT / ours) for path in files]
    assert names
    assert [name for name in names if not (installed.folder / theirs / name).is_file()] == []


def test_a_project_is_made_checked_and_built_with_the_wheel(installed: Installed) -> None:
    installed.python("-m", "inrarch", "init", "demo", "--onnx", "net.onnx")
    lines = (installed.workspace / "projects/demo/project.yaml").read_text().splitlines()[:2]
    schema, example = (Path(line.rpartition("=" if "=" in line else " ")[2]) for line in lines)
    folder = installed.workspace / "projects/demo"
    assert (folder / schema).resolve() == installed.folder / "inrarch/_data/schemas/project.schema.json"
    assert (folder / example).resolve() == installed.folder / "inrarch/_data/inrarch.yaml.example"
    assert (folder / schema).is_file()
    assert (folder / example).is_file()
    assert "1 project, 1 variant: nothing wrong\n" in installed.python("-m", "inrarch", "check")
    assert "demo@default:expand  " in installed.python("-m", "inrarch", "build", "--until", "expand")
    assert (installed.workspace / "build/demo/default/expand/derivative.onnx").is_file()
