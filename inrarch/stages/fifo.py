"""fifo: depths of all streams that cost no more cycles than allowed and cannot deadlock, from the network alone.

Where several late readers of a fork hold the same words, it may put them behind one delay line; the network that it
writes is the one that is built.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from inrarch.boards.fabric import fabric_of
from inrarch.boards.settings import fabric_settings
from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Variant
    from inrarch.fifo.depths import Depths

MOST_WORDS = 500_000_000
"""Which streams bind is simulated up to so many words: those of the network, once per stream that is deep."""

WORTH = 0.9
"""Shared delay lines are put in where the FIFOs cost at most this part of what they did: a fork takes logic, too."""


def settings(variant: Variant) -> Settings:
    """What is minimised, the cycles that may be lost for it, and the seconds to search; for LUTs, the fabric."""
    fabric = fabric_settings(variant.board.family.fabric) if variant.fifo.objective == "luts" else None
    return {**asdict(variant.fifo), "fabric": fabric}


def run(stage: StageRun) -> str:
    """Write `depths.json` and `network.json`, the network as it is built; the summary has cycles and memory."""
    from dataclasses import replace

    from inrarch.fifo.binding import one_less
    from inrarch.fifo.depths import save_depths
    from inrarch.fifo.describe import describe, summary
    from inrarch.fifo.load import parse
    from inrarch.fifo.memory import luts_on
    from inrarch.fifo.promised import solve_promised
    from inrarch.fifo.sizing import LEAST_DEPTH
    from inrarch.json_file import read_json

    path = stage.inputs["map"] / "network.json"
    data = read_json(path, "a process network")
    network = parse(data, str(path))
    given = dict(stage.settings)
    share, fabric = given.pop("share", False), given.pop("fabric", None)
    given["costs"] = None if fabric is None else luts_on(fabric_of(fabric).memory)
    result = solve_promised(network, data.get("model", {}).get("cycles"), **given)
    if share:
        data, result = _shared(data, result, given)
        network = parse(data)
    deep = sum(depth > LEAST_DEPTH for depth in result.depths.values())
    if deep * sum(network.words.values()) <= MOST_WORDS:
        found = list(one_less(network, result.depths, LEAST_DEPTH))
        result = replace(result, one_less={each.stream: each.cycles for each in found})
    save_depths(result, stage.output / "depths.json")
    (stage.output / "network.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(describe(network, result))
    return summary(result)


def _shared(data: dict[str, Any], result: Depths, given: Settings) -> tuple[dict[str, Any], Depths]:
    """The network with shared delay lines where they are cheaper, and its depths; the model counts their forks."""
    from inrarch.fifo.shared import solve_shared

    found = solve_shared(data, **given, before=result, worth=WORTH)
    processes = {each["name"]: each for each in found.network["processes"]}
    model = found.network.get("model", {})
    for line in found.lines:
        print(f"{line.stream} is a shared delay line of {', '.join(line.readers)}")
        for kind, count in processes[line.fork].get("resources", {}).items():
            if kind in model:
                model[kind] += count
    return found.network, found.depths


STAGE = Stage(
    name="fifo",
    title="FIFO depths, exact cycles, no deadlock",
    run=run,
    settings=settings,
    after=("map",),
    data=("fifo/cpp", "schemas"),
)
