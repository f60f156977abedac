"""How far the resource model is from a synthesis tool, for whole designs, kernel by kernel.

    python -m benchmarks.calibrate_designs WORK [--design NAME] [--save | --saved]

Builds projects of `projects/` to RTL for a board and a budget of multipliers in the folder WORK, synthesises them by
Yosys as the stage `synth` does, and compares every process with what `map` counted. What is in WORK is not made again
while its inputs are the same; netlists are kept by their sources. Prints the tables of docs/resources.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.copies import copy_project
from inrarch.boards import load_board
from inrarch.dataflow.cost import Cost, total
from inrarch.dataflow.resources import fifo_cost
from inrarch.dataflow.target import target_of
from inrarch.hardware.rtl.description import load_description
from inrarch.hardware.synthesis.usage import usage
from inrarch.hardware.synthesis.yosys import synthesise
from inrarch.json_file import read_json

ROOT = Path(__file__).resolve().parents[1]
MEASURED = Path(__file__).parent / "calibration" / "designs.json"
"""What was found when it was last saved: `--save` writes it."""
KINDS = ("lut", "ff", "dsp", "bram18")
STREAMS = "streams"
"""The FIFOs of a design, beside its kernels."""


@dataclass(frozen=True, slots=True)
class Design:
    """A project of `projects/` on a board, with so many multipliers at most."""

    project: str
    board: str
    dsp: int

    @property
    def name(self) -> str:
        """One word."""
        return f"{self.project}_{self.board}_{self.dsp}"


DESIGNS = (
    Design("siren_tiny", "pynq_z2", 64),
    Design("siren_ulx3s", "ulx3s_85f", 32),
    Design("pinn_tanh", "kv260", 64),
)


@dataclass(frozen=True, slots=True)
class Part:
    """The processes of one kernel in a design, or its streams: what the tool and what the model says."""

    count: int
    tool: Cost
    model: Cost


def build(design: Design, work: Path) -> Path:
    """The variant's folder with `fifo` and `rtl`, in a workspace of its own below `work`."""
    workspace = work / design.name
    place = Path("projects") / design.project
    copy_project(ROOT / place, workspace / place, {"board": design.board, "constraints": {"dsp_count": design.dsp}})
    command = [sys.executable, "-m", "inrarch", "build", design.project, "--until", "rtl", "--plain"]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{design.name}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return workspace / "build" / design.project / "default"


def compare(design: Design, work: Path) -> dict[str, Part]:
    """Tool and model by kernel."""
    folder = build(design, work)
    board = load_board(design.board)
    command = board.family.fabric.yosys
    assert command is not None
    description = load_description(folder / "rtl")
    network = read_json(folder / "fifo" / "network.json", "a process network")
    netlist = _netlist(folder / "rtl", work, command)
    found = usage(description, netlist, network, target_of(board))
    kernels = {process["name"]: process["kernel"] for process in network["processes"]}
    grouped: dict[str, list[tuple[Cost, Cost]]] = {}
    for name, each in found["processes"].items():
        tool = Cost(**each["synthesised"]) + Cost(**each["memories"])
        grouped.setdefault(kernels[name], []).append((tool, Cost(**each["model"])))
    parts = {
        kernel: Part(len(pairs), total(tool for tool, _ in pairs), total(model for _, model in pairs))
        for kernel, pairs in sorted(grouped.items())
    }
    target = target_of(board)
    model = total(fifo_cost(stream.bits, target, stream.depth) for stream in description.streams)
    streams = total(Cost(**each) for each in found["streams"].values())
    return parts | {STREAMS: Part(len(description.streams), streams, model)}


def _netlist(rtl: Path, work: Path, command: str) -> Mapping[str, Mapping[str, object]]:
    """The modules of Yosys' netlist, kept in `work` by the sources."""
    design = load_description(rtl)
    digest = sha256(command.encode())
    for path in sorted([*rtl.glob("kernels/*"), *rtl.glob("src/**/*.sv")]):
        digest.update(path.read_bytes())
    kept = work / "netlists" / f"{digest.hexdigest()[:20]}.json"
    if not kept.exists():
        scratch = work / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        netlist = synthesise(design, rtl, scratch, command).netlist
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(netlist), encoding="utf-8")
    content: dict[str, dict[str, object]] = json.loads(kept.read_text(encoding="utf-8"))
    return content


def error(part: Part, kind: str) -> float | None:
    """(model - tool) / tool; None where the tool has none."""
    tool = part.tool.of(kind)
    return part.model.of(kind) / tool - 1 if tool else None


def whole(parts: Iterable[Part]) -> Part:
    """All of a design."""
    listed = list(parts)
    return Part(
        sum(part.count for part in listed),
        total(part.tool for part in listed),
        total(part.model for part in listed),
    )


def table(parts: Mapping[str, Part]) -> str:
    """Markdown: tool / model of each kernel of a design."""
    lines = ["| | LUT | FF | DSP | BRAM18 |", "|---|---|---|---|---|"]
    for name, part in [*parts.items(), ("**all**", whole(parts.values()))]:
        label = name if name.startswith("*") else f"{part.count} {name}"
        lines.append(f"| {label} | {' | '.join(_cell(part, kind) for kind in KINDS)} |")
    return "\n".join(lines)


def summary(found: Mapping[str, Mapping[str, Part]]) -> str:
    """Markdown: the errors of whole designs, LUT and FF."""
    lines = ["| design | LUT | FF | DSP | BRAM18 |", "|---|---|---|---|---|"]
    for name, parts in found.items():
        of = whole(parts.values())
        lines.append(f"| {name} | {' | '.join(_cell(of, kind) for kind in KINDS)} |")
    return "\n".join(lines)


def _cell(part: Part, kind: str) -> str:
    tool, model = part.tool.of(kind), part.model.of(kind)
    if tool == model:
        return f"{tool:,}"
    found = error(part, kind)
    shown = f" ({found:+.0%})" if found is not None and kind in ("lut", "ff") else ""
    return f"{tool:,} / {model:,}{shown}"


def saved() -> dict[str, dict[str, Part]]:
    """What was found when it was last saved, by design."""
    content = json.loads(MEASURED.read_text(encoding="utf-8"))
    return {
        design: {name: Part(part["count"], Cost(**part["tool"]), Cost(**part["model"])) for name, part in parts.items()}
        for design, parts in content.items()
    }


def save(found: Mapping[str, Mapping[str, Part]]) -> None:
    """Keep it in benchmarks/calibration."""
    plain = {design: {name: asdict(part) for name, part in parts.items()} for design, parts in found.items()}
    text = json.dumps(plain, separators=(",", ":")).replace("}},", "}},\n")
    MEASURED.write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="folder for builds and netlists")
    parser.add_argument("--design", action="append", help="only this one; may be repeated")
    parser.add_argument("--save", action="store_true", help="keep what is found in benchmarks/calibration")
    parser.add_argument("--saved", action="store_true", help="run no tool: print what was kept")
    options = parser.parse_args(arguments)
    if options.saved:
        found = saved()
    else:
        chosen = [each for each in DESIGNS if not options.design or each.name in options.design]
        found = {each.name: compare(each, options.work.resolve()) for each in chosen}
    if options.save:
        save(saved() | found)
    print(summary(found))
    for name, parts in found.items():
        print(f"\n### {name}\n\n{table(parts)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
