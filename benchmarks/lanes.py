"""Rows per second against multipliers, from one lane per unit to the whole board: simulated and by the closed form.

    python -m benchmarks.lanes [--order 2] [--rows 64] [--points 10] [--svg docs/lanes.svg]

The benchmark network on a U50 at 300 MHz, mapped with one lane in each matmul unit, and for limits of the DSP count
that rise geometrically up to all of the board. Cycles are simulated with the solved FIFO depths.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.hardware import Compiled, Design, benchmark_variant, build, compile_order, limited, matmul_units
from benchmarks.svg import svg
from inrarch.config.model import Constraints, Lanes, Variant
from inrarch.report.axis import make_axis
from inrarch.report.plot import Plot, Point, draw_plot


def main() -> None:
    options = _options()
    variant = benchmark_variant()
    numeric = variant.numeric
    compiled = compile_order(
        variant,
        options.order,
        samples=options.samples,
        data_bits=numeric.data_bits,
        weight_bits=numeric.weight_bits,
    )
    designs = sweep(compiled, variant, options.rows, options.points)
    print(*table(designs), sep="\n")
    if options.svg:
        options.svg.write_text(svg(drawn(designs, options.order)), encoding="utf-8")


def sweep(compiled: Compiled, variant: Variant, rows: int, points: int) -> list[Design]:
    """One lane per matmul unit, then `points` limits of the DSP count up to all of the board; each design once."""
    board = whole_board(variant)
    one = {name: Lanes(1, 1) for name in matmul_units(compiled, variant, board)}
    designs = [build(compiled, variant, board, rows, one)]
    least, most = designs[0].dsp, variant.board.resources.dsp
    for number in range(1, points + 1):
        limit = math.floor(least * (most / least) ** (number / points))
        designs.append(build(compiled, variant, replace(board, dsp_count=limit), rows))
    return list(dict.fromkeys(designs))


def whole_board(variant: Variant) -> Constraints:
    """Everything that there is, instead of 80 %."""
    return replace(limited(variant, None), dsp=1.0, bram=1.0, lut=1.0, ff=1.0)


def table(designs: Sequence[Design]) -> list[str]:
    """The designs as Markdown; difference: of the closed form from the simulation."""
    head = ["multipliers", "DSP", "cycles", "closed form", "difference", "rows/s", "rows/s per multiplier"]
    lines = [
        [
            f"{each.lanes:,}", f"{each.dsp:,}", f"{each.cycles:,}", f"{each.predicted:,}", f"{difference(each):+.2%}",
            f"{each.rows_per_second:,.0f}", f"{each.rows_per_second / each.lanes:.0f}",
        ]
        for each in designs
    ]  # fmt: skip
    return [f"| {' | '.join(line)} |" for line in (head, ["---:"] * len(head), *lines)]


def difference(design: Design) -> float:
    """Of the closed form from the simulated cycles, relative to these."""
    return design.predicted / design.cycles - 1


def drawn(designs: Sequence[Design], order: int) -> Plot:
    """Rows per second over multipliers: simulated points on the line of the closed form."""
    closed = [(float(each.lanes), each.rows / each.predicted * each.clock_mhz * 1e6) for each in designs]
    points = [
        Point(each.lanes, each.rows_per_second, f"{each.lanes:,} multipliers: {each.cycles:,} cycles")
        for each in designs
    ]
    rates = [rate for _, rate in closed] + [each.rows_per_second for each in designs]
    return draw_plot(
        "lanes",
        f"Rows per second over multipliers, order {order}",
        "",
        ("multipliers of the matmul units", make_axis([each.lanes for each in designs], logarithmic=True)),
        ("rows per second", make_axis(rates, logarithmic=True)),
        {"simulated": points, "closed form": []},
        {"closed form": closed},
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--order", type=int, default=2, help="all partial derivatives up to this order")
    parser.add_argument("--rows", type=int, default=64, help="rows of one call")
    parser.add_argument("--points", type=int, default=10, help="limits of the DSP count")
    parser.add_argument("--samples", type=int, default=2048, help="points to calibrate with")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw a plot")
    return parser.parse_args()


if __name__ == "__main__":
    main()
