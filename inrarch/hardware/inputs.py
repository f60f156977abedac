"""What hardware is generated from, read from the artefacts of the stages before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import onnx_ir as ir

from inrarch.graph.load import load_model
from inrarch.hardware.layout import Layout, load_layout
from inrarch.json_file import check_schema, read_json
from inrarch.numeric.formats import Formats, load_formats


@dataclass(frozen=True, slots=True)
class Inputs:
    """model: the optimized graph. layout: the network as it is built. depths: words by stream."""

    model: ir.Model
    formats: Formats
    layout: Layout
    depths: Mapping[str, int]


def read_inputs(artefacts: Mapping[str, Path]) -> Inputs:
    """artefacts: the folders of optimize, quantize and fifo. UserError with the place of what is wrong."""
    model = load_model(artefacts["optimize"] / "derivative.onnx")
    formats = load_formats(artefacts["quantize"] / "formats.json")
    layout = load_layout(artefacts["fifo"] / "network.json")
    place = artefacts["fifo"] / "depths.json"
    depths = read_json(place, "FIFO depths")
    check_schema(depths, "depths", str(place))
    return Inputs(model, formats, layout, depths["depths"])
