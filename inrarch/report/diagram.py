"""The process network as a drawing: layers from left to right, wrapped into bands like lines of text.

1. The layer of a process is its longest path from a source (processes on a cycle are placed in the order of the file).
2. A stream that passes layers by gets a waypoint in each of them.
3. Four sweeps order each layer by the mean place of its neighbours (barycentre heuristic of Sugiyama et al., 1981).
4. Layers are broken into bands of equal length; a stream into the next band runs back through the gap between the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from inrarch.report.notation import count

_BOX_WIDTH, _BOX_HEIGHT = 164.0, 66.0
_WAYPOINT_HEIGHT = 14.0
_COLUMN_GAP, _ROW_GAP, _BAND_GAP = 68.0, 26.0, 58.0
_MARGIN = 20.0
_LANE = 5.0
_LABEL_STEP = 64.0
_COLUMNS = 5
_SWEEPS = 4
_NAME_LENGTH = 18


@dataclass(frozen=True, slots=True)
class Box:
    """One process. busy: its share of the bottleneck's cycles per row, or None."""

    name: str
    label: str
    kernel: str
    kind: str
    lines: tuple[str, ...]
    busy: float | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """One stream: an SVG path and two short labels around (x, y)."""

    name: str
    title: str
    path: str
    above: str
    below: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Diagram:
    """A finished drawing in SVG user units."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    links: tuple[Link, ...]


Node = str | tuple[str, int]
"""A process by its name, or the waypoint of a stream in a layer."""


def layers_of(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Longest path from a process without predecessors, by process."""
    before: dict[str, set[str]] = {name: set() for name in names}
    for source, target in edges:
        if source != target:
            before[target].add(source)
    layer: dict[str, int] = {}
    waiting = list(names)
    while waiting:
        ready = [name for name in waiting if before[name] <= layer.keys()] or waiting[:1]
        for name in ready:
            layer[name] = max((layer[p] + 1 for p in before[name] if p in layer), default=0)
        waiting = [name for name in waiting if name not in layer]
    return layer


def _route(stream: Mapping[str, Any], layer: Mapping[str, int]) -> list[Node]:
    """The nodes that a stream visits: writer, waypoints, reader."""
    start, end = layer[stream["from"]], layer[stream["to"]]
    return [stream["from"], *((stream["name"], at) for at in range(start + 1, end)), stream["to"]]


def _ordered(columns: list[list[Node]], routes: Sequence[Sequence[Node]]) -> list[list[Node]]:
    """The layers with few crossings."""
    left: dict[Node, list[Node]] = {}
    right: dict[Node, list[Node]] = {}
    for route in routes:
        for a, b in pairwise(route):
            right.setdefault(a, []).append(b)
            left.setdefault(b, []).append(a)
    place = {node: i - (len(column) - 1) / 2 for column in columns for i, node in enumerate(column)}
    for sweep in range(_SWEEPS):
        near = left if sweep % 2 == 0 else right
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wish = {n: sum(place[m] for m in near[n]) / len(near[n]) if n in near else place[n] for n in column}
            column.sort(key=wish.__getitem__)
            place.update({node: i - (len(column) - 1) / 2 for i, node in enumerate(column)})
    return columns


def _height(node: Node) -> float:
    return _BOX_HEIGHT if isinstance(node, str) else _WAYPOINT_HEIGHT


def _positions(
    columns: Sequence[Sequence[Node]], per_band: int, wraps: Mapping[int, int]
) -> tuple[dict[Node, tuple[float, float]], list[float]]:
    """Left end and vertical middle of every node; bottom of every band. wraps: streams that leave each band."""
    at: dict[Node, tuple[float, float]] = {}
    bottoms: list[float] = []
    top, left = _MARGIN, _margin(wraps)
    for band_index, first in enumerate(range(0, len(columns), per_band)):
        band = columns[first : first + per_band]
        heights = [sum(_height(n) for n in column) + _ROW_GAP * (len(column) - 1) for column in band]
        for index, column in enumerate(band):
            y = top + (max(heights) - heights[index]) / 2
            for node in column:
                at[node] = (left + index * (_BOX_WIDTH + _COLUMN_GAP), y + _height(node) / 2)
                y += _height(node) + _ROW_GAP
        bottoms.append(top + max(heights))
        top = bottoms[-1] + _BAND_GAP + _LANE * wraps.get(band_index, 0)
    return at, bottoms


def _margin(wraps: Mapping[int, int]) -> float:
    return _MARGIN + _LANE * max(wraps.values(), default=0)


def _ports(
    routes: Sequence[Sequence[Node]], at: Mapping[Node, tuple[float, float]]
) -> dict[tuple[int, Node, bool], float]:
    """Vertical place where route number i leaves (True) or enters (False) a node, spread over the side of its box."""
    sides: dict[tuple[Node, bool], list[tuple[float, int]]] = {}
    for index, route in enumerate(routes):
        for a, b in pairwise(route):
            sides.setdefault((a, True), []).append((at[b][1], index))
            sides.setdefault((b, False), []).append((at[a][1], index))
    ports: dict[tuple[int, Node, bool], float] = {}
    for (node, leaving), users in sides.items():
        step = 0.6 * _height(node) / len(users)
        for rank, (_, index) in enumerate(sorted(users)):
            ports[index, node, leaving] = at[node][1] + (rank - (len(users) - 1) / 2) * step
    return ports


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _points(*values: float) -> str:
    return " ".join(map(_number, values))


def _wrap(x0: float, x1: float, y1: float, lane: float, slot: int) -> str:
    """From a band's right end back to the left end of the next one, with rounded corners."""
    r, out = 8.0, 10.0 + _LANE * slot
    right, left = x0 + out, x1 - out
    return (
        f" H {_number(right - r)} q {_points(r, 0, r, r)} V {_number(lane - r)} q {_points(0, r, -r, r)}"
        f" H {_number(left + r)} q {_points(-r, 0, -r, r)} V {_number(y1 - r)} q {_points(0, r, r, r)} H {_number(x1)}"
    )


def _bend(x0: float, y0: float, x1: float, y1: float) -> str:
    """From one column to the next."""
    middle = (x0 + x1) / 2
    return f" C {_points(middle, y0, middle, y1, x1, y1)}"


def _place(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
    """Where the labels of a bend stand: its middle, or at t = 0.7 of the curve when it rises or falls."""
    if abs(y1 - y0) < _WAYPOINT_HEIGHT:
        return (x0 + x1) / 2, (y0 + y1) / 2
    return x0 + 0.658 * (x1 - x0), y0 + 0.784 * (y1 - y0)


def draw(network: Mapping[str, Any], depths: Mapping[str, Any] | None) -> Diagram:
    """The drawing of a `network.json` whose streams name their processes; `depths.json` adds the depths."""
    processes, streams = network["processes"], network["streams"]
    layer = layers_of([p["name"] for p in processes], [(s["from"], s["to"]) for s in streams])
    routes = [_route(stream, layer) for stream in streams]
    columns: list[list[Node]] = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for name, index in layer.items():
        columns[index].append(name)
    for route in routes:
        for node in route[1:-1]:
            columns[int(node[1])].append(node)
    per_band = -(-len(columns) // -(-len(columns) // _COLUMNS))
    band_of = {node: index // per_band for index, column in enumerate(columns) for node in column}
    wraps = Counter(band_of[a] for route in routes for a, b in pairwise(route) if band_of[a] < band_of[b])
    at, bottoms = _positions(_ordered(columns, routes), per_band, wraps)
    ports = _ports(routes, at)
    width = 2 * _margin(wraps) + per_band * (_BOX_WIDTH + _COLUMN_GAP) - _COLUMN_GAP

    links = []
    slots: Counter[int] = Counter()
    for index, (stream, route) in enumerate(zip(streams, routes, strict=True)):
        x, y = at[route[0]][0] + _BOX_WIDTH, ports[index, route[0], True]
        path, label = f"M {_points(x, y)}", None
        for a, b in pairwise(route):
            y, x1, y1 = ports[index, a, True], at[b][0], ports[index, b, False]
            if band_of[a] < band_of[b]:
                slot = slots[band_of[a]]
                slots[band_of[a]] += 1
                lane = bottoms[band_of[a]] + _BAND_GAP / 2 + _LANE * slot
                path += _wrap(x, x1, y1, lane, slot)
                here = (width / 2 + _LABEL_STEP * slot, lane)
            else:
                path += _bend(x, y, x1, y1)
                here = _place(x, y, x1, y1)
            label = label or here
            x = x1 + _BOX_WIDTH
            if b != route[-1]:
                path += f" H {_number(x)}"
        links.append(_link(stream, depths, path, label or (x, y)))

    slowest = max((p.get("cycles_per_row", 0) for p in processes), default=0)
    boxes = tuple(_box(process, at[process["name"]], slowest) for process in processes)
    return Diagram(width, bottoms[-1] + _MARGIN, boxes, tuple(links))


def _link(stream: Mapping[str, Any], depths: Mapping[str, Any] | None, path: str, label: tuple[float, float]) -> Link:
    name, bits = stream["name"], stream["bits"]
    title = f"{name}: {stream['from']} to {stream['to']}, {count(bits)} bits"
    below = ""
    if depths is not None and name in depths["depths"]:
        depth, peak = depths["depths"][name], depths.get("high_water", {}).get(name)
        title += f", depth {depth}" + ("" if peak is None else f", at most {peak} used")
        below = f"depth {depth}"
    return Link(name, title, path, f"{count(bits)} b", below, *label)


def _box(process: Mapping[str, Any], at: tuple[float, float], slowest: int) -> Box:
    name, kernel = process["name"], process.get("kernel", "process")
    cycles = process.get("cycles_per_row")
    short = name if len(name) <= _NAME_LENGTH else f"{name[:9]}…{name[-8:]}"
    return Box(
        name=name,
        label=short,
        kernel=kernel,
        kind=process.get("kind", "other"),
        lines=tuple(process.get("text", (kernel,))),
        busy=cycles / slowest if cycles is not None and slowest else None,
        x=at[0],
        y=at[1] - _BOX_HEIGHT / 2,
        width=_BOX_WIDTH,
        height=_BOX_HEIGHT,
    )
