"""The executor `dask` on real clusters of several worker processes."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inrarch.stages import stages
from tests.engine.executors.overlap import most, write_recording_stage
from tests.engine.test_stopping import processes_naming, wait_until_gone
from tests.engine.toy import Toy, end
from tests.workspace import make_workspace

distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")

VARIANTS = tuple(("p", f"v{index}", {"scale": index, "board": f"b{index % 2}"}) for index in range(3))
SCALED = '    text += str(work.settings["scale"])'

WORKER = "int(Path(f'/proc/{os.getppid()}/stat').read_text().rpartition(')')[2].split()[1])"
"""The process of the worker, as a stage finds it: the parent of its guard."""

DIES_ONCE = f"""
    mark = Path(os.environ["TOY_RUNS"] + ".worker")
    if not mark.exists():
        mark.with_suffix(".new").write_text(str({WORKER}))
        mark.with_suffix(".new").rename(mark)
        time.sleep(60)
"""
"""The first run waits to be killed, and tells the process of its worker."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A scheduler and two worker processes, as somebody else has started them."""
    with pytest.MonkeyPatch.context() as patch:
        # Stages get the environment of their worker; the toys' packages and records are given by the tests.
        patch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
        with distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit=0,
            resources={"cores": 1, "memory_mb": 1000},
            dashboard_address=None,
            silence_logs=50,
        ) as running:
            yield running


@pytest.fixture
def on_cluster(cluster: Any, toy: Toy) -> Toy:
    """A toy workspace whose stages run on the cluster; its workers know the toy's package and files."""
    set_environment(cluster, PYTHONPATH=str(toy.root), TOY_RUNS=str(toy.root / "runs.txt"))
    use(toy, address=cluster.scheduler_address)
    return toy


def set_environment(cluster: Any, **variables: str) -> None:
    """Set variables of every worker; waits until there are two (the nanny starts a dead one again)."""
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=30)
        client.run(exec, f"import os; os.environ.update({variables!r})")


def use(toy: Toy, *, address: str | None = None, staged: bool = False, workers: int = 2, **more: object) -> None:
    options = {"dask": {"address": address, "workers": workers, "timeout_s": 30}}
    toy.write_workspace(jobs=None, executor={"name": "dask", "staged": staged, "options": options}, **more)


def digests(toy: Toy) -> dict[str, tuple[str, str]]:
    """Fingerprint and digest of every result that is shown, by place."""
    found = {}
    for link in filter(Path.is_symlink, sorted((toy.root / "build").glob("p/*/*"))):
        record = json.loads((link.resolve().parent / "record.json").read_text())
        found[str(link.relative_to(toy.root))] = (record["fingerprint"], record["payload"]["digest"])
    return found


def wait_for_file(path: Path) -> str:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path.read_text()


def matrix(toy: Toy) -> None:
    toy.write_stage("second", ("first",), ("scale",), body=SCALED.strip())
    toy.write_variants(*VARIANTS)


@pytest.fixture
def local_digests(toy: Toy) -> dict[str, tuple[str, str]]:
    """What a local build of the matrix makes; its results are removed again."""
    matrix(toy)
    toy.doit("build", "--executor", "local")
    found = digests(toy)
    assert len(found) == 9
    assert len({digest for _, digest in found.values()}) == 7
    toy.doit("clean")
    toy.runs()
    return found


@pytest.mark.parametrize("staged", [False, True])
def test_results_and_fingerprints_are_those_of_a_local_build(
    local_digests: dict[str, tuple[str, str]], on_cluster: Toy, cluster: Any, staged: bool
) -> None:
    use(on_cluster, address=cluster.scheduler_address, staged=staged)
    on_cluster.doit("build")
    assert digests(on_cluster) == local_digests
    assert sorted(on_cluster.runs()) == ["first", *["second"] * 3, *["third"] * 3]
    assert "up to date" in on_cluster.doit("build", "--executor", "local")
    assert on_cluster.runs() == []


def test_a_cluster_of_our_own_needs_no_scheduler_and_leaves_nothing_behind(
    local_digests: dict[str, tuple[str, str]], toy: Toy
) -> None:
    use(toy, workers=3)
    build = toy.start("build")
    output, _ = build.communicate(timeout=120)
    assert build.returncode == 0, output
    assert digests(toy) == local_digests
    assert not [pid for pid in processes_naming("multiprocessing") if _group(pid) == build.pid]


@pytest.mark.parametrize("staged", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_stage_survives_the_death_of_its_worker(
    local_digests: dict[str, tuple[str, str]], toy: Toy, staged: bool
) -> None:
    use(toy, staged=staged)
    toy.write_stage("second", ("first",), ("scale",), body=f"{DIES_ONCE.strip()}\n{SCALED}")
    build = toy.start("build")
    os.kill(int(wait_for_file(toy.root / "runs.txt.worker")), signal.SIGKILL)
    output, _ = build.communicate(timeout=60)
    assert build.returncode == 0, output
    assert sorted(toy.runs()) == ["first", *["second"] * 4, *["third"] * 3]
    # The code of `second` is another one here, what it makes is not.
    assert {key: digest for key, (_, digest) in digests(toy).items()} == {
        key: digest for key, (_, digest) in local_digests.items()
    }
    wait_until_gone(str(toy.root))


@pytest.mark.slow
def test_the_real_pipeline_gives_the_same_bytes_on_two_workers_without_a_common_file_system(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)

    def build(config: str) -> dict[str, str]:
        (workspace.root / "inrarch.yaml").write_text(config)
        ran = workspace.inrarch("build")
        assert ran.code == 0, ran.text
        assert len(workspace.ran(ran.text)) == len(stages())
        folder = workspace.root / ("there" if "there" in config else "here")
        links = filter(Path.is_symlink, folder.glob("net/default/*"))
        records = {link.name: link.resolve().parent / "record.json" for link in links}
        return {name: json.loads(path.read_text())["payload"]["digest"] for name, path in records.items()}

    here = build("build: here")
    assert here == build("{build: there, executor: {name: dask, staged: true, dask: {workers: 2}}}")


@pytest.mark.slow
def test_a_stage_that_kills_every_worker_is_given_up(toy: Toy) -> None:
    use(toy)
    toy.write_stage("second", ("first",), body=f"os.kill({WORKER}, 9); time.sleep(60)")
    output = toy.doit("build", code=2)
    assert "p@v:second  FAILED" in output
    assert "every Dask worker that ran the stage died (tcp://127.0.0.1:" in output
    assert "hint: if memory ran out, raise `stages.second.memory_mb` in inrarch.yaml" in output
    assert "third" not in toy.runs()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL]
)
def test_a_build_that_stops_takes_its_stages_on_the_cluster_with_it(on_cluster: Toy, number: signal.Signals) -> None:
    on_cluster.delay("second", 60)
    build = on_cluster.start("build")
    on_cluster.wait_for_run("second")
    end(build, number)
    assert build.returncode == (-9 if number == signal.SIGKILL else 128 + number)
    wait_until_gone(str(on_cluster.root))
    on_cluster.delay("second", None)
    on_cluster.runs()
    on_cluster.doit("build")
    assert on_cluster.runs() == ["second", "third"]


def test_ctrl_c_in_a_terminal_reaches_our_own_workers_too_and_nothing_is_left(toy: Toy) -> None:
    use(toy, workers=2)
    toy.delay("second", 60)
    build = toy.start("build")
    toy.wait_for_run("second")
    os.killpg(build.pid, signal.SIGINT)  # a terminal sends it to all processes of the build
    output = build.communicate(timeout=30)[0]
    assert output.endswith("stopped; what has finished is kept, the next build goes on from there\n")
    assert "Traceback" not in output
    assert build.returncode == 130
    wait_until_gone(str(toy.root))
    assert not [pid for pid in processes_naming("multiprocessing") if _group(pid) == build.pid]


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def test_resources_of_the_workers_hold_stages_back(toy: Toy) -> None:
    write_recording_stage(toy, "second", ("first",), ("scale",), 0.4)
    toy.write_variants(*VARIANTS)
    use(toy, workers=1, resources={"cores": 3, "memory_mb": 1000}, stages={"second": {"memory_mb": 600}})
    toy.doit("build")
    assert most(toy, "second") == 1


def test_licences_are_counted_by_the_build(on_cluster: Toy, cluster: Any) -> None:
    write_recording_stage(on_cluster, "second", ("first",), ("scale",), 0.4)
    on_cluster.write_variants(*VARIANTS)
    licences = {"licences": {"hls": 1}}
    use(on_cluster, address=cluster.scheduler_address, resources=licences, stages={"second": licences})
    on_cluster.doit("build")
    assert most(on_cluster, "second") == 1


def test_a_stage_bigger_than_every_worker_is_refused_before_anything_runs(on_cluster: Toy, cluster: Any) -> None:
    use(on_cluster, address=cluster.scheduler_address, stages={"third": {"memory_mb": 1200}})
    assert on_cluster.doit("build", code=3) == (
        "ERROR: stage 'third' needs memory_mb 1200, but no Dask worker has more than 1000\n"
        "hint: lower `stages.third.memory_mb` in inrarch.yaml, or start a worker that has more\n"
    )
    assert on_cluster.runs() == []


def test_a_failure_shows_the_log_that_was_written_at_the_worker(on_cluster: Toy, cluster: Any) -> None:
    use(on_cluster, address=cluster.scheduler_address, staged=True)
    on_cluster.write_variants(("p", "v", {"fail": "second"}))
    output = on_cluster.doit("build", code=1)
    assert "the second stage says hello" in output
    assert "the number is odd" in output
    folder = on_cluster.root / "build/.failed/p/v/second"
    assert json.loads((folder / "step.json").read_text())["inputs"]["first"].startswith(str(on_cluster.root / "build"))


def test_a_worker_with_other_code_refuses_to_run(on_cluster: Toy, cluster: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "toy").mkdir(parents=True)
    for file in (on_cluster.root / "toy").glob("*.py"):
        (other / "toy" / file.name).write_text(file.read_text() + ("# newer\n" if file.name == "first.py" else ""))
    set_environment(cluster, PYTHONPATH=str(other))
    output = on_cluster.doit("build", code=2)
    assert "this machine cannot make what was asked for: it differs from the one that builds" in output
    assert "    code toy/first.py changed" in output
    assert on_cluster.runs() == []


def test_a_scheduler_that_does_not_answer_is_told(toy: Toy) -> None:
    toy.write_workspace(
        executor={"name": "dask", "options": {"dask": {"address": "tcp://127.0.0.1:9", "timeout_s": 1}}}
    )
    assert toy.doit("build", code=3) == (
        "ERROR: no Dask cluster with a worker answers at tcp://127.0.0.1:9 within 1 s\n"
        "hint: `executor.dask.address` in inrarch.yaml names its scheduler; null starts a cluster here\n"
    )


def test_without_the_library_the_message_names_the_extra(toy: Toy) -> None:
    (toy.root / "distributed.py").write_text("raise ImportError")
    use(toy)
    assert toy.doit("build", code=3) == (
        "ERROR: executor 'dask' needs the library distributed, which is not installed\n"
        "hint: pip install 'inrarch[dask]'\n"
    )
