"""The inner loop in C++: compiled once, by whoever comes first; done without where that is not possible."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inrarch.errors import UserError
from inrarch.fifo import native
from inrarch.fifo.interpreted import InterpretedCore
from inrarch.fifo.load import parse
from inrarch.fifo.simulate import Simulator
from inrarch.resources import data_folder
from inrarch.tools import gxx
from tests.fifo.agreement import figures
from tests.fifo.random_networks import random_network
from tests.fifo.test_simulate import reconvergent, repeat

SOURCE = data_folder("fifo/cpp") / "simulate.cpp"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder, and nothing loaded."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(native.SWITCH, raising=False)
    native._library.cache_clear()
    yield tmp_path / "inrarch"
    native._library.cache_clear()


def test_it_is_compiled_once_and_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert native.library() is not None
    (kept,) = cache.iterdir()
    before = kept.stat().st_mtime_ns
    native._library.cache_clear()
    monkeypatch.setattr(native, "compile_library", None)
    assert native.library() is not None
    assert [kept] == list(cache.iterdir())
    assert kept.stat().st_mtime_ns == before
    assert cache.stat().st_mode & 0o777 == 0o700


def test_the_source_the_flags_and_the_compiler_are_part_of_its_name(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compiler = gxx.TOOL.find()
    native._loaded(SOURCE, compiler, "12.2.0")
    for file in ("simulate.cpp", "network.hpp"):
        folder = shutil.copytree(SOURCE.parent, tmp_path / f"changed_{file}")
        (folder / file).write_text((folder / file).read_text() + "// changed\n")
        native._loaded(folder / "simulate.cpp", compiler, "12.2.0")
    native._loaded(SOURCE, compiler, "13.1.0")
    monkeypatch.setattr(native, "FLAGS", (*native.FLAGS, "-g0"))
    native._loaded(SOURCE, compiler, "12.2.0")
    assert len(list(cache.iterdir())) == 5


def test_programs_that_compile_at_the_same_time_do_no_harm(tmp_path: Path) -> None:
    program = (
        "from inrarch.fifo.load import parse; from inrarch.fifo.simulate import Simulator; "
        "from tests.fifo.test_simulate import reconvergent; "
        "print(Simulator(parse(reconvergent(9)), compiled=True).run(None).cycles)"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    root = Path(__file__).resolve().parents[2]
    programs = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=root, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    expected = Simulator(parse(reconvergent(9)), compiled=False).run(None).cycles
    assert [each.communicate()[0].strip() for each in programs] == [str(expected)] * 4
    assert [path.suffix for path in (tmp_path / "inrarch").iterdir()] == [".so"]


def test_threads_have_simulators_of_their_own(cache: Path) -> None:
    found: dict[int, object] = {}

    def work(seed: int) -> None:
        found[seed] = figures(Simulator(parse(random_network(seed)), compiled=True).run(None))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for seed in range(8):
        assert found[seed] == figures(Simulator(parse(random_network(seed)), compiled=False).run(None))


def test_a_home_that_cannot_be_written_is_no_obstacle(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))  # no folder can be made below a file
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    assert native.library() is not None
    assert not cache.exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_damaged_library_is_not_used(cache: Path) -> None:
    assert native.library() is not None
    (kept,) = cache.iterdir()
    kept.unlink()
    kept.write_bytes(b"no library")
    native._library.cache_clear()
    assert native.library() is not None


def test_the_switch_and_a_missing_or_failing_compiler_lead_to_python(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = parse(reconvergent(9))
    monkeypatch.setenv(native.SWITCH, "0")
    assert native.library() is None
    assert isinstance(Simulator(network)._pipelined._core, InterpretedCore)
    monkeypatch.delenv(native.SWITCH)
    monkeypatch.setattr(native, "FLAGS", ("--no-such-flag",))
    assert native.library() is None
    native._library.cache_clear()
    monkeypatch.setenv("PATH", "")
    assert native.library() is None
    assert isinstance(Simulator(network)._pipelined._core, InterpretedCore)
    assert not cache.exists() or list(cache.iterdir()) == []


def test_a_library_that_must_be_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(native.SWITCH, "0")
    with pytest.raises(UserError) as error:
        Simulator(parse(reconvergent(9)), compiled=True)
    assert str(error.value) == (
        "the compiled simulation is not available; expected a working g++\n"
        "hint: install g++, unset INRARCH_NATIVE, or leave the choice to the simulator (compiled=None)"
    )


def test_the_source_compiles_without_warnings(tmp_path: Path) -> None:
    output = tmp_path / "simulate.so"
    flags = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
    done = subprocess.run(
        [gxx.TOOL.find(), *native.FLAGS, *flags, "-o", output, SOURCE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("compiled", [None, False])
def test_times_of_all_accesses(compiled: bool | None) -> None:
    network = {
        "streams": [{"name": "s", "bits": 8}],
        "processes": [
            {"name": "fast", "schedule": [repeat(200, 1, {"at": 0, "write": "s"})]},
            {"name": "slow", "schedule": [repeat(200, 4, {"at": 0, "read": "s"})]},
        ],
    }
    simulator = Simulator(parse(network), compiled=compiled)
    writes, reads = simulator.times({"s": 2})["s"]
    assert reads.tolist() == [4 * k + 1 for k in range(200)]
    assert writes.tolist() == [0, 1] + [4 * k + 2 for k in range(198)]
    writes, reads = simulator.times(None)["s"]
    assert writes.tolist() == list(range(200))
    assert reads.tolist() == [4 * k + 2 for k in range(200)]


def test_times_of_too_many_accesses_are_refused() -> None:
    with pytest.raises(UserError) as error:
        Simulator(parse(reconvergent(9, words=10**9))).times(None)
    assert str(error.value) == (
        "the network makes 6,000,000,000 accesses, too many to keep the time of each; expected at most 100,000,000\n"
        "hint: describe fewer rows"
    )


@pytest.mark.parametrize("compiled", [None, False])
def test_times_agree_with_the_figures(compiled: bool | None) -> None:
    for seed in range(60):
        network = parse(random_network(seed))
        simulator = Simulator(network, compiled=compiled)
        depths = dict.fromkeys(network.words, 2)
        run, times = simulator.run(depths), simulator.times(depths)
        assert run.accesses == sum(len(writes) + len(reads) for writes, reads in times.values())
        for stream, (writes, reads) in times.items():
            held = np.arange(1, len(writes) + 1) - np.searchsorted(reads, writes, side="left")
            assert held.max(initial=0) == run.high_water[stream]
            assert (writes[: len(reads)] <= reads).all()
