"""What is told of a deadlock of the C++ or of the RTL."""

from __future__ import annotations

DEADLOCK_HINT = "deepen one of the full streams; depths from the fifo stage are free of deadlock"


def waiting_text(process: str, stream: str, reading: bool, fill: int, depth: int | None) -> str:
    """One process that waits for ever. fill, depth: words of the stream; depth None: it is a port."""
    room = "an unbounded port" if depth is None else f"{fill} of {depth} words"
    return f"process {process!r} waits to {'read' if reading else 'write to'} stream {stream!r} ({room})"
