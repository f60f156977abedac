"""optimize: the same outputs from a smaller graph of operators that hardware has, checked against the graph before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant

_ROWS = 32
"""Random rows at which the graphs before and after are compared; a model with a fixed batch gets one batch."""


def settings(variant: Variant) -> Settings:
    """Where to compare; the passes themselves have no settings."""
    return {"low": list(variant.domain.low), "high": list(variant.domain.high)}


def run(step: StageRun) -> str:
    """Write `derivative.onnx` and `passes.json`. A difference in the results is an error that says where."""
    from inrarch.graph.count import count
    from inrarch.graph.equivalence import check_same_results
    from inrarch.graph.load import load_model
    from inrarch.graph.lowering.pipeline import lower
    from inrarch.graph.passes.pipeline import joined, optimize, report
    from inrarch.graph.save import save_model
    from inrarch.numeric.samples import box_samples, chunks, coordinate_count, to_feeds

    before = load_model(step.inputs["expand"] / "derivative.onnx")
    optimized, passes = optimize(before)
    after, lowerings = lower(optimized)
    low, high = step.settings["low"], step.settings["high"]
    rows = box_samples(tuple(low), tuple(high), coordinate_count(before), _ROWS, 0, corners=False)
    feeds = next(chunks(before, to_feeds(before, rows)))
    agreement = check_same_results(before, after, lambda model: lower(optimize(model)[0])[0], feeds)
    content = report(joined(passes, lowerings))
    for name, changes in content["changes"].items():
        print(f"{name:24} {changes:6} changes")
    print(
        f"largest relative difference: {agreement.rewriting:.1e} without rounding of constants, "
        f"{agreement.rounding:.1e} with it; error in ONNX Runtime {agreement.runtime_before:.1e} before, "
        f"{agreement.runtime_after:.1e} after"
    )
    save_model(after, step.output / "derivative.onnx")
    (step.output / "passes.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return f"{content['nodes_before']} -> {count(after).summary()}"


STAGE = Stage(
    name="optimize",
    title="the same outputs from a smaller graph",
    run=run,
    settings=settings,
    after=("expand",),
)
