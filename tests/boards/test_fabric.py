"""Fabrics: the shipped ones, one's own, and what is wrong in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.boards import board_names, load_board, read_board
from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.boards.family import family_files, read_family
from inrarch.errors import UserError


def test_shipped_fabrics_have_the_large_memories_of_the_manuals() -> None:
    urams = {name: read_fabric(file).memory.uram for name, file in fabric_files().items()}
    shapes = {name: uram and (uram.words, uram.bits, uram.initialised) for name, uram in urams.items()}
    assert shapes == {
        "ecp5": None,
        "ultrascale_plus": (4096, 72, False),
        "versal": (4096, 72, True),
        "xilinx_7": None,
    }


@pytest.mark.parametrize("name", board_names())
def test_a_board_has_ultraram_only_where_its_fabric_has(name: str) -> None:
    board = load_board(name)
    assert board.family.fabric.memory.uram is not None or board.resources.uram == 0


@pytest.mark.parametrize("name", fabric_files())
def test_every_block_shape_holds_at_most_18_kbit(name: str) -> None:
    memory = read_fabric(fabric_files()[name]).memory
    assert all(16384 <= words * bits <= 18432 for words, bits in memory.bram18)


def test_families_of_one_generation_share_a_fabric() -> None:
    names = {name: read_family(file).fabric.name for name, file in family_files().items()}
    assert names["virtex_ultrascale_plus"] == names["zynq_ultrascale_plus"] == "ultrascale_plus"


def test_a_fabric_of_ones_own_stands_beside_the_board(tmp_path: Path) -> None:
    family = family_files()["ecp5"].read_text(encoding="utf-8")
    board = (Path(__file__).parents[2] / "inrarch/boards/ulx3s_85f.yaml").read_text(encoding="utf-8")
    fabric = fabric_files()["ecp5"].read_text(encoding="utf-8")
    for name in ("families", "fabrics"):
        (tmp_path / name).mkdir()
    (tmp_path / "fabrics/lab.yaml").write_text(fabric.replace("nm: 40", "nm: 22"), encoding="utf-8")
    (tmp_path / "families/lab.yaml").write_text(family.replace("fabric: ecp5", "fabric: lab"), encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(board.replace("family: ecp5", "family: lab"), encoding="utf-8")
    assert read_board(tmp_path / "mine.yaml").family.fabric.technology.nm == 22


def test_an_unknown_fabric_is_refused_with_the_nearest_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    family = family_files()["ecp5"].read_text(encoding="utf-8")
    (tmp_path / "lab.yaml").write_text(family.replace("fabric: ecp5", "fabric: epc5"), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_family(tmp_path / "lab.yaml")
    text = caught.value.text()
    assert text.startswith(
        "lab.yaml:3:9: unknown fabric 'epc5'; expected one of ecp5, ultrascale_plus, versal, xilinx_7, or a file "
        "fabrics/epc5.yaml beside the boards"
    )
    assert "ecp5" in text.splitlines()[-1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{words: 32,", "{words: 128,", "cells of 128, 64 words; expected the shallowest first"),
        ("adder: 1.0", "adder: -1.0", "expected"),
        ("technology: {nm: 28, ", "technology: {", "the key 'nm' is missing in technology"),
    ],
)
def test_a_fabric_file_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = fabric_files()["xilinx_7"].read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "lab.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_fabric(tmp_path / "lab.yaml")
    assert message in caught.value.text()
