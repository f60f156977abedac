"""The executor `slurm` with stand-ins for Slurm's commands on PATH: they run the job at once, on this machine."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from pathlib import Path

import pytest

from tests.engine.executors.overlap import most, write_recording_stage
from tests.engine.test_stopping import wait_until_gone
from tests.engine.toy import Toy, end

FAKE = f"""#!{sys.executable}
import json, os, signal, subprocess, sys
folder = os.path.dirname(os.path.abspath(__file__))
program = os.path.basename(sys.argv[0])
options = [word for word in sys.argv[1:] if word.startswith("--")]
given = dict(word[2:].split("=", 1) if "=" in word else (word[2:], "") for word in options)
command = sys.argv[1 + len(options):]
with open(os.path.join(folder, "calls.txt"), "a") as stream:
    stream.write(json.dumps([program, given, command]) + "\\n")
jobs = os.path.join(folder, "jobs")
os.makedirs(jobs, exist_ok=True)
if program == "scancel":
    os.killpg(int(open(os.path.join(jobs, given["name"])).read()), signal.SIGTERM)
    sys.exit()
if "4096" in given["mem"]:
    sys.exit(program + ": error: Memory specification can not be satisfied")
output = open(os.path.join(given["chdir"], given["output"]), "ab") if "output" in given else None
if program == "sbatch":
    print("Submitted batch job 7", flush=True)
    command = ["sh", *command]  # Slurm copies the script to the node
# A job is no child of the command that submits it: it does not end with it.
job = subprocess.Popen(command, cwd=given.get("chdir", "/"), stdout=output, stderr=output, start_new_session=True)
with open(os.path.join(jobs, given["job-name"]), "w") as stream:
    stream.write(str(job.pid))
sys.exit(job.wait() % 256)
"""


@pytest.fixture
def slurm(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> Toy:
    folder = toy.root / "fake"
    folder.mkdir()
    for name in ("srun", "sbatch", "scancel"):
        (folder / name).write_text(FAKE)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    use(toy)
    return toy


def use(
    toy: Toy, *, command: str = "srun", staged: bool = False, arguments: tuple[str, ...] = (), **more: object
) -> None:
    options = {"slurm": {"command": command, "arguments": arguments, "python": None}}
    toy.write_workspace(jobs=None, executor={"name": "slurm", "staged": staged, "options": options}, **more)


def calls(toy: Toy, program: str) -> list[tuple[dict[str, str], list[str]]]:
    lines = [json.loads(line) for line in (toy.root / "fake" / "calls.txt").read_text().splitlines()]
    return [(given, command) for name, given, command in lines if name == program]


def digests(toy: Toy) -> dict[str, list[str]]:
    found = {}
    for link in filter(Path.is_symlink, sorted((toy.root / "build").glob("p/v/*"))):
        record = json.loads((link.resolve().parent / "record.json").read_text())
        found[link.name] = [record["fingerprint"], record["payload"]["digest"]]
    return found


def test_every_way_through_slurm_makes_what_a_local_build_makes(slurm: Toy) -> None:
    slurm.doit("build", "--executor", "local")
    expected = digests(slurm)
    assert len(expected) == 3
    for command, staged in (("srun", False), ("srun", True), ("sbatch", False)):
        slurm.doit("clean")
        slurm.runs()
        use(slurm, command=command, staged=staged)
        slurm.doit("build")
        assert slurm.runs() == ["first", "second", "third"]
        assert digests(slurm) == expected
        assert len(calls(slurm, command)) == 3 + 3 * staged
        log = slurm.payload("first").resolve().parent / "log.txt"
        assert log.read_text() == "the first stage says hello\n"


def test_needs_become_options_of_the_job(slurm: Toy) -> None:
    needs = {"cores": 3, "memory_mb": 700, "licences": {"vivado": 2, "vitis_hls": 1}}
    use(slurm, arguments=("--partition=fpga", "--time=60"), stages={"second": needs})
    slurm.doit("build", "--until", "second")
    (first, _), (given, command) = calls(slurm, "srun")
    assert given.pop("job-name").startswith("inrarch-second-")
    folder = given["chdir"]
    assert given == {
        "ntasks": "1",
        "cpus-per-task": "3",
        "mem": "700M",
        "licenses": "vitis_hls:1,vivado:2",
        "quiet": "",
        "chdir": folder,
        "partition": "fpga",
        "time": "60",
    }
    assert command == [sys.executable, "-m", "inrarch", "step", f"{folder}/step.json"]
    assert "licenses" not in first
    assert first["mem"] == "512M"


def test_a_staged_run_names_no_folder_of_the_machine_that_builds(slurm: Toy) -> None:
    use(slurm, staged=True)
    slurm.doit("build")
    for given, command in calls(slurm, "srun"):
        assert command == [sys.executable, "-m", "inrarch", "step", "-"]
        assert str(slurm.root) not in shlex.join(given.values())


@pytest.mark.parametrize("command", ["srun", "sbatch"])
def test_a_job_that_slurm_refuses_shows_what_slurm_says(slurm: Toy, command: str) -> None:
    use(slurm, command=command, stages={"second": {"memory_mb": 4096}})
    output = slurm.doit("build", code=1)
    assert "p@v:second  FAILED" in output
    assert f"{command}: error: Memory specification can not be satisfied" in output
    assert slurm.runs() == ["first"]


@pytest.mark.parametrize(("command", "staged"), [("srun", False), ("srun", True), ("sbatch", False)])
def test_a_stage_that_fails_there_is_told_as_one_that_fails_here(slurm: Toy, command: str, staged: bool) -> None:
    use(slurm, command=command, staged=staged)
    slurm.write_variants(("p", "v", {"fail": "second"}))
    output = slurm.doit("build", code=1)
    assert "the second stage says hello" in output
    assert "model: node 'x': the number is odd; expected an even one" in output


@pytest.mark.parametrize("command", ["srun", "sbatch"])
def test_ctrl_c_cancels_the_jobs_of_the_build_by_name(slurm: Toy, command: str) -> None:
    use(slurm, command=command)
    slurm.delay("second", 60)
    build = slurm.start("build")
    slurm.wait_for_run("second")
    assert "stopped; what has finished is kept" in end(build, signal.SIGINT)
    wait_until_gone(str(slurm.root))
    submitted = [given["job-name"] for given, _ in calls(slurm, command)]
    assert [given["name"] for given, _ in calls(slurm, "scancel")] == submitted[-1:]


def test_n_bounds_the_jobs_in_the_queue(slurm: Toy) -> None:
    write_recording_stage(slurm, "second", ("first",), ("scale",), 1.0)
    slurm.write_variants(*(("p", f"v{index}", {"scale": index}) for index in range(4)))
    slurm.doit("build", "-n", "2", "--until", "second")
    assert most(slurm, "second") == 2


def test_staged_with_sbatch_is_refused(slurm: Toy) -> None:
    use(slurm, command="sbatch", staged=True)
    assert slurm.doit("build", code=3) == (
        "ERROR: executor.staged does not work with sbatch; expected executor.slurm.command: srun\n"
        "hint: sbatch brings no result back; with a common file system use `staged: false`\n"
    )


def test_without_slurm_the_message_says_so(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(toy)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert toy.doit("build", code=3) == (
        "ERROR: srun is not installed, so stages cannot run with executor 'slurm'\n"
        "hint: build where jobs can be submitted, or use `--executor local`\n"
    )
