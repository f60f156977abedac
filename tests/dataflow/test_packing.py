"""Packing: every block once, in order, never two lanes at one output at a time, no lane longer than the optimum."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.dataflow.packing import Piece, pack


def check(blocks: list[int], lanes: int, horizon: int) -> list[list[Piece]]:
    program = pack(blocks, lanes, horizon)
    assert len(program) == lanes
    pieces: dict[int, list[tuple[int, Piece]]] = {}
    for lane, run in enumerate(program):
        busy = 0
        for piece in run:
            assert piece.length >= 1
            assert busy <= piece.start
            busy = piece.start + piece.length
            pieces.setdefault(piece.output, []).append((lane, piece))
        assert busy <= horizon
    assert sorted(pieces) == list(range(len(blocks)))
    for output, parts in pieces.items():
        parts.sort(key=lambda part: part[1].block)
        done, free = 0, 0
        for lane, piece in parts:
            assert piece.block == done  # every block once
            assert piece.start >= free  # after the blocks before it
            assert piece.begins == (done == 0)
            done, free = done + piece.length, piece.start + piece.length
            assert piece.ends == (done == blocks[output])
            if not piece.ends:  # the sum is carried from a lane to the one before it
                assert parts[-1][0] == lane - 1
        assert done == blocks[output]
        assert len(parts) <= 2
    for run in program:
        assert sum(not piece.ends for piece in run) <= 1  # one register per lane for sums that are carried
        assert sum(not piece.begins for piece in run) <= 1
    return program


@settings(max_examples=400, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=0, max_size=60), st.integers(1, 20), st.integers(0, 12))
def test_every_horizon_from_the_optimum_on_is_met(blocks: list[int], lanes: int, spare: int) -> None:
    optimum = max(max(blocks, default=1), -(-sum(blocks) // lanes))
    check(blocks, lanes, optimum + spare)


def test_results_come_in_order_while_there_is_room() -> None:
    program = check([8] * 64, 4, 128)
    finish = {piece.output: piece.start + piece.length for run in program for piece in run if piece.ends}
    early = [finish[output] for output in range(48)]
    assert early == sorted(early)
    assert early[0] == 8


def test_one_output_more_than_the_lanes_is_cut_across_them() -> None:
    program = check([4, 4, 4], 2, 6)
    assert program == [
        [Piece(0, 0, 0, 4, begins=True, ends=True), Piece(1, 4, 2, 2, begins=False, ends=True)],
        [Piece(1, 0, 0, 2, begins=True, ends=False), Piece(2, 2, 0, 4, begins=True, ends=True)],
    ]


@pytest.mark.parametrize(("blocks", "lanes", "horizon"), [([5, 1], 2, 4), ([3, 3, 3], 2, 4)])
def test_what_does_not_fit_is_refused(blocks: list[int], lanes: int, horizon: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        pack(blocks, lanes, horizon)
