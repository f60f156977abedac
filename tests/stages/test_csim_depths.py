"""C simulation and simulator agree: solved depths never block, one word less does where program order says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inrarch.engine.stage import StageRun
from inrarch.errors import UserError
from inrarch.fifo.binding import one_less
from inrarch.fifo.depths import load_depths
from inrarch.fifo.load import load
from inrarch.fifo.network import Network
from inrarch.fifo.simulate import Simulator
from inrarch.stages import stages
from tests.stages.test_csim_networks import run_stages, skip_connection, variant_of

SKIP = "fork_n_a0__n_t1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with a skip connection, with its first derivatives, with the solved depths up to csim.

    It has few multipliers, so that a token is one feature and the long way takes several before it gives one.
    """
    folder = tmp_path_factory.mktemp("skip")
    run_stages(folder, skip_connection(), order=1, dsp_count=60)
    return folder


@pytest.fixture(scope="module")
def network(built: Path) -> Network:
    return load(built / "map" / "network.json")


@pytest.fixture(scope="module")
def depths(built: Path) -> dict[str, int]:
    return dict(load_depths(built / "fifo" / "depths.json").depths)


@pytest.fixture
def compiled(built: Path, tmp_path: Path) -> Callable[[dict[str, int]], dict[str, int]]:
    """hls and csim with other depths: most words held by each stream. Raises UserError for a deadlock."""

    def run(depths: dict[str, int]) -> dict[str, int]:
        done = {path.name: path for path in built.iterdir() if path.is_dir()} | {"fifo": tmp_path / "fifo"}
        done["fifo"].mkdir()
        (done["fifo"] / "depths.json").write_text(json.dumps({"depths": depths}), encoding="utf-8")
        shutil.copy(built / "fifo" / "network.json", done["fifo"])
        variant = variant_of(built / "model.onnx", order=1)
        for stage in stages():
            if stage.name in ("hls", "csim"):
                done[stage.name], scratch = tmp_path / stage.name, tmp_path / f"{stage.name}_scratch"
                done[stage.name].mkdir()
                scratch.mkdir()
                inputs = {name: done[name] for name in stage.after}
                stage.run(StageRun(inputs, stage.files(variant), stage.settings(variant), done[stage.name], scratch))
        report = json.loads((done["csim"] / "report.json").read_text(encoding="utf-8"))
        return {name: stream["high_water"] for name, stream in report["streams"].items()}

    return run


def test_solved_depths_do_not_block_and_hold_what_program_order_says(
    built: Path, network: Network, depths: dict[str, int]
) -> None:
    report = json.loads((built / "csim" / "report.json").read_text(encoding="utf-8"))
    assert report["equal"] is True
    assert Simulator(network).run_sequential(depths).deadlock is None
    assert all(each["high_water"] <= depths[name] for name, each in report["streams"].items())


def test_one_word_less_in_the_skip_costs_cycles(network: Network, depths: dict[str, int]) -> None:
    unbounded = Simulator(network).run(None).cycles
    assert unbounded is not None
    found = {each.stream: each for each in one_less(network, depths, least=2)}
    assert list(found) == [SKIP]
    assert found[SKIP].binds(unbounded)
    cycles = found[SKIP].cycles
    assert cycles is not None
    assert cycles > unbounded


def test_the_least_depth_in_program_order_runs_and_one_less_deadlocks(
    network: Network, depths: dict[str, int], compiled: Callable[[dict[str, int]], dict[str, int]]
) -> None:
    simulator = Simulator(network)
    least = next(d for d in range(1, 99) if simulator.run_sequential({**depths, SKIP: d}).deadlock is None)
    assert 2 < least < depths[SKIP]
    assert compiled({**depths, SKIP: least})[SKIP] == least


def test_one_word_below_the_least_depth_in_program_order_deadlocks_in_both(
    network: Network, depths: dict[str, int], compiled: Callable[[dict[str, int]], dict[str, int]]
) -> None:
    simulator = Simulator(network)
    least = next(d for d in range(1, 99) if simulator.run_sequential({**depths, SKIP: d}).deadlock is None)
    predicted = simulator.run_sequential({**depths, SKIP: least - 1}).deadlock
    assert predicted is not None
    with pytest.raises(UserError, match="the C simulation deadlocks") as caught:
        compiled({**depths, SKIP: least - 1})
    assert caught.value.excerpt is not None
    for wait in predicted.cycle:
        verb = "write to" if wait.is_write else "read"
        assert f"process {wait.process!r} waits to {verb} stream {wait.stream!r}" in caught.value.excerpt
