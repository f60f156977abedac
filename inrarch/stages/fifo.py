"""fifo: depths of all streams that cost no more cycles than allowed and cannot deadlock, from the network alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant

MOST_WORDS = 500_000_000
"""Which streams bind is simulated up to so many words: those of the network, once per stream that is deep."""


def settings(variant: Variant) -> Settings:
    """What is minimised, the cycles that may be lost for it, and the seconds to search."""
    return asdict(variant.fifo)


def run(stage: StageRun) -> str:
    """Write `depths.json`; the summary has cycles and memory."""
    from dataclasses import replace

    from inrarch.fifo.binding import one_less
    from inrarch.fifo.depths import save_depths
    from inrarch.fifo.describe import describe, summary
    from inrarch.fifo.load import parse
    from inrarch.fifo.promised import solve_promised
    from inrarch.fifo.sizing import LEAST_DEPTH
    from inrarch.json_file import read_json

    path = stage.inputs["map"] / "network.json"
    data = read_json(path, "a process network")
    network = parse(data, str(path))
    result = solve_promised(network, data.get("model", {}).get("cycles"), **stage.settings)
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
