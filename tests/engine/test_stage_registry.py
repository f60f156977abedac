"""Every stage of the package keeps the contract that the engine relies on."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from inrarch.engine.code import ABSENT, stage_code
from inrarch.engine.digest import DigestCache
from inrarch.engine.stage import Stage
from inrarch.resources import data_folder
from inrarch.stages import stages
from inrarch.tools import tools

REPOSITORY = Path(__file__).parents[2]
STAGES = stages()


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> DigestCache:
    return DigestCache(tmp_path_factory.mktemp("cache") / "digests.db", writable=True)


def test_the_pipeline_is_complete_and_in_order() -> None:
    first = ["expand", "optimize", "quantize", "map", "fifo", "hls", "rtl"]
    assert [stage.name for stage in STAGES] == [*first, "csim", "cosim", "pnr", "synth", "report", "verdict"]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_names_tools_and_data_that_exist(stage: Stage) -> None:
    assert {*stage.tools, *stage.optional_tools} <= set(tools())
    for folder in stage.data:
        assert data_folder(folder).is_dir()


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_stage_declares_every_data_folder_that_its_code_reads(stage: Stage, digests: DigestCache) -> None:
    read = set()
    for name in stage_code(f"inrarch.stages.{stage.name}", digests).files:
        if name.endswith(".py"):
            read |= _data_folders(REPOSITORY / name)
    assert read <= set(stage.data)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_the_version_of_every_library_that_a_stage_imports_is_known(stage: Stage, digests: DigestCache) -> None:
    assert ABSENT not in stage_code(f"inrarch.stages.{stage.name}", digests).libraries.values()


def _data_folders(path: Path) -> set[str]:
    """The X of every call `data_folder("X")`."""
    return {
        argument.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "data_folder"
        for argument in node.args
        if isinstance(argument, ast.Constant)
    }


def test_declaring_the_stages_loads_none_of_the_heavy_libraries() -> None:
    script = (
        "import sys; from inrarch.stages import stages; stages()\n"
        "heavy = {'numpy', 'onnx', 'onnx_ir', 'onnxruntime', 'jinja2', 'jsonschema', 'doit'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
