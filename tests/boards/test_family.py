"""Device families: the shipped multiplier blocks, families of one's own, and what is wrong in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.boards import read_board
from inrarch.boards.family import family_files, read_family
from inrarch.dataflow.resources import dsp_tiles
from inrarch.errors import UserError


@pytest.mark.parametrize(
    ("family", "name", "multiplier", "accumulator", "pre_adder"),
    [
        ("zynq_7000", "DSP48E1", (25, 18), 48, 25),
        ("zynq_ultrascale_plus", "DSP48E2", (27, 18), 48, 27),
        ("virtex_ultrascale_plus", "DSP48E2", (27, 18), 48, 27),
        ("versal", "DSP58", (27, 24), 58, 27),
        ("ecp5", "MULT18X18D", (18, 18), 54, 18),
    ],
)
def test_multiplier_blocks_are_those_of_the_manuals(
    family: str, name: str, multiplier: tuple[int, int], accumulator: int, pre_adder: int
) -> None:
    dsp = read_family(family_files()[family]).dsp
    assert (dsp.name, dsp.multiplier, dsp.accumulator_bits, dsp.pre_adder_bits) == (
        name,
        multiplier,
        accumulator,
        pre_adder,
    )


def test_every_shipped_family_is_one_of_these() -> None:
    assert list(family_files()) == ["ecp5", "versal", "virtex_ultrascale_plus", "zynq_7000", "zynq_ultrascale_plus"]


@pytest.mark.parametrize("family", family_files())
def test_a_mode_is_worth_stating(family: str) -> None:
    """Each mode makes more products per block than plain ones would, or one that is wider than the multiplier."""
    dsp = read_family(family_files()[family]).dsp
    for mode in dsp.modes:
        assert mode.slices < mode.products * dsp_tiles(*mode.operands, dsp.multiplier)


def test_tiles_of_a_product_per_family() -> None:
    shapes = {name: read_family(file).dsp.multiplier for name, file in family_files().items()}
    tiles = {name: [dsp_tiles(*widths, shape) for widths in ((24, 18), (27, 24))] for name, shape in shapes.items()}
    assert tiles["zynq_7000"] == [1, 2]
    assert tiles["zynq_ultrascale_plus"] == [1, 2]
    assert tiles["versal"] == [1, 1]
    assert tiles["ecp5"] == [2, 4]


def test_a_family_of_ones_own_stands_beside_the_board(tmp_path: Path) -> None:
    shipped = family_files()["ecp5"].read_text(encoding="utf-8")
    board = (Path(__file__).parents[2] / "inrarch/boards/ulx3s_85f.yaml").read_text(encoding="utf-8")
    (tmp_path / "families").mkdir()
    (tmp_path / "families/lab.yaml").write_text(shipped.replace("[18, 18]", "[20, 20]"), encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(board.replace("family: ecp5", "family: lab"), encoding="utf-8")
    assert read_board(tmp_path / "mine.yaml").family.name == "lab"
    assert read_board(tmp_path / "mine.yaml").dsp_shape == (20, 20)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "multiplier: [25, 18]",
            "multiplier: [18, 25]",
            "lab.yaml:6:15: multiplier begins with the narrower operand; expected the wider one first\n"
            "    6 |   multiplier: [18, 25]\n      |               ^",
        ),
        (
            "  accumulator_bits: 48\n",
            "",
            "lab.yaml:4:1: the key 'accumulator_bits' is missing in dsp; expected accumulator_bits: an integer of at "
            "least 1\n    4 | dsp:\n      | ^",
        ),
    ],
)
def test_a_family_file_that_is_wrong_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text = family_files()["zynq_7000"].read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "lab.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_family(tmp_path / "lab.yaml")
    assert caught.value.text() == message
