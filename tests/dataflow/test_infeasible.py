"""What is said when no design keeps to the constraints: which one binds, by how much, and the nearest that would do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import onnx_ir as ir
import pytest

from inrarch import derive
from inrarch.boards import board_names, load_board
from inrarch.config.model import Constraints, Lanes
from inrarch.dataflow.mapping import map_network
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from tests.dataflow.networks import plain_formats
from tests.models import siren


def graph(order: int = 1) -> ir.Model:
    return load_model(derive(siren((2, 64, 64, 1)), order=order, method="taylor"))


def limits(**given: Any) -> Constraints:
    """Everything that the board has, but for what is given."""
    return Constraints(**dict.fromkeys(("dsp", "bram", "uram", "lut", "ff"), 1.0) | {"dsp_count": None} | given)


def refused(
    constraints: Constraints,
    board: str = "u50",
    order: int = 1,
    pinned: dict[str, Lanes] | None = None,
    rows: int = 64,
    others: Sequence[str] | None = None,
) -> UserError:
    model = graph(order)
    with pytest.raises(UserError) as error:
        map_network(
            model,
            plain_formats(model),
            load_board(board),
            constraints,
            rows,
            pinned or {},
            lambda: [load_board(name) for name in (board_names() if others is None else others)],
        )
    assert error.value.exit_code == 1
    return error.value


def accepted(constraints: Constraints, board: str = "u50", order: int = 1, rows: int = 64) -> dict[str, Any]:
    model = graph(order)
    return map_network(model, plain_formats(model), load_board(board), constraints, rows, {})


def test_a_count_of_multipliers() -> None:
    text = refused(limits(dsp_count=5)).text()
    needed = int(re.findall(r"needs (\d+) DSP", text)[0])
    assert text == (
        f"map: the network needs {needed} DSP at the least parallelism, {needed - 5} too many; "
        "expected at most 5 (constraints.dsp_count)\n"
        f"hint: it fits with constraints.dsp_count: {needed}"
    )
    assert accepted(limits(dsp_count=needed))["model"]["dsp"] == needed
    assert refused(limits(dsp_count=needed - 1)).text().startswith("map: the network needs ")


@pytest.mark.parametrize(("key", "shown"), [("lut", " LUT (an estimate)"), ("ff", " FF (an estimate)")])
def test_a_share_of_the_board(key: str, shown: str) -> None:
    text = refused(limits(**{key: 0.0001}), "pynq_z2").text()
    assert f"{shown} at the least parallelism, " in text
    assert "(0.01% of the " in text
    (percent,) = re.findall(rf"hint: it fits with constraints\.{key}: (\d+)%$", text)
    assert accepted(limits(**{key: int(percent) / 100}), "pynq_z2")


def test_a_count_of_block_rams() -> None:
    text = refused(limits(bram18=1, lut=0.1), "pynq_z2").text()
    assert " BRAM18 at the least parallelism, " in text
    assert "expected at most 1 (constraints.bram18)" in text
    ((needed, percent),) = re.findall(
        r"hint: it fits with constraints\.bram18: (\d+) or constraints\.lut: (\d+)%$", text
    )
    assert accepted(limits(bram18=int(needed), lut=0.1), "pynq_z2")["model"]["bram18"] <= int(needed)
    # With wide words of weights, for one coefficient at a time, memories are so shallow that they are LUTs.
    assert accepted(limits(bram18=1, lut=int(percent) / 100), "pynq_z2")["model"]["bram18"] <= 1


def test_two_that_bind_are_relaxed_together() -> None:
    text = refused(limits(dsp_count=4, lut=0.001)).text()
    (hint,) = re.findall(r"hint: it fits with (.*)$", text)
    least = dict(re.findall(r"constraints\.(\w+): (\d+)", hint))
    assert least.keys() == {"dsp_count", "lut"}
    assert accepted(limits(dsp_count=int(least["dsp_count"]), lut=int(least["lut"]) / 100))


def test_a_board_that_is_too_small_names_one_that_is_not() -> None:
    text = refused(limits(), "ulx3s_85f", order=8).text()
    assert " at the least parallelism, " in text
    (name,) = re.findall(r"hint: it fits on board (\w+); or lower derivatives.order or numeric.data_bits$", text)
    assert accepted(limits(), name, order=8)


def test_pinned_lanes_beyond_the_board() -> None:
    text = refused(limits(), "pynq_z2", pinned={"net_1": Lanes(64, 64)}).text()
    assert " DSP with the pinned lanes, " in text
    assert text.endswith("hint: pin fewer lanes, or set `dataflow.parallelism: auto`")


def test_rows_per_second_that_are_too_many() -> None:
    text = refused(limits(dsp_count=200, rows_per_s=1e7)).text()
    found = re.fullmatch(
        r"map: the fastest design that fits makes ([\d,]+) rows/s, [\d.]+% too few; "
        r"expected at least 10,000,000 \(constraints.rows_per_s\)\n"
        r"hint: it fits with constraints.dsp_count: (\d+) or constraints.rows_per_s: (\d+)",
        text,
    )
    assert found is not None, text
    reached, dsp, rate = found.groups()
    assert abs(int(reached.replace(",", "")) - int(rate)) <= 1
    assert accepted(limits(dsp_count=200, rows_per_s=int(rate)))
    assert 200 < accepted(limits(dsp_count=int(dsp), rows_per_s=1e7))["model"]["dsp"] <= int(dsp)


def test_a_latency_that_is_too_short() -> None:
    text = refused(limits(dsp_count=200, latency_us=10.0)).text()
    found = re.fullmatch(
        r"map: the fastest design that fits takes ([\d.]+) us for 64 rows, ([\d.]+) us too many; "
        r"expected at most 10 us \(constraints.latency_us\)\n"
        r"hint: it fits with constraints.dsp_count: (\d+) or constraints.latency_us: ([\d.]+)",
        text,
    )
    assert found is not None, text
    taken, late, dsp, latency = found.groups()
    assert float(taken) - 10 == pytest.approx(float(late), abs=0.02)
    assert float(latency) == pytest.approx(float(taken), abs=0.02)
    assert accepted(limits(dsp_count=200, latency_us=float(latency)))
    assert accepted(limits(dsp_count=int(dsp), latency_us=10.0))["model"]["cycles"] <= 3000


def test_limits_below_a_cycle() -> None:
    text = refused(limits(latency_us=1e-9)).text()
    assert "hint: it fits with constraints.latency_us: " in text
    text = refused(limits(rows_per_s=1e30)).text()
    assert "100% too few" in text
    assert "hint: it fits with constraints.rows_per_s: " in text


def test_a_speed_beyond_the_ports_and_every_board() -> None:
    text = refused(limits(latency_us=0.01)).text()
    assert " us too many; expected at most 0.01 us (constraints.latency_us)" in text
    assert "hint: it fits with constraints.latency_us: " in text


def test_two_speeds_are_relaxed_together() -> None:
    text = refused(limits(latency_us=0.01, rows_per_s=1e9)).text()
    assert "expected at least 1,000,000,000 (constraints.rows_per_s)" in text
    rate, latency = re.findall(
        r"it fits with constraints\.rows_per_s: (\d+), constraints\.latency_us: ([\d.]+)$", text
    )[0]
    assert accepted(limits(latency_us=float(latency), rows_per_s=int(rate)))


def test_a_network_that_no_board_carries() -> None:
    text = refused(limits(), "ulx3s_85f", order=8, others=()).text()
    assert text.endswith("or use a smaller network; no shipped board is large enough")


def test_too_few_multipliers_and_too_high_a_rate_are_relaxed_together() -> None:
    """The settings of the hint are enough, and none of them goes further than it must."""
    given = limits(dsp_count=5, rows_per_s=2e8, latency_us=0.1)
    hint = refused(given).hint
    assert hint is not None
    settings = {key: float(value) for key, value in re.findall(r"constraints\.(\w+): ([\d.]+)", hint)}
    assert list(settings) == ["dsp_count", "rows_per_s", "latency_us"]
    settings["dsp_count"] = int(settings["dsp_count"])
    accepted(limits(**settings))
    for key, worse in (("dsp_count", -1), ("rows_per_s", 0.01 * settings["rows_per_s"]), ("latency_us", -0.02)):
        refused(limits(**settings | {key: settings[key] + worse}))


def test_another_board_is_named_without_counts_that_were_meant_for_this_one() -> None:
    hint = refused(limits(dsp_count=5), "ulx3s_85f", order=8).hint
    assert hint is not None
    assert re.match(r"it fits on board \w+ without constraints.dsp_count; or lower derivatives.order", hint)
