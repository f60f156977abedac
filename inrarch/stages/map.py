"""map: the graph becomes a network of processes and streams, with as many lanes as the board carries."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from inrarch.boards.settings import board_of, board_settings
from inrarch.engine.stage import Settings, Stage, StageRun

if TYPE_CHECKING:
    from inrarch.config.model import Board, Variant


def settings(variant: Variant) -> Settings:
    """The rows, the pinned lanes, the objective, the board, the constraints and the clock."""
    return {
        "rows": variant.dataflow.rows,
        "pinned": {name: asdict(lanes) for name, lanes in variant.dataflow.pinned},
        "sparse": variant.dataflow.sparse,
        "objective": variant.dataflow.objective,
        "constraints": asdict(variant.constraints),
        "clock_mhz": variant.clock_mhz,
        "board": board_settings(variant.board),
    }


def run(stage: StageRun) -> str:
    """Write `network.json`; the summary has row time, bottleneck and multipliers."""
    import json

    from inrarch.config.model import Constraints, Lanes
    from inrarch.dataflow.mapping import map_network
    from inrarch.dataflow.summary import summary, table
    from inrarch.graph.load import load_model
    from inrarch.numeric.formats import load_formats

    given = stage.settings
    network = map_network(
        load_model(stage.inputs["optimize"] / "derivative.onnx"),
        load_formats(stage.inputs["quantize"] / "formats.json"),
        board_of(given["board"]),
        Constraints(**given["constraints"]),
        given["rows"],
        {name: Lanes(**lanes) for name, lanes in given["pinned"].items()},
        shipped_boards,
        sparse=given["sparse"],
        objective=given["objective"],
        clock_mhz=given["clock_mhz"],
    )
    (stage.output / "network.json").write_text(json.dumps(network, indent=1) + "\n", encoding="utf-8")
    print(table(network))
    return summary(network)


def shipped_boards() -> list[Board]:
    """The boards to name where the chosen one is too small."""
    from inrarch.boards import board_names, load_board

    return [load_board(name) for name in board_names()]


STAGE = Stage(
    name="map",
    title="processes, streams and parallelism",
    run=run,
    settings=settings,
    after=("optimize", "quantize"),
    data=("schemas",),
)
