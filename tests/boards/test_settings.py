"""Boards as settings of stages."""

from __future__ import annotations

import json

import pytest

from inrarch.boards import board_names, load_board
from inrarch.boards.settings import board_of, board_settings, dsp_of, dsp_settings


@pytest.mark.parametrize("name", board_names())
def test_a_board_comes_back_from_json_as_it_was(name: str) -> None:
    board = load_board(name)
    settings = json.loads(json.dumps(board_settings(board)))
    assert settings == board_settings(board)
    assert board_of(settings) == board
    assert dsp_of(dsp_settings(board.family.dsp)) == board.family.dsp
