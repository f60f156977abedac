"""Networks to size FIFOs of: of the structure that they claim, valid, the same every time."""

from __future__ import annotations

import pytest

from benchmarks.networks.inr_arch import WIDTHS, inr_arch_network, siren_tape
from benchmarks.networks.reconvergent import reconvergent_network
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from tests.fifo.naive import simulate


def test_the_siren_in_reverse_mode_has_the_streams_and_processes_of_the_paper() -> None:
    network = inr_arch_network(batch=1)
    assert len(network["streams"]) == 238
    assert len(network["processes"]) == 215
    parse(network)
    tape = siren_tape(WIDTHS, 64)
    wide = [node for node in tape.nodes.values() if node.kernel == "matmul" and node.shape == (64, 256)]
    assert sum(tape.nodes[node.inputs[0]].shape[1] == 256 for node in wide) == 12  # of 256 x 256, as in its tower


def test_a_row_takes_the_cycles_of_its_kernels() -> None:
    fewer, more = (Simulator(parse(inr_arch_network(rows))).run(None).cycles for rows in (9, 10))
    assert fewer is not None
    assert more == fewer + 256 + 256 * (256 // 64 + 20) + 256


def test_a_small_network_is_simulated_as_by_the_naive_simulator() -> None:
    network = inr_arch_network(batch=3, widths=(2, 4, 4, 1), parallel=2, fill=3)
    expected = simulate(network, None)
    assert expected is not None
    assert Simulator(parse(network)).run(None).cycles == expected["cycles"]


@pytest.mark.parametrize("streams", [100, 300])
def test_random_networks_have_the_size_asked_for_and_deadlock_with_two_words(streams: int) -> None:
    network = reconvergent_network(streams, least_accesses=100_000, seed=1)
    assert network == reconvergent_network(streams, least_accesses=100_000, seed=1)
    assert network != reconvergent_network(streams, least_accesses=100_000, seed=2)
    assert len(network["streams"]) == streams
    simulator = Simulator(parse(network))
    unbounded = simulator.run(None)
    assert unbounded.accesses >= 100_000
    assert unbounded.deadlock is None
    assert simulator.run({each["name"]: 2 for each in network["streams"]}).deadlock is not None


def test_more_frames_need_no_deeper_fifos_in_the_long_run() -> None:
    held = []
    for accesses in (400_000, 800_000):
        run = Simulator(parse(reconvergent_network(100, accesses))).run(None)
        held.append(sum(run.high_water.values()))
    assert held[0] == held[1]
