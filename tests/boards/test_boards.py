"""The shipped boards, boards of one's own, and the errors of both."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.boards import board_files, board_names, load_board, read_board
from inrarch.boards.family import family_files
from inrarch.config.model import Board, Resources
from inrarch.config.yaml12 import read_yaml
from inrarch.errors import UserError


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a board of one's own, in the current folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    folder.mkdir()
    text = board_files()["kv260"].read_text(encoding="utf-8")
    (folder / "lab.yaml").write_text(text.replace("clock_mhz: 250", "clock_mhz: 125"), encoding="utf-8")
    return folder


def test_six_boards_are_shipped() -> None:
    assert board_names() == ("kv260", "pynq_z2", "u280", "u50", "ulx3s_85f", "zcu102")


@pytest.mark.parametrize(
    ("name", "part", "resources", "dsp_shape"),
    [
        ("u50", "xcu50-fsvh2104-2-e", Resources(871_680, 1_743_360, 5952, 2688, 640), (27, 18)),
        ("u280", "xcu280-fsvh2892-2L-e", Resources(1_303_680, 2_607_360, 9024, 4032, 960), (27, 18)),
        ("zcu102", "xczu9eg-ffvb1156-2-e", Resources(274_080, 548_160, 2520, 1824, 0), (27, 18)),
        ("kv260", "xck26-sfvc784-2LV-c", Resources(117_120, 234_240, 1248, 288, 64), (27, 18)),
        ("pynq_z2", "xc7z020clg400-1", Resources(53_200, 106_400, 220, 280, 0), (25, 18)),
        ("ulx3s_85f", "LFE5U-85F-6BG381C", Resources(83_640, 83_640, 156, 208, 0), (18, 18)),
    ],
)
def test_figures_are_those_of_the_data_sheets(
    name: str, part: str, resources: Resources, dsp_shape: tuple[int, int]
) -> None:
    board = load_board(name)
    assert (board.name, board.part, board.resources, board.dsp_shape) == (name, part, resources, dsp_shape)


@pytest.mark.parametrize("name", board_names())
def test_each_board_names_the_documents_behind_its_figures(name: str) -> None:
    board = read_yaml(board_files()[name]).value
    family = read_yaml(family_files()[board["family"]]).value
    assert len(board["sources"]) + len(family["sources"]) >= 2
    if board["vendor"] == "amd":
        # A look-up table of an AMD device comes with two flip-flops.
        assert board["resources"]["ff"] == 2 * board["resources"]["lut"]


def test_a_board_of_ones_own_is_found_and_hides_a_shipped_one(own: Path) -> None:
    (own / "lab.yaml").rename(own / "kv260.yaml")
    assert load_board("kv260").clock_mhz == 250
    assert load_board("kv260", [own]).clock_mhz == 125
    assert board_names([own]) == board_names()


def test_of_two_folders_the_first_one_wins(own: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "lab.yaml").write_text(board_files()["u50"].read_text(encoding="utf-8"), encoding="utf-8")
    assert load_board("lab", [own, other]).part == "xck26-sfvc784-2LV-c"
    assert load_board("lab", [other, own]).part == "xcu50-fsvh2104-2-e"


def test_a_board_is_a_value() -> None:
    assert isinstance(load_board("u50"), Board)
    assert load_board("u50") == load_board("u50")


@pytest.mark.parametrize("name", ["u5O", "../boards/u50", ""])
def test_an_unknown_board_is_refused(name: str) -> None:
    with pytest.raises(UserError) as caught:
        load_board(name)
    hint = "\nhint: did you mean 'u50'?" if name == "u5O" else ""
    assert caught.value.text() == (
        f"unknown board {name!r}; expected one of kv260, pynq_z2, u280, u50, ulx3s_85f, zcu102{hint}"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "  uram: 64\n",
            "",
            "mine/lab.yaml:6:1: the key 'uram' is missing in resources; expected uram: an integer of at least 0\n"
            "    6 | resources:\n      | ^",
        ),
        (
            "vendor: amd",
            "vendor: and",
            "mine/lab.yaml:3:9: vendor is 'and'; expected 'amd' or 'lattice'\n"
            "    3 | vendor: and\n      |         ^\nhint: did you mean 'amd'?",
        ),
        (
            "family: zynq_ultrascale_plus",
            "family: zynq_ultrascale",
            "mine/lab.yaml:4:9: unknown device family 'zynq_ultrascale'; expected one of ecp5, versal, "
            "virtex_ultrascale_plus, zynq_7000, zynq_ultrascale_plus, or a file families/zynq_ultrascale.yaml "
            "beside the board's\n"
            "    4 | family: zynq_ultrascale\n      |         ^\nhint: did you mean 'zynq_ultrascale_plus'?",
        ),
        (
            "part: xck26-sfvc784-2LV-c",
            "part: x; exec rm",
            "mine/lab.yaml:5:7: part is 'x; exec rm'; expected a text like 'xc7z020clg400-1'\n"
            "    5 | part: x; exec rm\n      |       ^",
        ),
    ],
)
def test_a_board_file_that_is_wrong_is_refused(own: Path, old: str, new: str, message: str) -> None:
    file = own / "lab.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_board(file)
    assert caught.value.text() == message
