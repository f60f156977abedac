"""cosim: the RTL in Verilator, cycle by cycle: words of the bit-true model, cycles and FIFOs as predicted."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from inrarch.engine.stage import Needs, NotRunError, Settings, Stage, StageRun
from inrarch.machine import machine_cores, machine_memory_mb

if TYPE_CHECKING:
    from inrarch.config.model import Variant

WAVEFORM = "wave.fst"
COMPILER_MB = 1024
"""Main memory for one compiler, with room: g++ takes 325 MiB for the widest module of siren_tiny."""


def settings(variant: Variant) -> Settings:
    """How many of the test rows, how much the ports stall, and the seed for that; whether to keep a waveform."""
    chosen = variant.verification.cosim
    return {
        "rows": chosen.rows,
        "stalls": chosen.stalls,
        "waveform": chosen.waveform,
        "seed": variant.verification.seed,
    }


def run(stage: StageRun) -> str:
    """Write `report.json`; the summary says whether words and cycles are as predicted, and how fast it ran."""
    from inrarch.fifo.load import load
    from inrarch.hardware.cosim.compiling import find_toolchain
    from inrarch.hardware.cosim.models import build_program
    from inrarch.hardware.cosim.prediction import random_pace
    from inrarch.hardware.cosim.rows import load_rows
    from inrarch.hardware.cosim.verify import Subject, verify
    from inrarch.hardware.cosim.waveform import write_waveform
    from inrarch.hardware.design import load_design
    from inrarch.hardware.rtl.description import load_description
    from inrarch.json_file import check_schema, read_json

    if stage.settings["rows"] == 0:
        raise NotRunError("the project says `verification: {cosim: {rows: 0}}`")
    folder = stage.inputs["rtl"]
    design, rtl = load_design(stage.inputs["hls"] / "design.json"), load_description(folder)
    place = stage.inputs["fifo"] / "depths.json"
    depths = read_json(place, "FIFO depths")
    check_schema(depths, "depths", str(place))
    tools = find_toolchain()
    began = time.monotonic()
    program = build_program(tools, rtl.modules, folder, stage.scratch, cores=compilers())
    compile_seconds = time.monotonic() - began
    rows = load_rows(stage.inputs["hls"] / "data", design, stage.settings["rows"])
    subject = Subject(program, design, rtl, folder, load(stage.inputs["fifo"] / "network.json"), depths["depths"])
    shares = [0.0, *([stage.settings["stalls"]] if stage.settings["stalls"] else [])]
    seed = stage.settings["seed"]
    runs = [
        verify(subject, rows, random_pace(rtl, rows.invocations, share, seed), stage.scratch / f"run{k}", seed + k)
        for k, share in enumerate(shares)
    ]
    free = runs[0]
    equal = all(each.equal for each in runs)
    exact = all(each.exact for each in runs) and free.first == depths.get("cycles", free.first)
    if stage.settings["waveform"]:
        scratch = stage.scratch / "waveform"
        scratch.mkdir()
        write_waveform(tools, rtl, folder, subject.network, rows, scratch, stage.output / WAVEFORM)
    report = {
        "equal": equal,
        "exact": exact,
        "rows": rows.rows,
        "invocations": rows.invocations,
        "cycles": {"predicted": depths.get("cycles"), "measured": free.first},
        "runs": [{"stalls": share, **each.content()} for share, each in zip(shares, runs, strict=True)],
        "modules": len(rtl.modules),
        "streams": {
            each.name: {"depth": each.depth, "high_water": free.run.high_water[each.name]} for each in rtl.streams
        },
        "waveform": WAVEFORM if stage.settings["waveform"] else None,
        "tools": tools.versions,
    }
    (stage.output / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    words, simulated = sum(each.comparison.words for each in runs), sum(each.run.simulated for each in runs)
    seconds = sum(each.run.seconds for each in runs)
    return (
        f"{'equal' if equal else 'DIFFERENT'}: {words:,} words of {rows.rows} rows"
        f"{', with and without stalls' if len(runs) > 1 else ''}; {free.first:,} cycles, "
        f"{'as predicted' if exact else 'NOT as predicted'}; {len(rtl.modules)} modules compiled in "
        f"{compile_seconds:.1f} s, {simulated:,} cycles in {seconds:.1f} s"
    )


def compilers() -> int:
    """How many modules are compiled at a time: one per core, as far as memory goes."""
    return max(1, min(machine_cores(), machine_memory_mb() // COMPILER_MB))


STAGE = Stage(
    name="cosim",
    title="the RTL, cycle by cycle",
    run=run,
    settings=settings,
    after=("fifo", "hls", "rtl"),
    optional_tools=("verilator", "g++"),
    data=("fifo/cpp", "hardware/cosim/cpp", "hardware/templates", "schemas"),
    needs=Needs(memory_mb=2048),
)
