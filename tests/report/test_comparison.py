from __future__ import annotations

from typing import Any

import pytest

from inrarch.report.comparison import Entry, differing_keys, make_plots, make_table
from inrarch.report.plot import Plot

LATENCY = {("u50", 1): (100, 2.0), ("u50", 2): (200, 4.0), ("kv260", 1): (50, 3.0), ("kv260", 2): (300, 5.0)}


def entry(board: str = "u50", order: int = 1, bits: int = 24, **more: Any) -> Entry:
    dsp, latency = LATENCY[board, order]
    configuration = {
        "board": board,
        "clock_mhz": {"u50": 300.0, "kv260": 250.0}[board],
        "derivatives.order": order,
        "derivatives.outputs": [],
        "numeric.data_bits": bits,
        "numeric.weight_bits": 18,
    }
    metrics = {"max_rel": 10.0**-bits * order, "latency_us": latency, "dsp": dsp, "cycles_per_row": 4 * order + dsp}
    fields: dict[str, Any] = {
        "configuration": configuration,
        "metrics": metrics,
        "state": "verified",
        "tolerance": 0.01,
    }
    return Entry("net", f"{board}-order{order}-data_bits{bits}", **(fields | more))


MATRIX = [entry(board, order, bits) for board in ("u50", "kv260") for order in (1, 2) for bits in (2, 4)]


def plots(*entries: Entry) -> dict[str, Plot]:
    return {plot.name: plot for plot in make_plots(entries)}


def test_the_table_shows_what_differs_and_what_was_measured() -> None:
    table = make_table([*MATRIX, entry(state="absent", metrics=None)])
    assert table.settings == ("board", "clock_mhz", "derivatives.order", "numeric.data_bits")
    assert table.metrics == ("max_rel", "latency_us", "cycles_per_row", "dsp")
    assert differing_keys(MATRIX[:1]) == ()


def test_a_key_that_only_some_variants_have_differs() -> None:
    other = entry(configuration={**entry().configuration, "dataflow.parallelism.a.inputs": 4})
    assert differing_keys([entry(), other]) == ("dataflow.parallelism.a.inputs",)


def test_a_matrix_has_all_plots() -> None:
    found = plots(*MATRIX)
    assert list(found) == ["latency", "bits", "cycles", "errors"]
    assert [series.label for series in found["latency"].series] == ["order 1", "order 2"]
    assert [word for word, _ in found["latency"].shapes] == ["u50", "kv260"]
    assert [series.label for series in found["bits"].series] == ["order 1", "order 2"]


def test_only_what_a_figure_depends_on_makes_a_series() -> None:
    found = plots(*MATRIX)
    assert [series.label for series in found["cycles"].series] == ["u50", "kv260"]
    assert [series.label for series in found["errors"].series] == ["data bits 2", "data bits 4"]


def test_a_clock_that_does_not_follow_from_the_board_is_in_the_label() -> None:
    fast = [
        entry(
            order=order,
            configuration={**entry(order=order).configuration, "clock_mhz": clock},
            metrics={"cycles_per_row": clock * order},
        )
        for order in (1, 2)
        for clock in (100.0, 200.0)
    ]
    assert [series.label for series in plots(*fast)["cycles"].series] == ["clock mhz 100", "clock mhz 200"]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], []),
        ([entry()], []),
        ([entry(), entry("kv260")], ["latency"]),
        ([entry(), entry(order=2)], ["latency", "cycles", "errors"]),
        ([entry(bits=2), entry(bits=4)], ["latency", "bits"]),
        ([entry(metrics=None, state="absent"), entry(order=2)], []),
        ([entry(metrics={"cycles_per_row": 3}), entry(order=2, metrics={"cycles_per_row": 5})], ["cycles"]),
    ],
)
def test_a_plot_is_drawn_only_where_there_is_data_for_it(entries: list[Entry], expected: list[str]) -> None:
    assert list(plots(*entries)) == expected


def test_the_front_goes_through_what_none_beats_and_never_from_one_order_to_another() -> None:
    first, second = plots(*MATRIX)["latency"].series
    assert [mark.strong for mark in first.marks] == [True, True, True, True]
    assert first.line.count("H") == 1
    assert [mark.strong for mark in second.marks] == [True, True, False, False]
    assert second.line == ""


def test_a_point_tells_all_variants_that_stand_there() -> None:
    mark = plots(*MATRIX)["latency"].series[0].marks[0]
    assert mark.tip == "net@u50-order1-data_bits2\nnet@u50-order1-data_bits4\n2 µs, 100 DSP"


def test_the_tolerance_is_drawn_where_all_have_the_same() -> None:
    assert [level.text for level in plots(*MATRIX)["bits"].levels] == ["tolerance 0.01"]
    mixed = [entry(bits=2), entry(bits=4, tolerance=0.1)]
    assert plots(*mixed)["bits"].levels == ()


def test_every_mark_is_inside_its_frame() -> None:
    for plot in make_plots(MATRIX):
        for series in plot.series:
            for mark in series.marks:
                x, y = map(float, mark.path.split()[1:3])
                assert plot.left - 7 <= x <= plot.right
                assert plot.top - 7 <= y <= plot.bottom
