"""The top of a board with a serial line: clock, reset, link and design, and the constraints of its pins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from inrarch.config.model import Board, PlaceAndRoute
from inrarch.errors import UserError
from inrarch.hardware.design import Design
from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.description import Description, PortText
from inrarch.hardware.rtl.wrapper import literal

TOP = "inrarch_board_top"
CLOCK = "inrarch_clock"
"""The module that `ecppll` writes."""
MOST_BAUD_ERROR = 0.02
"""Of the rate, of one side: a byte of 10 bits is still read within half a bit where both sides are off by it."""


@dataclass(frozen=True, slots=True)
class BoardTop:
    """Texts: the SystemVerilog of the top, and the constraints (Lattice preference file) of its pins and clock."""

    verilog: str
    constraints: str


def routing_of(board: Board) -> PlaceAndRoute:
    """How the board is placed and routed. UserError for one that is not, by open tools."""
    if board.place_and_route is None:
        raise UserError(f"there is no open place and route for board {board.name!r}", expected="a board with an ECP5")
    return board.place_and_route


def board_top(design: Description, board: Board, clock_mhz: float) -> BoardTop:
    """The top of `board` for a design. UserError for a clock from which the serial rate cannot be made."""
    routing = routing_of(board)
    cycles = max(2, round(clock_mhz * 1e6 / routing.baud))
    if abs(clock_mhz * 1e6 / cycles / routing.baud - 1) > MOST_BAUD_ERROR:
        raise UserError(
            f"a clock of {clock_mhz:g} MHz does not give a serial rate of {routing.baud} baud",
            place=f"board {board.name!r}",
            expected=f"a multiple of {routing.baud / 1e6:g} MHz, within {MOST_BAUD_ERROR:.0%}",
        )
    inputs = [port for port in design.ports if port.is_input]
    outputs = [port for port in design.ports if not port.is_input]
    verilog = render(
        environment(),
        "board_top.sv.j2",
        board=board.title,
        baud=routing.baud,
        cycles_per_bit=cycles,
        design=design,
        inputs=inputs,
        outputs=outputs,
        input_words=literal(tuple(port.words for port in inputs)),
        output_words=literal(tuple(port.words for port in outputs)),
        once=f"{len(outputs)}'b" + "".join(str(int(port.once)) for port in reversed(outputs)),
        buffer=max(_words(design, inputs), *(_words(design, [port]) for port in outputs)),
    )
    return BoardTop(verilog, _constraints(routing))


def _words(design: Description, ports: list[PortText]) -> int:
    """Words of an invocation on some ports; at least 3, the least depth of a FIFO in memory."""
    return max(3, sum(port.words * (1 if port.once else design.rows) for port in ports))


def _constraints(routing: PlaceAndRoute) -> str:
    lines = [f'FREQUENCY PORT "oscillator" {routing.oscillator_mhz:g} MHZ;']
    for signal, pin in routing.pins:
        lines += [f'LOCATE COMP "{signal}" SITE "{pin}";', f'IOBUF PORT "{signal}" IO_TYPE=LVCMOS33;']
    return "\n".join(lines) + "\n"


def host_description(description: Description, design: Design, board: Board) -> str:
    """What a host must know to talk to the design, as JSON: rows per invocation, and the numbers of every word.

    inputs, outputs: in the order of the line, with the words per row (or, `once`, per invocation) of their port, the
    place of the first word and the distance of the next, and the binary point.
    """
    order = [port.name for port in description.ports]
    inputs = sorted(design.inputs, key=lambda each: order.index(each.port))
    outputs = sorted(design.outputs, key=lambda each: order.index(each.port))
    words = {port.name: port.words for port in description.ports}
    content = {
        "rows": description.rows,
        "baud": routing_of(board).baud,
        "inputs": [
            {"tensor": each.tensor, "port": each.port, "words": words[each.port], "bits": each.bits, "frac": each.frac}
            for each in inputs
        ],
        "outputs": [
            {
                "tensor": each.tensor,
                "port": each.port,
                "words": words[each.port],
                "features": each.features,
                "first": each.offset - min(other.offset for other in outputs if other.port == each.port),
                "stride": each.stride,
                "frac": each.frac,
                "once": each.once,
            }
            for each in outputs
        ],
    }
    return json.dumps(content, indent=2) + "\n"


def write_board(top: BoardTop, folder: Path) -> None:
    """Write board_top.sv and board.lpf."""
    (folder / "board_top.sv").write_text(top.verilog, encoding="utf-8")
    (folder / "board.lpf").write_text(top.constraints, encoding="utf-8")
