"""The benchmark of INR-Arch: all partial derivatives of a SIREN (2 -> 256 x 4 -> 3), batch 64, on a U50 at 300 MHz.

    python -m benchmarks.inr_editing [--orders 1,2,3,4] [--samples 8192] [--threads 1,2] [--seconds 3] [--json FILE]

Designs at INR-Arch's number of DSPs and at 80 % of the board, from the shipped trained network; INR-Arch's published
figures; ONNX Runtime and PyTorch on this machine's processor in the same run (--seconds 0 leaves them out). Cycles are
those of the exact simulation with the solved FIFO depths, from the first word in to the last word out.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.hardware import Compiled, Design, benchmark_variant, build, compile_order, limited
from benchmarks.published import DSP, PUBLISHED, WATTS, Published
from benchmarks.software import Timing, measure

NONE = "–"
COLUMNS = (
    "order", "", "DSP", "BRAM18", "cycles", "latency ms", "rows/s", "largest error", "cycles / floor",
    f"cycles / (MAC / {DSP:,})", f"energy-delay at {WATTS:.0f} W, ms J", "energy-delay, model, ms J",
)  # fmt: skip
LIMITS = {f"inrarch, ≤ {DSP:,} DSP": DSP, "inrarch, 80 % of the board": None}


def main() -> None:
    options = _options()
    variant = benchmark_variant()
    compiled, designs = [], []
    for order in options.orders:
        compiled.append(
            compile_order(
                variant,
                order,
                samples=options.samples,
                data_bits=options.data_bits or variant.numeric.data_bits,
                weight_bits=options.weight_bits or variant.numeric.weight_bits,
            )
        )
        designs.append(
            {
                title: build(compiled[-1], variant, limited(variant, count), options.rows)
                for title, count in LIMITS.items()
            }
        )
        print(f"order {order} is mapped", file=sys.stderr)
    timings = measure(options.orders, options.rows, options.threads, options.seconds) if options.seconds else []
    print(*table(compiled, designs, timings), "", *error_table(compiled), "", *machine(), sep="\n")
    if options.json:
        content = as_json(compiled, designs, timings)
        options.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def table(compiled: Sequence[Compiled], designs: Sequence[dict[str, Design]], timings: Sequence[Timing]) -> list[str]:
    """All systems, order by order, as Markdown."""
    lines = []
    for each, found in zip(compiled, designs, strict=True):
        error = max(each.errors.values())
        macs = next(iter(found.values())).macs
        lines += [_design_line(each.order, title, design, error) for title, design in found.items()]
        lines += [_published_line(one, macs) for one in PUBLISHED if one.order == each.order]
        rows = next(iter(found.values())).rows
        lines += [_timing_line(one, rows) for one in timings if one.order == each.order]
    return _markdown(COLUMNS, lines)


def _design_line(order: int, title: str, design: Design, error: float) -> list[str]:
    model = None if design.joules is None else design.joules * design.milliseconds
    return [
        str(order), title, f"{design.dsp:,}", f"{design.bram18:,}", f"{design.cycles:,}", f"{design.milliseconds:.4f}",
        _thousands(design.rows_per_second), f"{error:.1e}", f"{design.cycles * design.dsp / design.macs:.2f}",
        f"{design.cycles * DSP / design.macs:.2f}", _delay_at(design.milliseconds),
        NONE if model is None else f"{model:.2g}",
    ]  # fmt: skip


def _published_line(one: Published, macs: int) -> list[str]:
    cycles, total = NONE, None
    if one.cycles is not None and one.copy_cycles is not None:
        cycles, total = f"{one.cycles:,} (+{one.copy_cycles:,})", one.cycles + one.copy_cycles
    floor = NONE if total is None else f"{total * DSP / macs:.1f}"
    return [
        str(one.order), one.title, _count(one.dsp), _count(one.bram18), cycles, f"{one.milliseconds:.3f}",
        _thousands(64e3 / one.milliseconds), one.error or NONE, floor, floor, f"{one.energy_delay:.3g}", NONE,
    ]  # fmt: skip


def _timing_line(one: Timing, rows: int) -> list[str]:
    title = f"{one.title}, {one.threads} thread" + ("s" if one.threads > 1 else "")
    if one.seconds is None or one.error is None:
        return [str(one.order), title, NONE, NONE, NONE, one.failure or NONE, *[NONE] * 6]
    return [
        str(one.order), title, NONE, NONE, NONE, f"{1e3 * one.seconds:.3f}", _thousands(rows / one.seconds),
        f"{one.error:.1e}", *[NONE] * 4,
    ]  # fmt: skip


def error_table(compiled: Sequence[Compiled]) -> list[str]:
    """Largest relative error by order of the derivative, over points that calibration has not seen."""
    last = compiled[-1]
    orders = sorted(last.errors)
    line = [
        f"{last.formats.data_bits} / {last.formats.weight_bits}",
        *(f"{last.errors[order]:.1e}" for order in orders),
    ]
    head = ["data / weight bits", *map(_ordinal, orders), "points", "overflows"]
    return _markdown(head, [[*line, f"{last.samples:,}", str(last.overflows)]])


def machine() -> list[str]:
    """What the figures were measured with."""
    packages = []
    for name in ("onnxruntime", "torch"):
        try:
            packages.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            packages.append(f"{name} not installed")
    return [f"Processor: {platform.machine()}; Python {platform.python_version()}, {', '.join(packages)}."]


def as_json(
    compiled: Sequence[Compiled], designs: Sequence[dict[str, Design]], timings: Sequence[Timing]
) -> dict[str, Any]:
    """All figures of the run."""
    return {
        "designs": [
            {"order": each.order, "title": title, "errors": each.errors, "overflows": each.overflows, **asdict(design)}
            for each, found in zip(compiled, designs, strict=True)
            for title, design in found.items()
        ],
        "published": [asdict(one) for one in PUBLISHED],
        "software": [asdict(one) for one in timings],
        "machine": machine(),
    }


def _delay_at(milliseconds: float) -> str:
    """Energy-delay product in ms J at the power that INR-Arch assumes."""
    return f"{WATTS * milliseconds**2 / 1e3:.2g}"


def _ordinal(order: int) -> str:
    return "value" if order == 0 else f"order {order}"


def _count(number: int | None) -> str:
    return NONE if number is None else f"{number:,}"


def _thousands(number: float) -> str:
    if number >= 1e6:
        return f"{number / 1e6:.2f} M"
    return f"{number / 1e3:.3g} k" if number >= 1e3 else f"{number:.0f}"


def _markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    marks = [":---" if not title else "---:" for title in head]
    return [f"| {' | '.join(line)} |" for line in (head, marks, *lines)]


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=_numbers, default=[1, 2, 3, 4], help="orders, separated by commas")
    parser.add_argument("--rows", type=int, default=64, help="rows of one call")
    parser.add_argument("--samples", type=int, default=8192, help="points to calibrate with, and as many to judge")
    parser.add_argument("--data-bits", type=int, help="width of data (default: the project's)")
    parser.add_argument("--weight-bits", type=int, help="width of weights (default: the project's)")
    parser.add_argument("--threads", type=_numbers, default=[1, 2], help="threads of the processor's methods")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each method and order; 0: none of them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
