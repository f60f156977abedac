"""Sparse units beside dense ones at equally many multipliers: a table of docs/dataflow.md.

    python -m benchmarks.sparse_units [--rows 64]

2 -> 256 x 3 -> 1 with 75 % of the hidden weights zero at random, order 1, on a U50; the hidden units have pinned lanes.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from inrarch.config.model import Lanes
from inrarch.fifo.sizing import solve
from tests.dataflow.networks import FREE, mapped, process
from tests.dataflow.pruned import by_magnitude, pruned
from tests.models import siren

SIZE = 256
LANES = (
    (Lanes(4, 4), Lanes(1, 16)),
    (Lanes(8, 8), Lanes(1, 64)),
    (Lanes(16, 8), Lanes(1, 128)),
    (Lanes(16, 16), Lanes(2, 128)),
)
"""Dense and sparse: inputs, outputs; each multiplies all three coefficients."""
UNIT = "net_1"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=64)
    options = parser.parse_args()
    print("| multipliers | T dense | T sparse | | cycles dense | cycles sparse | | BRAM18 per unit | LUT per unit |")
    print("|---|---|---|---|---|---|---|---|---|")
    for dense, sparse in LANES:
        designs = [design("never", dense, options.rows), design("always", sparse, options.rows)]
        print(f"| {' | '.join(row(dense, designs))} |")


def design(mode: str, lanes: Lanes, rows: int) -> dict[str, Any]:
    """The mapped network."""
    model = pruned(siren((2, SIZE, SIZE, SIZE, 1)), by_magnitude(0.75))
    lanes = Lanes(lanes.inputs, lanes.outputs, 3) if mode == "never" else lanes
    return mapped(
        model, order=1, pinned=dict.fromkeys((UNIT, "net_2"), lanes), rows=rows, sparse=mode, constraints=FREE
    )


def row(lanes: Lanes, designs: list[dict[str, Any]]) -> list[str]:
    """A line of the table."""
    units = [process(each, UNIT) for each in designs]
    steps = [each["cycles_per_row"] for each in units]
    cycles = [simulated(each) for each in designs]
    return [
        f"{lanes.inputs * lanes.outputs} x 3",
        *(f"{step:,}" for step in steps),
        f"{steps[0] / steps[1]:.2f}",
        *(f"{count:,}" for count in cycles),
        f"{cycles[0] / cycles[1]:.2f}",
        *(" -> ".join(f"{each['resources'][kind]:,}" for each in units) for kind in ("bram18", "lut")),
    ]


def simulated(network: Mapping[str, Any]) -> int:
    """Cycles of one call with the solved depths."""
    found = solve(network).cycles
    if found is None:
        raise SystemExit("the network deadlocks")
    return found


if __name__ == "__main__":
    main()
