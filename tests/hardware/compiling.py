"""Compiles and runs a generated design as the csim stage does, with every warning an error."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from inrarch.hardware.design import Design
from inrarch.stages import csim


def simulate(folder: Path, design: Design, output: Path, *, include: tuple[Path, ...] = (), standard: str = "") -> Any:
    """result.json of the testbench. include: folders to search first; their warnings do not count."""
    output.mkdir(parents=True, exist_ok=True)
    strict = ["-w"] if include else ["-Werror"]
    folders = [f"-I{path}" for path in (*include, *design.include)]
    standards = [f"-std={standard}"] if standard else []
    command = ["g++", *csim.FLAGS, *standards, *strict, *folders, *design.sources, "-o", str(output / "testbench")]
    compiled = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stderr[:4000]
    subprocess.run([output / "testbench", folder / "data", output], check=False, capture_output=True)
    return json.loads((output / "result.json").read_text(encoding="utf-8"))
