"""The result of sizing: depths of all streams with what they cost and achieve, and its file `depths.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from inrarch.errors import UserError, did_you_mean
from inrarch.fifo.memory import bram18
from inrarch.fifo.network import Network
from inrarch.json_file import check_schema, read_json


@dataclass(frozen=True, slots=True)
class Cost:
    """Memory of a set of FIFOs: words, bits (words x width), 18-kbit block RAMs."""

    words: int
    bits: int
    bram18: int


@dataclass(frozen=True, slots=True)
class LowerBound:
    """No depths at the same cycles cost less than this; `method` says why."""

    words: int
    bits: int
    bram18: int
    method: str


@dataclass(frozen=True, slots=True)
class Activity:
    """Where a process's cycles go. finish: cycles until it is done. stalled: of these, waited. waits: by stream."""

    finish: int
    stalled: int
    waits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Depths:
    """Depths of all streams. cycles, high_water, processes: from the exact simulation with these depths.

    objective: what was minimised; empty where the depths were given. cost: of that. bound: no depths cost less. limit:
    cycles that were allowed. slack: as asked for. gap: (cost - bound) / cost; optimal: whether it is proven to be 0.
    method: how the depths were found. one_less: cycles with one word less in a stream, None where that deadlocks; of
    streams that are deeper than the least depth, where it was simulated (`inrarch.fifo.binding`).
    """

    depths: Mapping[str, int]
    cycles: int
    unbounded_cycles: int
    words: int
    bits: int
    bram18: int
    lower_bound: LowerBound
    deadlock_free: bool
    high_water: Mapping[str, int] = field(default_factory=dict)
    processes: Mapping[str, Activity] = field(default_factory=dict)
    objective: str = ""
    cost: int | None = None
    bound: int | None = None
    slack: float = 0.0
    limit: int | None = None
    gap: float | None = None
    optimal: bool = False
    method: str = ""
    one_less: Mapping[str, int | None] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The content of `depths.json`."""
        return asdict(self)


def cost(network: Network, depths: Mapping[str, int]) -> Cost:
    """What these depths cost in memory."""
    return Cost(
        sum(depths[stream.name] for stream in network.streams),
        sum(depths[stream.name] * stream.bits for stream in network.streams),
        sum(bram18(depths[stream.name], stream.bits) for stream in network.streams),
    )


def save_depths(depths: Depths, path: Path) -> None:
    """Write `depths.json`."""
    path.write_text(json.dumps(depths.to_json(), indent=1) + "\n", encoding="utf-8")


def load_depths(path: Path) -> Depths:
    """Read a complete `depths.json`, as `save_depths` wrote it. Raises UserError."""
    data = _read(path)
    for key in ("cycles", "unbounded_cycles", "words", "bits", "bram18", "lower_bound", "deadlock_free"):
        if key not in data:
            raise UserError(f"has no {key!r}", place=str(path), expected="the output of `inrarch fifo`")
    activities = {name: Activity(**each) for name, each in data.get("processes", {}).items()}
    return Depths(**(data | {"lower_bound": LowerBound(**data["lower_bound"]), "processes": activities}))


def read_depths(path: Path, network: Network) -> dict[str, int]:
    """The depth of every stream of `network` from a file; the file needs no other key.

    Raises UserError where a depth is missing or belongs to no stream.
    """
    depths: dict[str, int] = _read(path)["depths"]
    names = {stream.name for stream in network.streams}
    for name in depths:
        if name not in names:
            raise UserError(
                f"unknown stream {name!r}",
                place=str(path),
                expected="a stream of the network",
                hint=did_you_mean(name, names),
            )
    for stream in network.streams:
        if stream.name not in depths:
            found = f"no depth for stream {stream.name!r}"
            raise UserError(found, place=str(path), expected="a depth for every stream")
    return depths


def _read(path: Path) -> dict[str, Any]:
    data = read_json(path, "FIFO depths")
    check_schema(data, "depths", str(path))
    assert isinstance(data, dict)
    return data
