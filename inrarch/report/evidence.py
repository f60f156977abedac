"""What the report is made of: the results of the stages as they wrote them, None where a stage did not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inrarch.report.notation import Partial

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """Size of a graph: nodes, matrix products (one per coefficient and layer), multiply-accumulates per row."""

    nodes: int
    matmuls: int
    macs_per_row: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one report says something about.

    settings: the report stage's slice of configuration (see `inrarch.stages.report`).
    outputs: what every output of the tower is, by its name, in the order of the graph.
    expanded, optimized: size of the graph before and after the passes.
    passes, formats, network, depths, csim, cosim, synth, pnr: the content of the stages' JSON files.
    not_run: by stage, why it was left out.
    tools: versions by name. inputs: digest of every input by its name.
    """

    settings: Json
    outputs: Mapping[str, Partial] = field(default_factory=dict)
    expanded: Counted | None = None
    optimized: Counted | None = None
    passes: Json | None = None
    formats: Json | None = None
    network: Json | None = None
    depths: Json | None = None
    csim: Json | None = None
    cosim: Json | None = None
    synth: Json | None = None
    pnr: Json | None = None
    not_run: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
