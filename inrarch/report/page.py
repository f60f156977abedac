"""`index.html`: the report for people, one file without any reference to the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2

from inrarch.fifo.memory import bram18, memory_kind
from inrarch.report import plot, roofline
from inrarch.report.curves import HEIGHT, WIDTH
from inrarch.report.diagram import draw
from inrarch.report.evidence import Evidence
from inrarch.report.gallery import Gallery
from inrarch.report.notation import count, figure, percent
from inrarch.resources import data_folder

RESOURCE_NAMES = {
    "lut": "LUT",
    "ff": "Flip-flops",
    "dsp": "DSP slices",
    "bram18": "Block RAM (18 kbit)",
    "uram": "UltraRAM",
}


ENERGY_NAMES = {
    "multipliers": "Products",
    "memories": "Block RAM and UltraRAM",
    "logic": "LUTs",
    "registers": "Flip-flops and their clock",
    "streams": "FIFOs",
    "ports": "Words to and from outside",
    "static": "Static power",
}


def render(evidence: Evidence, summary: Mapping[str, Any], gallery: Gallery) -> str:
    """The page as text. Every string of a model or of a YAML file is escaped by the templates."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_folder("report/templates")),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=count, figure=figure, percent=percent)
    return environment.get_template("index.html.j2").render(
        s=summary,
        settings=evidence.settings,
        outputs=evidence.outputs,
        passes=evidence.passes,
        formats=evidence.formats,
        diagram=None if evidence.network is None else draw(evidence.network, evidence.depths),
        fifos=fifo_rows(evidence),
        gallery=gallery,
        resource_names=RESOURCE_NAMES,
        energy_names=ENERGY_NAMES,
        roofline=roofline.draw(summary["roofline"]),
        plot_size=(plot.WIDTH, plot.HEIGHT),
        curve_size=(WIDTH, HEIGHT),
    )


def fifo_rows(evidence: Evidence) -> list[dict[str, Any]]:
    """One row per stream: its depth, how full it got in the exact simulation, the compiled C++ and the RTL, its memory.

    unused: words that the simulation never filled. loss: cycles that one word less costs, "deadlock", 0, or None where
    the stream is at the least depth (or was not tried).
    """
    if evidence.network is None:
        return []
    depths = {} if evidence.depths is None else evidence.depths["depths"]
    one_less = {} if evidence.depths is None else evidence.depths.get("one_less", {})
    simulated = {} if evidence.depths is None else evidence.depths.get("high_water", {})
    compiled = {} if evidence.csim is None else evidence.csim["streams"]
    rtl = {} if evidence.cosim is None else evidence.cosim["streams"]
    rows = []
    for stream in evidence.network["streams"]:
        name, depth = stream["name"], depths.get(stream["name"])
        rows.append(
            {
                "name": name,
                "source": stream.get("from"),
                "target": stream.get("to"),
                "bits": stream["bits"],
                "depth": depth,
                "simulated": simulated.get(name),
                "compiled": compiled.get(name, {}).get("high_water"),
                "rtl": rtl.get(name, {}).get("high_water"),
                "bram18": None if depth is None else bram18(depth, stream["bits"]),
                "total_bits": None if depth is None else depth * stream["bits"],
                "memory": None if depth is None else memory_kind(depth, stream["bits"]),
                "unused": None if depth is None or name not in simulated else depth - simulated[name],
                "loss": _loss(evidence.depths, one_less[name]) if evidence.depths and name in one_less else None,
            }
        )
    return rows


def _loss(depths: Mapping[str, Any], cycles: int | None) -> int | str:
    """Cycles over those that were allowed, or over those of the depths where these take longer."""
    if cycles is None:
        return "deadlock"
    allowed = max(depths.get("limit") or depths["unbounded_cycles"], depths["cycles"])
    return max(0, cycles - int(allowed))
