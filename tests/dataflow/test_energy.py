"""The energy model: its figures against the published table, and what it adds up."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from inrarch.boards import load_board
from inrarch.config.model import Constraints
from inrarch.dataflow.budget import limits_of
from inrarch.dataflow.cost import Cost
from inrarch.dataflow.energy import Work, energy, energy_of, picojoules, static_watts
from inrarch.dataflow.partition import partition
from inrarch.dataflow.predict import predict_cycles
from inrarch.dataflow.search import search
from inrarch.dataflow.target import target_of
from inrarch.dataflow.units import Facts
from inrarch.graph.load import load_model
from tests.dataflow.networks import FREE, mapped, plain_formats
from tests.models import siren

U50 = target_of(load_board("u50"))
PYNQ = target_of(load_board("pynq_z2"))


def test_figures_are_those_of_the_table_scaled_to_the_device() -> None:
    """By hand for 28 nm at 1.0 V: 28/45 * (1/0.9)^2 = 0.768; hard blocks x 14^0.5, logic x 14."""
    each = picojoules(PYNQ)
    assert each.dsp == pytest.approx((25 * 18 * 3.1 / 1024 + 48 * 0.1 / 32) * 0.7682 * 3.7417, rel=1e-3)
    assert each.bram18 == pytest.approx(10 * 36 / 64 * (2.25 / 8) ** 0.5 * 0.7682 * 3.7417, rel=1e-3)
    assert each.lut == pytest.approx(0.1 / 32 * 14 * 0.7682, rel=1e-3)
    assert each.port_bit == 31.25


def test_a_newer_device_takes_less_per_operation() -> None:
    old, new = picojoules(PYNQ), picojoules(U50)
    assert new.dsp < old.dsp
    assert new.bram18 < old.bram18
    assert new.lut < old.lut


def test_energy_is_work_times_figures_plus_static_power_times_time() -> None:
    each = picojoules(U50)
    work = Work(Cost(dsp=10, bram18=3, lut=100, ff=200, uram=2), busy=1000, use=0.5)
    found = energy([work, work], fifo_bits=64, port_words=7, cycles=3000, clock_mhz=300, target=U50)
    assert found.multipliers == pytest.approx(2 * 10 * 1000 * 0.5 * each.dsp * 1e-12)
    assert found.memories == pytest.approx(2 * 1000 * (3 * each.bram18 + 2 * each.uram) * 1e-12)
    assert found.logic == pytest.approx(2 * 1000 * 100 * each.lut * 1e-12)
    assert found.registers == pytest.approx(2 * 200 * 3000 * each.ff * 1e-12)
    assert found.streams == pytest.approx(64 * each.fifo_bit * 1e-12)
    assert found.ports == pytest.approx(7 * 32 * each.port_bit * 1e-12)
    assert found.static == pytest.approx(871680 * 2.5e-6 * 10e-6)
    parts = (found.multipliers, found.memories, found.logic, found.registers, found.streams, found.ports, found.static)
    assert found.joules == pytest.approx(sum(parts))


def test_products_take_the_same_energy_at_any_parallelism() -> None:
    """Fewer lanes work longer; only what does not work, waits and leaks costs more."""
    graph = load_model(siren((2, 32, 32, 1)))
    units = partition(graph)
    nodes = {str(node.name): node for node in graph.graph}
    facts = Facts(nodes, graph.graph.initializers, plain_formats(graph), U50, 16)
    found = []
    for share in (0.01, 0.5):
        limits = limits_of(load_board("u50"), Constraints(**{**asdict(FREE), "dsp": share}), 300.0)
        best = search(units, facts, {}, limits, "throughput", 300.0)
        assert best is not None
        cycles = predict_cycles(units, facts, best.parallelism)
        found.append(energy_of(units, facts, best.parallelism, cycles, 300.0))
    macs = sum(unit.macs_per_row() for unit in units.units) * 16
    assert found[0].multipliers >= macs * picojoules(U50).dsp * 1e-12
    assert found[1].multipliers == pytest.approx(found[0].multipliers, rel=0.2)
    assert found[0].static > 2 * found[1].static
    assert found[0].ports == found[1].ports


def test_static_power_is_of_the_whole_device() -> None:
    assert static_watts(PYNQ) == pytest.approx(53200 * 2.5e-6)


def test_ultraram_has_a_constraint_of_its_own() -> None:
    free = Constraints(1.0, 1.0, 0.5, 1.0, 1.0, None)
    assert mapped(siren((2, 16, 1)), constraints=free)["model"]["uram"] == 0


def test_the_mapping_says_what_an_invocation_takes() -> None:
    network = mapped(siren((2, 32, 32, 1)), order=1, rows=16)
    found = network["model"]["energy"]
    assert found["joules"] == pytest.approx(sum(found["parts"].values()))
    assert found["joules"] > found["parts"]["static"] > 0
