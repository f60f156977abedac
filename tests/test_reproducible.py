"""Equal sources give equal bytes: in another folder, with other hash seeds, with other numbers of jobs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from inrarch.stages import stages
from tests.workspace import ROOT, TestWorkspace, make_workspace

CONFIG = """\
domain: {low: -1, high: 1}
derivatives: {order: 1}
numeric: {calibration_samples: 256}
dataflow: {rows: 8}
verification: {rows: 16, cosim: {rows: 0}}
implementation: {synthesis: false, place_and_route: false}
report: {image: [4, 4]}
matrix: {axes: {board: [kv260, zcu102]}}
"""

STAGES = [stage.name for stage in stages()]
SEEDS = ("1", "4242")

# The build gives its stages a hash seed of its own; here they get the one of the test.
BUILD = """
import os, sys
from inrarch.engine import child
child._FIXED_ENVIRONMENT["PYTHONHASHSEED"] = os.environ["PYTHONHASHSEED"]
from inrarch.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def build_twice(folder: Path) -> list[TestWorkspace]:
    """Two workspaces of equal sources, built at the same time in different ways."""
    workspaces = [
        make_workspace(folder / "a", CONFIG),
        make_workspace(folder / "another" / "with a longer name", CONFIG),
    ]
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD, "build", "-n", jobs],
            cwd=workspace.root,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for workspace, jobs, seed in zip(workspaces, ("1", "3"), SEEDS, strict=True)
    ]
    for process in started:
        output = process.communicate(timeout=300)[0]
        assert process.returncode == 0, output
    return workspaces


def links(workspace: TestWorkspace) -> list[Path]:
    return sorted(link for link in workspace.build.glob("net/*/*") if link.is_symlink())


def contents(workspace: TestWorkspace) -> dict[str, bytes]:
    """Every file of every result, by its place in the build directory."""
    return {
        path.relative_to(workspace.build).as_posix(): path.read_bytes()
        for link in links(workspace)
        for path in sorted(link.rglob("*"))
        if path.is_file()
    }


# One test: the two builds are the costly part.
def test_equal_sources_give_equal_bytes_and_manifests(tmp_path: Path) -> None:
    builds = build_twice(tmp_path)
    first, second = (contents(workspace) for workspace in builds)
    assert [link.name for link in links(builds[0])] == sorted(STAGES) * 2
    assert {name.split("/")[2] for name in first} >= {"expand", "quantize", "hls", "csim", "report"}
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    for workspace in builds:
        named = [name for name, content in contents(workspace).items() if str(workspace.root).encode() in content]
        assert named == [], "a file names the folder it was made in"
    stores = [sorted(path.name for path in (workspace.build / ".store").iterdir()) for workspace in builds]
    assert stores[0] == stores[1]
    for variant in ("kv260", "zcu102"):
        ours, theirs = (json.loads((each.build / "net" / variant / "manifest.json").read_text()) for each in builds)
        assert ours["content"] == theirs["content"]
        assert ours["digest"] == theirs["digest"]
    ran = builds[1].inrarch("verify-manifest")
    assert ran.code == 0, ran.text
    assert ran.text.count("all as recorded") == 2


def test_the_hash_seeds_of_this_test_order_sets_differently() -> None:
    script = "print(list({'derivative', 'optimize', 'quantize', 'network', 'depths'}))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in SEEDS
    }
    assert len(printed) == 2
