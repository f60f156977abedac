"""Whole networks: valid, free of deadlock, as fast as predicted, within the board."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.boards import load_board
from inrarch.config.model import Constraints, Lanes
from inrarch.dataflow.budget import budget_of
from inrarch.dataflow.summary import certificate, summary, table
from inrarch.errors import UserError
from inrarch.fifo.load import parse
from inrarch.fifo.promised import solve_promised
from inrarch.fifo.sizing import solve
from tests.dataflow.networks import FREE, branches, links, mapped, process, skip_network
from tests.models import perceptron, siren


def limited(dsp: int) -> Constraints:
    return Constraints(1.0, 1.0, 1.0, 1.0, 1.0, dsp)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("dsp", [100, 300, 2000])
def test_a_siren_runs_as_fast_as_predicted(order: int, dsp: int) -> None:
    network = mapped(siren((2, 32, 32, 1)), order=order, constraints=limited(dsp), rows=64)
    found = solve(network)
    assert network["model"]["cycles"] == pytest.approx(found.cycles, rel=0.01)
    assert found.cycles <= found.unbounded_cycles
    assert network["model"]["dsp"] <= dsp


def test_random_networks_run_as_fast_as_predicted() -> None:
    """Nearly all to the cycle; where FIFOs that are memories are on the way that takes longest, at most 8 more."""
    draw = random.Random(7)
    compared = exact = 0
    while compared < 200:
        layers = (2, *(draw.choice((8, 12, 16, 24, 32, 48)) for _ in range(draw.randint(1, 3))), 3)
        model = siren(layers) if draw.random() < 0.5 else perceptron(layers, "Tanh")
        order, dsp = draw.randint(0, 2), draw.choice((60, 150, 300, 600, 1500))
        rows, objective = draw.choice((1, 2, 8, 24, 64, 200)), draw.choice(("throughput", "latency", "energy"))
        try:
            network = mapped(model, order=order, constraints=limited(dsp), rows=rows, objective=objective)
        except UserError as error:
            assert "the network needs" in error.text()  # noqa: PT017
            continue
        predicted = network["model"]["cycles"]
        cycles = solve_promised(parse(network), predicted).cycles
        assert predicted <= cycles <= predicted + 8
        exact += cycles == predicted
        compared += 1
    assert exact >= 180


@pytest.mark.parametrize(
    ("lanes", "step"),
    [
        (Lanes(4, 8, 1), 8 * 4 * 10),
        (Lanes(4, 4, 3), 8 * 8 * 4),  # 10 coefficients, 3 at a time: 4 turns
        (Lanes(32, 32, 4), 3),  # at least: tokens are written before the turns that replace them begin
        (Lanes(3, 5, 9), 11 * 7 * 2),
    ],
)
def test_coefficients_in_turns_run_as_fast_as_predicted(lanes: Lanes, step: int) -> None:
    network = mapped(siren((2, 32, 32, 1)), order=3, rows=64, pinned={"net_1": lanes}, constraints=limited(5952))
    unit = process(network, "net_1")
    assert unit["parameters"]["lanes_coefficients"] == lanes.coefficients
    assert unit["multipliers"] == unit["resources"]["dsp"] == lanes.inputs * lanes.outputs * (lanes.coefficients or 10)
    assert unit["cycles_per_row"] >= step
    assert network["model"]["cycles"] == pytest.approx(solve(network).cycles, rel=0.01)


def test_pinned_coefficients_keep_a_unit_dense() -> None:
    pinned = {"net_1": Lanes(4, 4, 2)}
    network = mapped(siren((2, 16, 16, 1)), order=1, pinned=pinned, sparse="always")
    kernels = {name: process(network, name)["kernel"] for name in ("net_0", "net_1", "net_2")}
    assert kernels == {"net_0": "sparse_matmul", "net_1": "matmul", "net_2": "sparse_matmul"}


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_benchmark_is_near_the_floor(order: int) -> None:
    """INR-Arch's benchmark at its 3,199 DSP slices: cycles, DSP slices per MAC lane, and the closed form."""
    network = mapped(siren((2, 256, 256, 256, 256, 3)), order=order, constraints=limited(3199), rows=64)
    model = network["model"]
    found = solve(network)
    fill = found.cycles - 63 * model["cycles_per_row"]
    floor = model["macs_per_row"] * 64 / 3199
    assert found.cycles - fill <= 1.25 * floor
    assert found.cycles <= {1: 16_000, 2: 31_000, 3: 51_000, 4: 76_000}[order]
    assert model["dsp"] <= 1.2 * model["multipliers"]
    assert model["dsp"] <= 3199
    assert model["cycles"] == pytest.approx(found.cycles, rel=0.01)
    assert model["search"]["gap"] == 0


def test_cycles_are_near_the_floor_of_macs_per_multiplier() -> None:
    network = mapped(siren((2, 64, 64, 64, 1)), order=1, constraints=limited(800), rows=64)
    floor = network["model"]["macs_per_row"] * 64 / network["model"]["dsp"]
    assert floor < solve(network).cycles < 1.6 * floor


@pytest.mark.parametrize("dsp", [60, 600])
def test_a_skip_connection_is_buffered_and_loses_no_cycle(dsp: int) -> None:
    network = mapped(skip_network(24), constraints=limited(dsp), rows=128)
    found = solve(network)
    assert found.cycles <= found.unbounded_cycles
    assert found.depths["fork_n_h__n_s"] > 2
    assert found.cycles == pytest.approx(network["model"]["cycles"], rel=0.01)


def test_branches_meet_without_deadlock() -> None:
    network = mapped(branches(), rows=16)
    assert ("fork_source_x", "n_a") in links(network)
    assert solve(network).deadlock_free


def test_derivatives_of_a_rectified_network_are_mapped() -> None:
    network = mapped(perceptron((3, 16, 16, 2), "Relu"), order=1)
    assert solve(network).deadlock_free
    assert process(network, "gemm_1")["parameters"]["C"] == 4


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=2, max_size=5),
    activation=st.sampled_from(["Sin", "Tanh", "Relu", "Softplus"]),
    dsp=st.integers(40, 900),
    rows=st.integers(1, 9),
)
def test_random_networks_fit_validate_and_do_not_deadlock(
    sizes: list[int], activation: str, dsp: int, rows: int
) -> None:
    try:
        network = mapped(perceptron(sizes, activation), constraints=limited(dsp), rows=rows)
    except UserError as error:
        assert "the network needs" in error.text()  # noqa: PT017
        return
    assert json.loads(json.dumps(network)) == network
    found = solve(network)  # also validates
    assert found.cycles <= found.unbounded_cycles
    assert network["model"]["dsp"] <= dsp
    assert network["model"]["dsp"] == sum(each["resources"]["dsp"] for each in network["processes"])
    for stream in network["streams"]:
        assert stream["features"] % stream["lanes"] == 0
        assert stream["bits"] == 24 * stream["lanes"] * len(stream["fields"])
    for each in network["processes"]:
        assert each["cycles_per_row"] <= network["model"]["cycles_per_row"]


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert json.dumps(mapped(siren((2, 16, 1)), order=2)) == json.dumps(mapped(siren((2, 16, 1)), order=2))


def test_parameters_name_what_the_kernels_need() -> None:
    network = mapped(siren((2, 16, 1)), order=1, rows=4, pinned={"net_1": Lanes(4, 1)})
    unit = process(network, "net_1")["parameters"]
    assert (unit["K"], unit["M"], unit["C"], unit["lanes_in"], unit["lanes_out"]) == (16, 1, 3, 4, 1)
    assert len(unit["inputs"]) == len(unit["outputs"]) == len(unit["biases"]) == 3
    assert unit["biases"].count(None) == 2
    assert unit["T"] == process(network, "net_1")["cycles_per_row"]
    incoming = next(each for each in network["streams"] if each["to"] == "net_1")
    assert set(unit["inputs"]) <= set(incoming["fields"])
    region = process(network, incoming["from"])["parameters"]
    assert region["output_fields"] == incoming["fields"]
    assert process(network, "source_x")["parameters"]["port"] == "x"


def test_every_stream_has_the_ends_that_it_says() -> None:
    network = mapped(skip_network(), rows=2)
    parsed = parse(network)
    for stream in network["streams"]:
        assert parsed.writers[stream["name"]] == stream["from"]
        assert parsed.readers[stream["name"]] == stream["to"]
        assert parsed.words[stream["name"]] == 2 * stream["features"] // stream["lanes"]


def test_more_of_the_board_is_faster() -> None:
    model = siren((2, 64, 64, 1))
    rates = [mapped(model, order=1, constraints=limited(dsp))["model"]["cycles_per_row"] for dsp in (90, 180, 400, 900)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 4 * rates[-1]


def test_the_whole_budget_is_respected() -> None:
    network = mapped(siren((2, 256, 256, 3)), order=2, board="zcu102")
    budget = budget_of(load_board("zcu102"), FREE)
    assert network["model"]["dsp"] <= budget.dsp
    assert network["model"]["bram18"] <= budget.bram18
    assert network["model"]["lut"] <= budget.lut
    assert network["model"]["ff"] <= budget.ff


def test_summary_and_table_show_units_rate_and_resources() -> None:
    network = mapped(siren((2, 16, 1)), order=1, rows=4)
    model = network["model"]
    assert summary(network) == (
        f"5 processes (2 matmul units), 4 streams; {model['cycles_per_row']} cycles/row "
        f"(bottleneck {model['bottleneck']}), {model['dsp']} DSP, {model['bram18']} BRAM18"
    )
    lines = table(network).splitlines()
    assert lines[0].split()[:3] == ["process", "kernel", "lanes"]
    assert len(lines) == 1 + 5 + 1 + 1
    region = process(network, "net_0_2")["parameters"]
    assert next(line for line in lines if " pointwise " in line).split()[2] == str(region["interval"])
    assert lines[-2] == "LUT and FF are estimates."
    assert lines[-1] == (
        f"Chosen for throughput: {model['cycles_per_row']} cycles per row, which is the least possible "
        f"(lower bound {model['cycles_per_row']} cycles per row)."
    )
    assert certificate({"objective": "latency", "value": 1100.0, "bound": 1000.0, "gap": 0.1, "unit": "cycles"}) == (
        "Chosen for latency: 1,100 cycles, at most 10% above the least (lower bound 1,000 cycles)."
    )
