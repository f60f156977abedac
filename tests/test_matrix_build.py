"""A matrix built with the real stages: what is equal between variants is done once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from inrarch.boards import board_names
from tests.workspace import PROJECT, make_workspace

BOARDS = board_names(())[:6]


def test_six_boards_expand_the_graph_once(tmp_path: Path) -> None:
    assert len(BOARDS) == 6
    matrix = f"matrix:\n  axes:\n    board: [{', '.join(BOARDS)}]\n"
    workspace = make_workspace(tmp_path, PROJECT + matrix)
    built = workspace.inrarch("build", "--until", "optimize", "-n", "3", "--json")
    assert built.code == 0, built.text
    events = [json.loads(line) for line in built.text.splitlines()]
    finished = [event for event in events if event["event"] == "stage_finished"]
    assert Counter((event["stage"], event["result"]) for event in finished) == {
        ("expand", "ran"): 1,
        ("expand", "up_to_date"): 5,
        ("optimize", "ran"): 1,
        ("optimize", "up_to_date"): 5,
    }
    records = [json.loads(path.read_text()) for path in (workspace.build / ".store").glob("*/record.json")]
    assert sorted(record["ingredients"]["stage"] for record in records) == ["expand", "optimize"]
    results = {(workspace.build / "net" / board / "optimize").resolve() for board in BOARDS}
    assert len(results) == 1
    assert (results.pop() / "derivative.onnx").is_file()
