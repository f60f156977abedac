"""The benchmark of the build's scale works, on a small plan."""

from __future__ import annotations

import subprocess
import sys

from tests.engine.toy import REPOSITORY


def test_the_benchmark_prints_a_table() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.build_scale", "--stages", "40", "--repeat", "1"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    head, _, *table = ended.stdout.splitlines()
    assert head == "36 stages"
    assert [row.split("|")[1].strip() for row in table[2:]] == [
        "`doit list`",
        "`doit list --all`",
        "`doit build`",
        "`doit build --dry-run`",
    ]
