"""The whole engine through doit's command line, on a toy pipeline (toy.py)."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from pathlib import Path

import jsonschema

from inrarch.resources import data_folder
from tests.engine.toy import Toy

LINE = r"(?m)^p@v:{} +\d+\.\d s \({}\): \d+ characters$"


def ran(output: str, stage: str, reason: str) -> bool:
    return re.search(LINE.format(stage, reason), output) is not None


def test_a_first_build_runs_everything_and_a_second_one_nothing(toy: Toy) -> None:
    output = toy.doit("build")
    assert toy.runs() == ["first", "second", "third"]
    assert all(ran(output, stage, "not built yet") for stage in ("first", "second", "third"))
    assert re.search(r"(?m)^p@v: 3 stages: 3 ran \(\d+\.\d s\)$", output)
    assert re.match(r"p@v: up to date \(3 stages\)\n1 variant in \d\.\d s\n$", toy.doit("build"))
    assert toy.runs() == []


def test_a_bare_doit_builds(toy: Toy) -> None:
    toy.doit()
    assert toy.runs() == ["first", "second", "third"]


def test_the_artefact_has_payload_record_and_log(toy: Toy) -> None:
    toy.doit("build")
    artefact = toy.payload("second").resolve().parent
    assert sorted(path.name for path in artefact.iterdir()) == ["log.txt", "payload", "record.json"]
    assert (artefact / "log.txt").read_text() == "the second stage says hello\n"
    record = json.loads((artefact / "record.json").read_text())
    jsonschema.Draft7Validator(json.loads((data_folder("schemas") / "record.schema.json").read_text())).validate(record)
    assert record["fingerprint"] == artefact.name
    assert record["provenance"]["job"] == "p@v:second"
    assert record["provenance"]["summary"] == "3 characters"
    assert record["ingredients"]["settings"] == {"scale": 1}
    assert "toy/second.py" in record["ingredients"]["code"]
    assert not os.path.isabs(os.readlink(toy.payload("second")))
    assert list((toy.root / "build" / ".tmp").iterdir()) == []


def test_fingerprints_do_not_depend_on_the_place(toy: Toy, tmp_path: Path) -> None:
    toy.doit("build")
    names = {path.name for path in (toy.root / "build" / ".store").iterdir()}
    moved = Toy(tmp_path.with_name(f"{tmp_path.name}-moved"))
    toy.root.rename(moved.root)
    moved.runs()
    moved.doit("build")
    assert moved.runs() == []
    for path in list((moved.root / "build").iterdir()):
        if path.is_file():
            path.unlink()
    moved.doit("build")
    assert moved.runs() == []
    assert {path.name for path in (moved.root / "build" / ".store").iterdir()} == names


def test_only_stages_that_read_a_changed_key_run_and_the_line_names_it(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    toy.runs()
    output = toy.doit("build")
    assert toy.runs() == ["third"]
    assert ran(output, "third", 'board: "u50" -> "u280"')
    assert "p@v: 3 stages: 1 ran, 2 up to date" in output


def test_going_back_to_an_earlier_setting_runs_nothing(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u50"}))
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []


def test_a_stage_that_gives_the_same_bytes_again_causes_no_more_work(toy: Toy) -> None:
    toy.doit("build")
    toy.runs()
    toy.write_stage("first", files='{"model": variant.folder / "input.txt"}', body="# a comment")
    output = toy.doit("build")
    assert toy.runs() == ["first"]
    assert ran(output, "first", "code toy/first.py changed")


def test_an_edit_that_keeps_size_and_mtime_is_seen(toy: Toy) -> None:
    toy.doit("build")
    path = toy.root / "input.txt"
    status = path.stat()
    path.write_text("two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    toy.runs()
    output = toy.doit("build")
    assert toy.runs() == ["first", "second", "third"]
    assert ran(output, "first", "file model changed")
    assert ran(output, "second", "input first changed")


def test_a_hand_edited_artefact_is_built_again(toy: Toy) -> None:
    toy.doit("build")
    (toy.payload("second") / "out.txt").write_text("xxx")
    toy.runs()
    output = toy.doit("build")
    assert toy.runs() == ["second"]
    assert ran(output, "second", r"the artefact was damaged \(out.txt\)")


def test_an_input_edited_while_its_stage_runs_is_not_recorded(toy: Toy) -> None:
    body = 'if text == "one": work.files["model"].write_text("new")'
    toy.write_stage("first", files='{"model": variant.folder / "input.txt"}', body=body)
    output = toy.doit("build", code=1)
    assert (
        "p@v:first: file model changed while the stage ran, so its result was not kept\n    hint: build again" in output
    )
    assert not toy.payload("first").exists()
    assert not (toy.root / "build" / ".store").exists()
    assert toy.runs() == ["first"]
    toy.doit("build")


def test_code_edited_while_its_stage_runs_is_not_recorded(toy: Toy) -> None:
    body = 'Path(__file__).write_text(Path(__file__).read_text() + "# more")'
    toy.write_stage("first", body=body)
    assert "code toy/first.py changed while the stage ran" in toy.doit("build", code=1)


def test_a_failure_shows_the_log_its_place_and_how_to_repeat_the_stage(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u50", "fail": "second"}))
    toy.runs()
    output = toy.doit("build", code=1)
    assert toy.runs() == ["first", "second"]
    folder = "build/.failed/p/v/second"
    assert re.search(r'(?m)^p@v:second  FAILED after \d+\.\d s \(fail: \(none\) -> "second"\)$', output)
    assert "    model: node 'x': the number is odd; expected an even one\n    hint: use 2\n" in output
    assert f"    log: {folder}/log.txt\n" in output
    assert f" -m inrarch step {folder}/step.json\n" in output.partition("\n    repeat just this stage: ")[2]
    assert "p@v: 3 stages: 1 ran, 1 failed, 1 not run" in output
    assert "Traceback" not in output
    assert not toy.payload("second").exists()
    assert not toy.payload("third").exists()


def test_the_printed_command_repeats_just_that_stage(toy: Toy) -> None:
    import subprocess

    toy.write_variants(("p", "v", {"fail": "second"}))
    output = toy.doit("build", code=1)
    command = output.partition("repeat just this stage: ")[2].splitlines()[0]
    toy.runs()
    for _ in range(2):
        ended = subprocess.run(
            command, shell=True, cwd=toy.root, env=toy.environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 1
        assert ended.stderr == "model: node 'x': the number is odd; expected an even one\nhint: use 2\n"
    assert toy.runs() == ["second", "second"]


def test_after_a_repair_only_what_is_missing_runs(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50", "fail": "second"}))
    toy.doit("build", code=1)
    toy.write_variants(("p", "v", {"scale": 1, "board": "u50"}))
    toy.runs()
    toy.doit("build")
    assert toy.runs() == []
    assert toy.payload("third").exists()


def test_a_crash_is_told_as_a_fault_of_the_program(toy: Toy) -> None:
    toy.write_variants(("p", "v", {"crash": "second"}))
    output = toy.doit("build", code=2)
    assert "RuntimeError: a bug" in output
    assert "the stage failed with exit code 2: a fault of inrarch or of a tool, not of the project" in output
    assert "p@v:second  FAILED" in toy.doit("build", code=2)


def test_other_variants_go_on_after_a_failure_unless_told_not_to(toy: Toy) -> None:
    toy.write_variants(("a", "v", {"fail": "first"}), ("b", "v", {"scale": 3}))
    output = toy.doit("build", code=1)
    assert "a@v: 3 stages: 1 failed, 2 not run" in output
    assert "b@v: 3 stages: 3 ran" in output
    toy.doit("clean")
    assert "b@v: 3 stages: 3 not run" in toy.doit("build", "--no-continue", "-n", "1", code=1)


def test_equal_stages_of_variants_run_once_and_are_shared(toy: Toy) -> None:
    variants = [("p", f"v{index}", {"scale": 1, "board": f"board{index % 2}"}) for index in range(4)]
    toy.write_variants(*variants)
    toy.delay("first", 0.2)
    output = toy.doit("build", "-n", "4")
    assert sorted(toy.runs()) == ["first", "second", "third", "third"]
    assert len({os.readlink(toy.payload("first", f"p/v{index}")) for index in range(4)}) == 1
    assert re.search(r"p@v3: 3 stages: (up to date|\d ran)|p@v3: up to date", output)
    assert "4 variants in" in output


def test_a_fault_of_the_engine_is_told_as_one(toy: Toy) -> None:
    path = toy.root / "toy" / "second.py"
    path.write_text(path.read_text().replace("settings=lambda variant:", "settings=lambda variant: 1 / 0 or"))
    output = toy.doit("build", code=2)
    assert "p@v:second  FAILED, a fault of inrarch:" in output
    assert "ZeroDivisionError" in output
    assert "p@v: 3 stages: 1 ran, 2 not run" in output


def test_a_build_goes_on_when_nobody_reads_its_output(toy: Toy) -> None:
    build = toy.start("build")
    assert build.stdout is not None
    build.stdout.close()
    build.wait(20)
    assert toy.runs() == ["first", "second", "third"]


def test_losing_or_damaging_the_databases_loses_no_result(toy: Toy) -> None:
    toy.doit("build")
    toy.runs()
    for name in (".doit.db", ".digests.db"):
        (toy.root / "build" / name).write_bytes(b"garbage, and enough of it to be read as a header" * 50)
    toy.doit("build")
    assert toy.runs() == []
    connection = sqlite3.connect(toy.root / "build" / ".digests.db")
    assert connection.execute("SELECT count(*) FROM files").fetchone()[0] > 0


def test_a_stale_result_is_not_shown_when_its_inputs_have_changed(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 2, "board": "u50"}))
    toy.write_stage("second", ("first",), ("scale",), body='text += str(work.settings["scale"])')
    toy.doit("build", "--until", "second")
    assert toy.payload("second").exists()
    assert not toy.payload("third").exists()
    assert ran(toy.doit("build"), "third", "input second changed")


def test_a_read_only_build_directory_is_a_clear_error(toy: Toy) -> None:
    (toy.root / "build").write_text("a file")
    output = toy.doit("build", code=3)
    assert output.startswith("ERROR: ")
    assert "cannot be written" in output
    assert "set `build:` in inrarch.yaml to another folder" in output


def test_a_missing_input_file_fails_the_stage_that_reads_it(toy: Toy) -> None:
    (toy.root / "input.txt").unlink()
    output = toy.doit("build", code=1)
    assert f"p@v:first  FAILED\n    {toy.root}/input.txt: cannot be read: No such file or directory\n" in output
