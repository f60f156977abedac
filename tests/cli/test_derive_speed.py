"""The compiler is quick enough to be called without a thought."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import onnx

from tests.models import siren

HEAVY = ("onnxruntime", "torch", "jax", "scipy", "yaml", "matplotlib", "doit", "inrarch.numeric", "inrarch.hardware")
"""What deriving does not need."""

DERIVE = """
import sys
from inrarch.cli.main import main
code = main(["derive", sys.argv[1], "--order", "4", "-o", sys.argv[2]])
print(code, *sorted(name for name in sys.argv[3:] if name in sys.modules))
"""


def test_order_4_of_the_benchmark_takes_less_than_two_seconds_of_the_processor(tmp_path: Path) -> None:
    """With the start of the process and all imports; what it imports must not contain what other commands need."""
    onnx.save(siren(), tmp_path / "siren.onnx")
    before = os.times()
    run = subprocess.run(
        [sys.executable, "-c", DERIVE, tmp_path / "siren.onnx", tmp_path / "d.onnx", *HEAVY],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    after = os.times()
    assert run.stdout.splitlines()[-1] == "0"
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    assert seconds < 2
