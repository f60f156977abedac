"""How the build scales: list, a build with nothing to do and a dry run of a plan with thousands of stages.

    python -m benchmarks.build_scale [--stages 10000] [--repeat 3]

Makes a workspace in a temporary folder: one project whose matrix gives stages / 9 variants, and a package of nine toy
stages in a row (three small files each, all different; as much code and data to look at as real stages have). The
artefacts are put into the store directly: 10,000 runs of a stage would take an hour. Then the commands are timed as a
user would: whole processes, wall clock, the best of the repeats.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import chdir
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
STAGES = 9

FILES = 3
"""Files per result."""

STAGE = """
from inrarch.engine.stage import Stage

def run(work):
    import inrarch.stages.hls, inrarch.stages.quantize  # never called: so much code is what a real stage reaches

STAGE = Stage(
    name="s{index}",
    title="toy stage {index}",
    run=run,
    settings=lambda variant: {{"rows": variant.dataflow.rows, "tests": variant.verification.rows}},
    after={after},
    files=lambda variant: {files},
    data=("kernel_lib",),
)
"""

DRIVER = """
import sys
from dataclasses import replace
from inrarch.engine.loader import WorkspaceLoader
from inrarch.engine.program import run_doit

class ToyLoader(WorkspaceLoader):
    def read(self):
        return replace(super().read(), package="scale_toy")

if __name__ == "__main__":
    sys.exit(run_doit(sys.argv[1:], ToyLoader()))
"""

PROJECT = """
model: model.onnx
matrix:
  axes:
    dataflow.rows: {rows}
    verification.rows: {tests}
"""


def make_workspace(root: Path, stages: int) -> int:
    """Write the workspace; returns how many stages its plan has."""
    variants = max(1, round(stages / STAGES))
    columns = max(1, int(variants**0.5))
    rows = -(-variants // columns)
    folder = root / "projects" / "net"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"a model")
    text = PROJECT.format(rows=list(range(1, rows + 1)), tests=list(range(1, columns + 1)))
    (folder / "project.yaml").write_text(text, encoding="utf-8")
    package = root / "scale_toy"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    for index in range(1, STAGES + 1):
        after = f'("s{index - 1}",)' if index > 1 else "()"
        files = "{}" if index > 1 else '{"model": variant.model}'
        text = STAGE.format(index=index, after=after, files=files)
        (package / f"s{index}.py").write_text(text, encoding="utf-8")
    (root / "driver.py").write_text(DRIVER, encoding="utf-8")
    return rows * columns * STAGES


def fill_store(root: Path) -> None:
    """Publish an artefact for every stage, as a first build would."""
    sys.path.insert(0, str(root))
    with chdir(root):
        from dataclasses import replace

        from inrarch.engine import store as store_module
        from inrarch.engine.digest import DigestCache
        from inrarch.engine.ingredients import IngredientReader
        from inrarch.engine.loader import WorkspaceLoader
        from inrarch.engine.plan import make_plan
        from inrarch.engine.store import Artefact, Store
        from inrarch.stages import stages

        store_module._sync = lambda path: None  # type: ignore[assignment]  # 40,000 waits for the disk
        source = replace(WorkspaceLoader().read(), package="scale_toy")
        plan = make_plan(source.variants, stages(source.package), source.broken)
        digests = DigestCache(source.build / ".digests.db", writable=True)
        store = Store(source.build / ".store", source.build / ".tmp", digests)
        reader = IngredientReader(source.package, source.tools, digests)
        made: dict[str, Artefact] = {}
        for job in plan.jobs.values():
            inputs = {upstream.stage.name: made[upstream.name] for upstream in job.upstream}
            prepared = source.build / ".tmp" / job.name.replace(":", "-")
            (prepared / "payload").mkdir(parents=True)
            for index in range(FILES):
                text = f"result {index} of {job.name}\n"
                (prepared / "payload" / f"result{index}.txt").write_text(text, encoding="utf-8")
            (prepared / "log.txt").write_text("", encoding="utf-8")
            provenance: dict[str, Any] = {"job": job.name, "summary": "", "finished": "", "seconds": 0.1}
            made[job.name] = store.publish(prepared, reader.read(job, inputs), provenance)
        digests.close()


def timed(root: Path, *arguments: str) -> tuple[float, str]:
    """Seconds of one command, and what it printed; it must end well."""
    search = os.pathsep.join([str(root), str(REPOSITORY)])
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "driver.py", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if ended.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return seconds, ended.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="make the workspace here and keep it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = options.folder or Path(temporary)
        if not (root / "driver.py").exists():
            root.mkdir(parents=True, exist_ok=True)
            make_workspace(root, options.stages)
            began = time.perf_counter()
            fill_store(root)
            print(f"store filled in {time.perf_counter() - began:.1f} s", file=sys.stderr)
            timed(root, "build")  # makes the links
        listed = timed(root, "list", "--all")[1].splitlines()
        count = sum(1 for line in listed if ":" in line.split()[0])
        print(f"{count} stages\n")
        print("| command | seconds | microseconds per stage |\n|---|---:|---:|")
        for arguments, expected in (
            (("list",), "net"),
            (("list", "--all"), "net@"),
            (("build",), "up to date"),
            (("build", "--dry-run"), f"{count} up to date"),
        ):
            runs = [timed(root, *arguments) for _ in range(options.repeat)]
            if expected not in runs[0][1] or " ran" in runs[0][1]:
                raise SystemExit(f"{' '.join(arguments)} did not do what it should:\n{runs[0][1][-2000:]}")
            seconds = min(seconds for seconds, _ in runs)
            print(f"| `doit {' '.join(arguments)}` | {seconds:.2f} | {1e6 * seconds / count:.0f} |", flush=True)


if __name__ == "__main__":
    main()
