"""fifo: depths of all streams that cost no more cycles than allowed and cannot deadlock, from the network alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from inrarch.boards.fabric import fabric_of
from inrarch.boards.settings import fabric_settings
from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant

MOST_WORDS = 500_000_000
"""Which streams bind is simulated up to so many words: those of the network, once per stream that is deep."""


def settings(variant: Variant) -> Settings:
    """What is minimised, the cycles that may be lost for it, and the seconds to search; for LUTs, the fabric."""
    fabric = fabric_settings(variant.board.family.fabric) if variant.fifo.objective == "luts" else None
    return {**asdict(variant.fifo), "fabric": fabric}


def run(stage: StageRun) -> str:
    """Write `depths.json`; the summary has cycles and memory."""
    from dataclasses import replace

    from inrarch.fifo.binding import one_less
    from inrarch.fifo.depths import save_depths
    from inrarch.fifo.describe import describe, summary
    from inrarch.fifo.load import load
    from inrarch.fifo.memory import luts_on
    from inrarch.fifo.sizing import LEAST_DEPTH, solve

    network = load(stage.inputs["map"] / "network.json")
    given = dict(stage.settings)
    fabric = given.pop("fabric", None)
    result = solve(network, **given, costs=None if fabric is None else luts_on(fabric_of(fabric).memory))
    deep = sum(depth > LEAST_DEPTH for depth in result.depths.values())
    if deep * sum(network.words.values()) <= MOST_WORDS:
        found = list(one_less(network, result.depths, LEAST_DEPTH))
        result = replace(result, one_less={each.stream: each.cycles for each in found})
    save_depths(result, stage.output / "depths.json")
    print(describe(network, result))
    return summary(result)


STAGE = Stage(
    name="fifo",
    title="FIFO depths, exact cycles, no deadlock",
    run=run,
    settings=settings,
    after=("map",),
    data=("fifo/cpp", "schemas"),
)
