"""csim: compile the generated C++ with g++, run every test row, compare with the bit-true model and with float64."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inrarch.engine.stage import Needs, Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant
    from inrarch.hardware.design import Design

FLAGS = ("-std=c++17", "-O2", "-Wall", "-Wextra", "-Wno-unknown-pragmas")
"""g++ knows no `#pragma HLS`; every other warning of these sets is wanted."""
_DEADLOCK = 3


def settings(variant: Variant) -> Settings:
    """Nothing: hls has the test rows, and the report judges the errors by the tolerance."""
    return {}


def run(stage: StageRun) -> str:
    """Write `report.json`; the summary says whether every word is equal, and has the worst error and the times."""
    from inrarch.hardware.accuracy import output_errors
    from inrarch.hardware.design import load_design
    from inrarch.hardware.vectors import load_vectors, read_answers
    from inrarch.tools import gxx

    source = stage.inputs["hls"]
    design = load_design(source / "design.json")
    compile_seconds = _compile(source, design, stage.scratch / "testbench")
    found, run_seconds = _simulate(source, design, stage.scratch)
    vectors = load_vectors(source / "data")
    words = read_answers(design, stage.scratch, "outputs")
    errors = output_errors(stage.inputs["expand"] / "derivative.onnx", design, vectors, words)
    expected = read_answers(design, source / "data", "expected")
    names = {stream.identifier: stream.name for stream in design.streams}
    equal = found["mismatches"] + found["last_errors"] + found["left_over"] == 0
    report = {
        "equal": equal,
        "rows": found["rows"],
        "mismatches": found["mismatches"],
        "first_mismatches": [_named(design, mismatch) for mismatch in found["first_mismatches"]],
        "last_errors": found["last_errors"],
        "left_over": found["left_over"],
        "saturations": vectors.saturations,
        "kinks": len(vectors.kinks),
        "tools": {"g++": gxx.TOOL.version(gxx.TOOL.find())},
        "outputs": {
            output.tensor: {
                "max_abs": errors[output.tensor].max_abs,
                "max_rel": errors[output.tensor].max_rel,
                "rel_l2": errors[output.tensor].rel_l2,
                "lsb_errors": int((words.of(output) != expected.of(output))[:, design.words_of(output)].sum()),
            }
            for output in design.outputs
        },
        "streams": {
            names[each["name"]]: {key: each[key] for key in ("depth", "high_water", "writes")}
            for each in sorted(found["streams"], key=lambda each: list(names).index(each["name"]))
        },
    }
    (stage.output / "report.json").write_text(json.dumps(report, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    for mismatch in report["first_mismatches"]:
        print(f"mismatch: {mismatch}")
    worst = max(errors, key=lambda name: errors[name].max_rel)
    return (
        f"{'equal' if equal else 'DIFFERENT'}: {found['rows']} rows, {found['mismatches'] or 'no'} words differ from "
        f"the bit-true model, largest relative error {errors[worst].max_rel:.2g} ({worst}"
        + (f"; derivatives without {len(vectors.kinks)} rows at a kink" if len(vectors.kinks) else "")
        + "); "
        f"compiled in {compile_seconds:.1f} s, run in {run_seconds:.1f} s"
    )


def _compile(source: Path, design: Design, target: Path) -> float:
    """Compile and return the seconds. Relative paths, so that messages and `__FILE__` do not depend on the folder."""
    from inrarch.tools import gxx, process

    folders = [f"-I{folder}" for folder in design.include]
    command: list[str | Path] = [gxx.TOOL.find(), *FLAGS, *folders, *design.sources, "-o", target]
    done = process.run(command, name="g++", cwd=source)
    print(done.output, end="")
    return done.seconds


def _simulate(source: Path, design: Design, scratch: Path) -> tuple[dict[str, Any], float]:
    """Run the testbench; its result.json and the seconds. UserError for a deadlock or a broken testbench."""
    from inrarch.errors import UserError
    from inrarch.hardware.waiting import DEADLOCK_HINT
    from inrarch.tools import process

    done = process.run((scratch / "testbench", source / "data", scratch), name="testbench", check=False)
    print(done.output, end="")
    if done.exit_code not in (0, 1, _DEADLOCK):
        raise UserError(
            f"the testbench {process.describe_exit(done.exit_code)}",
            excerpt=process.last_lines(done.output, 10) or None,
            exit_code=2,
        )
    found: dict[str, Any] = json.loads((scratch / "result.json").read_text(encoding="utf-8"))
    if done.exit_code == _DEADLOCK:
        raise UserError(
            "the C simulation deadlocks: every process that is left waits for another",
            excerpt="\n".join(_waiting(design, each) for each in found["deadlock"]),
            hint=DEADLOCK_HINT,
            exit_code=1,
        )
    return found, done.seconds


def _waiting(design: Design, blocked: dict[str, Any]) -> str:
    """One blocked process in the names of the network."""
    from inrarch.hardware.waiting import waiting_text

    processes = {process.identifier: process.name for process in design.processes}
    streams = {stream.identifier: stream.name for stream in design.streams}
    process, stream = processes[blocked["process"]], streams.get(blocked["stream"], blocked["stream"])
    return waiting_text(process, stream, blocked["access"] == "read", blocked["fill"], blocked["depth"] or None)


def _named(design: Design, mismatch: dict[str, int]) -> dict[str, Any]:
    """A mismatch with the output and the feature instead of the number of the word; row: the invocation, of a sum.

    Words of sums are numbered after those of a row.
    """
    once = mismatch["word"] >= design.output_words
    output, feature = design.place_of(mismatch["word"] - design.output_words * once, once=once)
    return {
        "row": mismatch["row"],
        "output": output.tensor,
        "feature": feature,
        "found": mismatch["found"],
        "expected": mismatch["expected"],
    }


STAGE = Stage(
    name="csim",
    title="run the C++ on every test row",
    run=run,
    settings=settings,
    after=("hls", "expand"),
    tools=("g++",),
    data=("schemas",),
    needs=Needs(memory_mb=1024),
)
