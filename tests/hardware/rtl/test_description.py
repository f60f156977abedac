"""rtl.json comes back as it was written, and what is none is refused with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.hardware.rtl.description import (
    FILE,
    Description,
    MemoryPort,
    ModuleText,
    PortText,
    ProcessText,
    StreamText,
    load_description,
    save_description,
)

DESIGN = Description(
    "inrarch_top",
    4,
    (ModuleText("matmul_ab", "matmul", (24,), (48,), (MemoryPort("weights", 9, 18),), ("k.sv", "m.sv"), ("t.mem",)),),
    (ProcessText("linear/0", "linear_0", "matmul_ab", ("s",), ("out_y",), {"weights": "linear_0.mem"}),),
    (StreamText("a -> b", "s", 24, 3, 2, "LUTs"),),
    (PortText("out_y", "sink", False, 3, True),),
    ("k.sv", "m.sv", "src/inrarch_top.sv"),
)


def test_a_description_comes_back(tmp_path: Path) -> None:
    save_description(DESIGN, tmp_path)
    assert load_description(tmp_path) == DESIGN
    assert DESIGN.module("matmul_ab") is DESIGN.modules[0]


def test_a_description_without_a_top_is_refused(tmp_path: Path) -> None:
    save_description(DESIGN, tmp_path)
    content = json.loads((tmp_path / FILE).read_text())
    del content["top"]
    (tmp_path / FILE).write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"rtl\.json.*'top' is a required property"):
        load_description(tmp_path)
