"""Plots as plain data in SVG user units: the template only writes them down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inrarch.report.axis import Axis
from inrarch.report.notation import figure

WIDTH, HEIGHT = 560.0, 340.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 66.0, 14.0, 12.0, 46.0

_TEXT_HEIGHT = 18.0

COLOURS = 8
"""So many series have a colour of their own; the rest share the last one, grey."""

SHAPES = ("circle", "square", "triangle", "diamond", "cross")


@dataclass(frozen=True, slots=True)
class Point:
    """A value to draw. tip: what is shown when one points at it. shape: index in `SHAPES`. strong: filled."""

    x: float
    y: float
    tip: str
    shape: int = 0
    strong: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawn point; path is centred on its place."""

    path: str
    tip: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Series:
    """A drawn series: colour is a number below `COLOURS`; line is an SVG path or empty."""

    label: str
    colour: int
    marks: tuple[Mark, ...]
    line: str


@dataclass(frozen=True, slots=True)
class Tick:
    """at: along the axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line with a word: above it, or below where another line is close above."""

    at: float
    text: str
    text_at: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A finished drawing of WIDTH x HEIGHT; the axes cross at (left, bottom)."""

    name: str
    title: str
    note: str
    x_title: str
    y_title: str
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    series: tuple[Series, ...]
    shapes: tuple[tuple[str, str], ...]
    levels: tuple[Level, ...] = ()


def draw_plot(
    name: str,
    title: str,
    note: str,
    x: tuple[str, Axis],
    y: tuple[str, Axis],
    series: Mapping[str, Sequence[Point]],
    lines: Mapping[str, Sequence[tuple[float, float]]],
    *,
    stairs: bool = False,
    shapes: Sequence[str] = (),
    levels: Mapping[str, float] | None = None,
) -> Plot:
    """Put everything in its place.

    x, y: title and axis. series: points by label, in the order of the legend; their colours follow it. lines: corners
    of a line for a series; `stairs` draws it as steps (as the edge of a Pareto front is). shapes: what each shape
    stands for. levels: horizontal lines by their word.
    """
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM

    def across(value: float) -> float:
        return round(_LEFT + x[1].place(value) * (right - _LEFT), 1)

    def down(value: float) -> float:
        return round(bottom - y[1].place(value) * (bottom - _TOP), 1)

    drawn = []
    for number, (label, points) in enumerate(series.items()):
        marks = tuple(Mark(_shape(each.shape, across(each.x), down(each.y)), each.tip, each.strong) for each in points)
        corners = [(across(at), down(value)) for at, value in lines.get(label, ())]
        drawn.append(Series(label, min(number, COLOURS - 1), marks, _line(corners, stairs=stairs)))
    return Plot(
        name,
        title,
        note,
        x[0],
        y[0],
        _LEFT,
        right,
        _TOP,
        bottom,
        tuple(Tick(across(value), _round(value)) for value in x[1].ticks),
        tuple(Tick(down(value), _round(value)) for value in y[1].ticks),
        tuple(drawn),
        tuple((word, _shape(number, 7.0, 7.0)) for number, word in enumerate(shapes)),
        _levels({word: down(value) for word, value in (levels or {}).items() if y[1].low <= value <= y[1].high}),
    )


def _levels(at: Mapping[str, float]) -> tuple[Level, ...]:
    """Lines by their word, at their places."""
    crowded = {word for word, y in at.items() if any(0 < y - above < _TEXT_HEIGHT for above in at.values())}
    return tuple(Level(y, word, y + (_TEXT_HEIGHT - 4 if word in crowded else -5)) for word, y in at.items())


def _round(value: float) -> str:
    """A tick, which is a round number: `5e-4`, not `5.00e-4`."""
    mantissa, letter, exponent = figure(value).partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{exponent}" if letter else mantissa


def _line(corners: Sequence[tuple[float, float]], *, stairs: bool) -> str:
    if len(corners) < 2:
        return ""
    path = f"M {corners[0][0]:g} {corners[0][1]:g}"
    for x, y in corners[1:]:
        path += f" H {x:g} V {y:g}" if stairs else f" L {x:g} {y:g}"
    return path


def _shape(number: int, x: float, y: float) -> str:
    match SHAPES[number % len(SHAPES)]:
        case "circle":
            return f"M {x - 5:g} {y:g} a 5 5 0 1 0 10 0 a 5 5 0 1 0 -10 0 Z"
        case "square":
            return f"M {x - 4.5:g} {y - 4.5:g} h 9 v 9 h -9 Z"
        case "triangle":
            return f"M {x:g} {y - 5.5:g} l 5.5 10 h -11 Z"
        case "diamond":
            return f"M {x:g} {y - 6.3:g} l 6.3 6.3 l -6.3 6.3 l -6.3 -6.3 Z"
    return f"M {x - 1.6:g} {y - 5.5:g} h 3.2 v 3.9 h 3.9 v 3.2 h -3.9 v 3.9 h -3.2 v -3.9 h -3.9 v -3.2 h 3.9 Z"
