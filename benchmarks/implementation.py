"""Resources, cycles and clocks of the example projects in RTL: a table of docs/rtl.md, made from the stages' reports.

    python -m benchmarks.implementation [--work FOLDER] [--route] [--write] [DESIGN ...]

DESIGN is `project`, `project@variant`, either with `/BOARD@MHZ` for another board and clock, and with `:N`: at most N
multiplier blocks, so that synthesis takes minutes (most projects fill their board and leave synthesis out). Each is
built in a workspace of its own up to the report. The workspace is kept where `--work` names one, so that the next run
builds only what has changed. `--route` places and routes where the board has open tools for it. `--write` puts the
table between its marks in docs/rtl.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.copies import copy_project

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rtl.md"
BEGIN, END = "<!-- benchmarks.implementation -->", "<!-- end of benchmarks.implementation -->"
BENCHMARK = "siren_image@order1:3199"
"""As many multiplier blocks as INR-Arch has for the same network and order; its processes are listed one by one."""
DESIGNS = (
    "siren_ulx3s",
    "siren_tiny:128",
    "multiplicative:128",
    "pinn_tanh:256",
    "sdf_skip:256",
    "siren_gradient:128",
    "siren_pruned:256",
    BENCHMARK,
)
INR_ARCH = ("INR-Arch", "502k", "388k", "3,199", "347", "")
"""Its csynth report, arXiv 2308.05930."""
STAGES = ("cosim", "synth", "pnr")
KINDS = ("lut", "ff", "dsp", "bram18")
HEAD = (
    "design", "board", "DSP allowed", "multipliers", *(f"{kind.upper()} / model" for kind in KINDS),
    "cycles / predicted", "clock, MHz",
    "seconds: " + ", ".join(STAGES),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Design:
    """A variant of a project of this repository. dsp: limit of multiplier blocks; board, mhz: where it is built; None:
    as the project says.
    """

    project: str
    variant: str
    dsp: int | None
    board: str | None = None
    mhz: float | None = None

    @property
    def copy(self) -> str:
        """The name of the project in the workspace."""
        return "_".join(str(part) for part in (self.project, self.board, self.dsp) if part is not None)


def design(text: str) -> Design:
    """What an argument names.

    >>> design("siren_image@order1:512")
    Design(project='siren_image', variant='order1', dsp=512, board=None, mhz=None)
    >>> design("sdf_skip/ulx3s_85f@80:64")
    Design(project='sdf_skip', variant='default', dsp=64, board='ulx3s_85f', mhz=80.0)
    """
    name, _, limit = text.partition(":")
    name, _, place = name.partition("/")
    project, _, variant = name.partition("@")
    board, _, mhz = place.partition("@")
    limits = int(limit) if limit else None
    return Design(project, variant or "default", limits, board or None, float(mhz) if mhz else None)


def prepare(designs: Sequence[Design], work: Path, projects: Path, *, route: bool) -> None:
    """Copies of the projects in a workspace, with synthesis, and with the limits of multiplier blocks."""
    for each in designs:
        asked = {
            "board": each.board,
            "clock_mhz": each.mhz,
            "constraints": None if each.dsp is None else {"dsp_count": each.dsp},
        }
        changes = {key: value for key, value in asked.items() if value is not None}
        changes["implementation"] = {"synthesis": True, "place_and_route": route}
        copy_project(projects / each.project, work / "projects" / each.copy, changes)


def build(designs: Sequence[Design], work: Path) -> None:
    """Build all of them, one stage at a time: its seconds are those of a machine with nothing else to do."""
    names = [f"{each.copy}@{each.variant}" for each in designs]
    command = [sys.executable, "-m", "inrarch", "build", "--plain", "-n", "1", *names]
    paths = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    # Progress goes to stderr. A variant that is not verified is no error here: the table says so.
    subprocess.run(command, cwd=work, env={**os.environ, "PYTHONPATH": paths}, check=False, stdout=2)


def row(each: Design, work: Path) -> list[str]:
    """A line of the table."""
    folder = work / "build" / each.copy / each.variant
    network, summary = _read(folder / "fifo/network.json"), _read(folder / "report/report.json")
    if not summary:
        raise SystemExit(f"{each.copy}@{each.variant} was not built up to its report")
    reports = {stage: _read(folder / stage / "report.json") for stage in STAGES}
    cosim, synth, pnr = reports.values()
    model = network["model"]
    total = synth.get("total", dict.fromkeys(KINDS))
    cycles = cosim.get("cycles", {})
    seconds = durations(work, f"{each.copy}@{each.variant}")
    variant = "" if each.variant == "default" else f"@{each.variant}"
    return [
        f"{each.project}{variant}" + ("" if summary["verdict"]["passed"] else ", not verified"),
        summary["board"],
        _count(each.dsp),
        _count(model["multipliers"]),
        *_beside(total, model),
        f"{_count(cycles.get('measured'))} / {_count(cycles.get('predicted'))}",
        clock(synth, pnr),
        ", ".join(f"{seconds[stage]:.0f}" if reports[stage] and stage in seconds else "–" for stage in STAGES),
    ]


def processes(each: Design, work: Path) -> list[list[str]]:
    """Lines of a table: what each process of a design takes, tool / model, and its longest path."""
    synth = _read(work / "build" / each.copy / each.variant / "synth/report.json")
    if not synth:
        raise SystemExit(f"{each.copy}@{each.variant} was not synthesised")
    rows = []
    for name, unit in synth["processes"].items():
        taken = {kind: unit["synthesised"][kind] + unit["memories"][kind] for kind in KINDS}
        rows.append([name, *_beside(taken, unit["model"]), f"{unit['path']['ns']:.2f}"])
    streams = {kind: sum(stream[kind] for stream in synth["streams"].values()) for kind in KINDS}
    total = [*_beside(synth["total"], synth["model"]), f"{synth['longest_path']['ns']:.2f}"]
    return [*rows, ["FIFOs", *(f"{streams[kind]:,}" for kind in KINDS), ""], ["all", *total], list(INR_ARCH)]


def _beside(taken: Mapping[str, int | None], model: Mapping[str, int | None]) -> list[str]:
    return [f"{_count(taken[kind])} / {_count(model[kind])}" for kind in KINDS]


def clock(synth: Mapping[str, Any], pnr: Mapping[str, Any]) -> str:
    """Of the routed design, else by the estimate of synthesis, where it makes one."""
    if "clocks" in pnr:
        return f"{min(each['achieved_mhz'] for each in pnr['clocks'].values()):.0f} routed"
    ns = synth.get("longest_path", {}).get("ns")
    return f"{1000 / ns:.0f} estimated" if ns else "–"


def durations(work: Path, name: str) -> dict[str, float]:
    """Seconds of the last run of each stage of a variant, from the records of the builds."""
    found = {}
    for path in sorted((work / "build" / ".runs").glob("*.json")):
        for variant in _read(path)["variants"]:
            if variant["name"] == name:
                ran = [stage for stage in variant["stages"] if stage["outcome"] == "ran"]
                found.update({stage["stage"]: stage["seconds"] for stage in ran})
    return found


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of markdown."""
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def replaced(text: str, lines: Sequence[str]) -> str:
    """`text` with these lines between its marks, which must be there once."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after:
        raise SystemExit(f"the text has no place for the table: a line {BEGIN} and a line {END}")
    return "\n".join([f"{before}{BEGIN}", "", *lines, "", f"{END}{after}"])


def _read(path: Path) -> dict[str, Any]:
    """A report; empty where the stage did not run."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return content


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("designs", nargs="*", default=DESIGNS, metavar="DESIGN")
    parser.add_argument("--projects", type=Path, default=ROOT / "projects", help="folder of the projects")
    parser.add_argument("--work", type=Path, help="folder of the workspace, kept")
    parser.add_argument("--route", action="store_true", help="place and route, where that is possible")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    parser.add_argument("--page", type=Path, default=PAGE, help="the file to write to")
    options = parser.parse_args(arguments)
    designs = [design(text) for text in options.designs]
    with tempfile.TemporaryDirectory() as scratch:
        work = options.work or Path(scratch)
        prepare(designs, work, options.projects, route=options.route)
        build(designs, work)
        lines = table(HEAD, [row(each, work) for each in designs])
        if BENCHMARK in options.designs:
            head = ("process", *(f"{kind.upper()} / model" for kind in KINDS), "longest path, ns")
            lines += ["", f"`{BENCHMARK}`, process by process:", "", *table(head, processes(design(BENCHMARK), work))]
    print(*lines, sep="\n")
    if options.write:
        options.page.write_text(replaced(options.page.read_text(encoding="utf-8"), lines), encoding="utf-8")


if __name__ == "__main__":
    main()
