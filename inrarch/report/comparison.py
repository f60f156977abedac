"""Many variants side by side: the table and the plots of the comparison page, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from inrarch.report.axis import integer_axis, make_axis
from inrarch.report.metrics import TITLES, title
from inrarch.report.notation import figure
from inrarch.report.pareto import pareto_front
from inrarch.report.plot import SHAPES, Plot, Point, draw_plot

State = Literal["verified", "failed", "outdated", "absent"]

_TABLE_METRICS = tuple(key for key in TITLES if key not in ("cycles_lower_bound", "fifo_bram18", "matmuls"))
_TASK_KEYS = (
    *(f"derivatives.{key}" for key in ("order", "outputs", "wrt", "parameters", "by")),
    *("dataflow.rows", "model"),
)
"""Variants that differ in these do not compute the same thing: no Pareto front goes through both."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One variant. page: link to its report or None. metrics is empty and verdict None unless it has a report.

    tolerance: largest relative error that passes, or None.
    """

    project: str
    variant: str
    state: State
    configuration: Mapping[str, Any]
    page: str | None = None
    verdict: str | None = None
    metrics: Mapping[str, float] | None = None
    tolerance: float | None = None

    @property
    def name(self) -> str:
        """`project@variant`."""
        return f"{self.project}@{self.variant}"


@dataclass(frozen=True, slots=True)
class Table:
    """settings: the configuration keys that differ. metrics: the figures that some variant has."""

    settings: tuple[str, ...]
    metrics: tuple[str, ...]


def make_table(entries: Sequence[Entry]) -> Table:
    """Which columns the table has."""
    settings = differing_keys(entries)
    metrics = [key for key in _TABLE_METRICS if any(key in (entry.metrics or {}) for entry in entries)]
    return Table(settings, tuple(metrics))


def differing_keys(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The configuration keys that do not have one value in all variants, by rising name."""
    keys = dict.fromkeys(key for entry in entries for key in entry.configuration)
    return tuple(key for key in keys if len({shown(entry.configuration.get(key)) for entry in entries}) > 1)


def make_plots(entries: Sequence[Entry]) -> list[Plot]:
    """The plots for which there is data."""
    known = [entry for entry in entries if entry.metrics]
    plots = (_latency(known), _error_by_bits(known), _by_order(known), _error_by_order(known))
    return [plot for plot in plots if plot is not None]


def shown(value: Any) -> str:
    """A value of the configuration as a person would write it."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return "–" if value is None else str(value)


def _latency(entries: Sequence[Entry]) -> Plot | None:
    """Latency against DSP slices: what is bought with resources."""
    known = [entry for entry in entries if (entry.metrics or {}).keys() >= {"latency_us", "dsp"}]
    if len(known) < 2:
        return None
    labels = _labels(known, _tasks(known))
    boards = list(dict.fromkeys(shown(entry.configuration.get("board")) for entry in known))
    use_shapes = 1 < len(boards) <= len(SHAPES)
    together: dict[tuple[float, float], list[str]] = {}
    for entry in known:
        together.setdefault((_metric(entry, "dsp"), _metric(entry, "latency_us")), []).append(entry.name)
    series: dict[str, list[Point]] = {}
    lines: dict[str, list[tuple[float, float]]] = {}
    for label, members in _grouped(known, labels).items():
        places = [(_metric(entry, "dsp"), _metric(entry, "latency_us")) for entry in members]
        front = pareto_front(places)
        best = {places[number] for number in front}
        lines[label] = [places[number] for number in front]
        series[label] = [
            Point(
                *place,
                "\n".join(together[place]) + f"\n{figure(place[1])} µs, {place[0]:.0f} DSP",
                boards.index(shown(entry.configuration.get("board"))) if use_shapes else 0,
                strong=place in best,
            )
            for entry, place in zip(members, places, strict=True)
        ]
    return draw_plot(
        "latency",
        "Latency against DSP slices",
        "Filled: no other variant that computes the same is both as fast and as small; the line is the edge of what is"
        " reached (Pareto front). Models: exact event simulation, resource estimate.",
        ("DSP slices", make_axis([_metric(entry, "dsp") for entry in known])),
        ("latency, µs", make_axis([_metric(entry, "latency_us") for entry in known])),
        series,
        lines,
        stairs=True,
        shapes=boards if use_shapes else (),
    )


def _error_by_bits(entries: Sequence[Entry]) -> Plot | None:
    """Largest relative error against the width of the data, where that is given (not `auto`)."""
    known = [
        entry
        for entry in entries
        if (entry.metrics or {}).get("max_rel", 0) > 0 and entry.configuration.get("numeric.data_bits") != "auto"
    ]
    bits = [int(entry.configuration.get("numeric.data_bits", 0)) for entry in known]
    if len(set(bits)) < 2:
        return None
    labels = _labels(known, _tasks(known))
    series: dict[str, list[Point]] = {}
    lines: dict[str, list[tuple[float, float]]] = {}
    for label, members in _grouped(known, labels).items():
        places = [(int(e.configuration["numeric.data_bits"]), _metric(e, "max_rel")) for e in members]
        series[label] = [
            Point(*place, f"{entry.name}\n{place[0]} bits, {figure(place[1])}")
            for entry, place in zip(members, places, strict=True)
        ]
        lines[label] = [(at, min(y for x, y in places if x == at)) for at in sorted({x for x, _ in places})]
    tolerances = {entry.tolerance for entry in known if entry.tolerance}
    levels = {f"tolerance {figure(each)}": each for each in tolerances} if len(tolerances) == 1 else {}
    values = [_metric(entry, "max_rel") for entry in known]
    return draw_plot(
        "bits",
        "Error against data bits",
        "Largest relative error of all outputs against float64, measured on the compiled C++.",
        ("data bits", integer_axis(bits)),
        ("largest relative error", make_axis([*values, *levels.values()], logarithmic=True)),
        series,
        lines,
        levels=levels,
    )


def _by_order(entries: Sequence[Entry]) -> Plot | None:
    """Cycles per row against the order of the derivatives: what an order more costs."""
    return _against_order(
        entries,
        "cycles_per_row",
        "cycles",
        "Cycles per order",
        "Clock cycles between two rows in the steady state (exact event simulation); the highest order computed below.",
        logarithmic=False,
    )


def _error_by_order(entries: Sequence[Entry]) -> Plot | None:
    """Largest relative error against the order of the derivatives."""
    return _against_order(
        entries,
        "max_rel",
        "errors",
        "Error per order",
        "Largest relative error of all outputs against float64; the highest order computed below.",
        logarithmic=True,
    )


def _against_order(
    entries: Sequence[Entry], metric: str, name: str, heading: str, note: str, *, logarithmic: bool
) -> Plot | None:
    known = [
        entry
        for entry in entries
        if (entry.metrics or {}).get(metric, 0) > 0 and not entry.configuration.get("derivatives.outputs")
    ]
    orders = [int(entry.configuration.get("derivatives.order", 0)) for entry in known]
    if len(set(orders)) < 2:
        return None
    keys = [key for key in differing_keys(known) if key != "derivatives.order"]
    labels = _labels(known, _that_matter(known, _without_followers(known, keys), metric))
    series: dict[str, list[Point]] = {}
    lines: dict[str, list[tuple[float, float]]] = {}
    for label, members in _grouped(known, labels).items():
        members = sorted(members, key=lambda entry: int(entry.configuration["derivatives.order"]))
        places = [(int(e.configuration["derivatives.order"]), _metric(e, metric)) for e in members]
        series[label] = [
            Point(*place, f"{entry.name}\norder {place[0]}: {figure(place[1])}")
            for entry, place in zip(members, places, strict=True)
        ]
        lines[label] = [(float(x), y) for x, y in places]
    values = [_metric(entry, metric) for entry in known]
    return draw_plot(
        name,
        heading,
        note,
        ("highest order", integer_axis(orders)),
        (title(metric), make_axis(values, logarithmic=logarithmic)),
        series,
        lines,
    )


def _tasks(entries: Sequence[Entry]) -> list[str]:
    """The differing keys that say what is computed."""
    return [key for key in differing_keys(entries) if key in _TASK_KEYS or key.startswith("domain.")]


def _without_followers(entries: Sequence[Entry], keys: Sequence[str]) -> list[str]:
    """The keys without those that follow from one before (a board's clock)."""
    kept: list[str] = []
    for key in sorted(keys, key=lambda key: key == "clock_mhz"):
        groups = {(tuple(shown(e.configuration.get(k)) for k in kept), e.project) for e in entries}
        finer = {(tuple(shown(e.configuration.get(k)) for k in (*kept, key)), e.project) for e in entries}
        if len(finer) > len(groups):
            kept.append(key)
    return kept


def _that_matter(entries: Sequence[Entry], keys: Sequence[str], metric: str) -> list[str]:
    """The keys without those on which the figure does not depend."""
    kept = list(keys)
    for key in keys:
        fewer = [each for each in kept if each != key]
        values: dict[tuple[str, ...], set[float]] = {}
        for entry in entries:
            point = (entry.project, *(shown(entry.configuration.get(each)) for each in (*fewer, "derivatives.order")))
            values.setdefault(point, set()).add(_metric(entry, metric))
        if all(len(found) == 1 for found in values.values()):
            kept = fewer
    return kept


def _labels(entries: Sequence[Entry], keys: Sequence[str]) -> list[str]:
    """For each variant the words for its project (where there are several) and for the values of these keys."""
    several = len({entry.project for entry in entries}) > 1
    labels = []
    for entry in entries:
        words = [entry.project] * several
        for key in keys:
            value = entry.configuration.get(key)
            words.append(value if isinstance(value, str) else f"{_last(key)} {shown(value)}")
        labels.append(" · ".join(words) or "all variants")
    return labels


def _last(key: str) -> str:
    return key.rpartition(".")[2].replace("_", " ")


def _grouped(entries: Sequence[Entry], labels: Sequence[str]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry, label in zip(entries, labels, strict=True):
        groups.setdefault(label, []).append(entry)
    return groups


def _metric(entry: Entry, key: str) -> float:
    assert entry.metrics is not None
    return float(entry.metrics[key])
