"""cosim: equal words, exact cycles and full FIFOs are reported; differences are located, deadlocks named."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from inrarch.errors import REPORT_IT, UserError
from inrarch.hardware.cosim import models, waveform
from inrarch.hardware.cosim import run as run_module
from inrarch.hardware.rtl.description import Description
from inrarch.resources import data_folder
from inrarch.stages import cosim
from tests.hardware.cosim.artefacts import BLOCK, POINTS, ROWS, write_artefacts
from tests.hardware.stage_inputs import stage_run

SETTINGS: dict[str, Any] = {"rows": 1000, "stalls": 0.3, "waveform": False, "seed": 1}
DEEP = {"short": BLOCK + 2}


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_artefacts(tmp_path_factory.mktemp("design"), DEEP)


def run(folder: Path, artefacts: dict[str, Path], **settings: Any) -> tuple[dict[str, Any], str]:
    """The report, which satisfies its schema, and the summary."""
    step = stage_run(folder, artefacts, SETTINGS | settings)
    summary = cosim.run(step)
    report = json.loads((step.output / "report.json").read_text(encoding="utf-8"))
    schema = json.loads((data_folder("schemas") / "cosim.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(report)
    return report, summary


def copied(folder: Path, artefacts: dict[str, Path], stage: str) -> dict[str, Path]:
    """The same artefacts with a copy of one that a test may damage."""
    shutil.copytree(artefacts[stage], folder / stage)
    return artefacts | {stage: folder / stage}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def module_of(folder: Path, kernel: str) -> Path:
    (found,) = (folder / "src" / "modules").glob(f"{kernel}_*.sv")
    return found


def test_words_cycles_and_fifos_of_both_runs_are_as_predicted(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    report, summary = run(tmp_path, artefacts)
    cycles = json.loads((artefacts["fifo"] / "depths.json").read_text())["cycles"]
    assert (report["equal"], report["exact"]) == (True, True)
    assert (report["rows"], report["invocations"], report["modules"]) == (POINTS, 3, 5)
    assert report["cycles"] == {"predicted": cycles, "measured": cycles}
    free, stalled = report["runs"]
    assert (free["stalls"], stalled["stalls"]) == (0.0, 0.3)
    for each in (free, stalled):
        assert (each["words"], each["mismatches"], each["last_errors"]) == (POINTS, 0, 0)
        assert (each["first_mismatches"], each["processes"], each["streams"]) == ([], {}, {})
        assert each["cycles"]["predicted"] == each["cycles"]["measured"] > each["first"]["measured"]
    assert free["first"]["measured"] == cycles < stalled["first"]["measured"]
    assert report["streams"]["stream short"] == {"depth": BLOCK + 2, "high_water": BLOCK + 1}
    assert set(report["tools"]) == {"verilator", "g++"}
    assert summary.startswith(
        f"equal: {2 * POINTS} words of {POINTS} rows, with and without stalls; {cycles} cycles, as predicted; 5 modules"
    )


@pytest.mark.parametrize(("cores", "memory_mb", "expected"), [(64, 8192, 8), (2, 8192, 2), (4, 700, 1)])
def test_no_more_compilers_run_than_memory_holds(
    cores: int, memory_mb: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cosim, "machine_cores", lambda: cores)
    monkeypatch.setattr(cosim, "machine_memory_mb", lambda: memory_mb)
    assert cosim.compilers() == expected


def test_folders_may_have_spaces_and_quotes_in_their_names(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    report, _ = run(tmp_path / 'my "new" \\ design', artefacts, waveform=True)
    assert (report["equal"], report["exact"], report["runs"][1]["words"]) == (True, True, POINTS)


def test_rows_are_whole_invocations(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    report, _ = run(tmp_path, artefacts, rows=ROWS + 1, stalls=0)
    assert (report["rows"], report["invocations"], len(report["runs"])) == (2 * ROWS, 2, 1)
    assert report["runs"][0]["words"] == 2 * ROWS


def test_the_same_inputs_give_the_same_bytes_and_compile_nothing_again(
    tmp_path: Path, artefacts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "a", artefacts)
    monkeypatch.setattr(models, "compile_object", None)
    run(tmp_path / "b", artefacts)
    first, second = ((tmp_path / name / "output" / "report.json").read_bytes() for name in "ab")
    assert first == second


def test_a_difference_from_the_bit_true_model_is_located(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts, "hls")
    path = damaged["hls"] / "data" / "expected.bin"
    words = np.fromfile(path, dtype="<i4")
    right = int(words[21])
    words[21] ^= 4
    words.tofile(path)
    report, summary = run(tmp_path / "run", damaged, stalls=0)
    assert (report["equal"], report["exact"]) == (False, True)
    assert report["runs"][0]["mismatches"] == 1
    mismatch = {"row": 21, "output": "y", "feature": 0, "found": right, "expected": right ^ 4}
    assert report["runs"][0]["first_mismatches"] == [mismatch]
    assert summary.startswith("DIFFERENT: ")


@pytest.mark.parametrize(("inputs", "answers"), [(40, 20), (0, 0), (40, 0)])
def test_rows_without_an_answer_are_not_passed_over(
    inputs: int, answers: int, tmp_path: Path, artefacts: dict[str, Path]
) -> None:
    damaged = copied(tmp_path, artefacts, "hls")
    data = damaged["hls"] / "data"
    for name, rows in (("inputs.bin", inputs), ("expected.bin", answers)):
        (data / name).write_bytes((data / name).read_bytes()[: 4 * rows])
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    assert caught.value.text() == (
        f"{data}: there are answers to {answers} rows; expected {max(inputs, 1)}, as many as `inputs.bin` has\n"
        "hint: build the stage `hls` again"
    )


def test_a_wrong_end_of_the_invocation_is_counted(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts, "rtl")
    edit(module_of(damaged["rtl"], "sink"), f".TOKENS({ROWS})", f".TOKENS({ROWS // 2})")
    report, _ = run(tmp_path / "run", damaged, stalls=0)
    assert report["equal"] is False
    assert (report["runs"][0]["mismatches"], report["runs"][0]["last_errors"]) == (0, 3)


def test_a_word_too_many_inside_of_the_design_is_found_with_rows_of_one_invocation(
    tmp_path: Path, artefacts: dict[str, Path]
) -> None:
    damaged = copied(tmp_path, artefacts, "rtl")
    edit(module_of(damaged["rtl"], "sum"), "stage == COUNT + LATENCY - 1", "stage == COUNT + LATENCY")
    report, _ = run(tmp_path / "run", damaged, rows=1, stalls=0)
    assert report["invocations"] == 2
    assert (report["equal"], report["exact"]) == (False, False)


def test_rtl_that_is_a_cycle_late_is_found_and_named(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts, "rtl")
    edit(module_of(damaged["rtl"], "sum"), "LATENCY = 3", "LATENCY = 4")
    report, summary = run(tmp_path / "run", damaged, stalls=0)
    assert (report["equal"], report["exact"]) == (True, False)
    late = report["runs"][0]["processes"]
    assert "the sum" in late
    assert all(each["measured"] > each["predicted"] for each in late.values())
    assert report["cycles"]["measured"] == report["cycles"]["predicted"] + 1
    assert "NOT as predicted" in summary


def test_cycles_other_than_those_of_the_fifo_stage_are_not_exact(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts, "fifo")
    place = damaged["fifo"] / "depths.json"
    depths = json.loads(place.read_text())
    place.write_text(json.dumps(depths | {"cycles": depths["cycles"] - 1}))
    report, _ = run(tmp_path / "run", damaged, stalls=0)
    assert (report["equal"], report["exact"]) == (True, False)
    assert report["cycles"]["measured"] == report["cycles"]["predicted"] + 1


def test_a_deadlock_names_processes_and_streams(tmp_path: Path) -> None:
    artefacts = write_artefacts(tmp_path, {})
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", artefacts)
    assert caught.value.text() == (
        "the RTL deadlocks: every process that is left waits for another\n"
        "process 'the source' waits to write to stream 'stream in' (2 of 2 words)\n"
        "process 'the fork' waits to write to stream 'stream short' (2 of 2 words)\n"
        "process 'the block' waits to read stream 'stream long' (0 of 2 words)\n"
        "process 'the sum' waits to read stream 'stream blocks' (0 of 2 words)\n"
        "process 'the sink' waits to read stream 'stream out' (0 of 2 words)\n"
        "hint: deepen one of the full streams; depths from the fifo stage are free of deadlock"
    )
    assert caught.value.exit_code == 1


def test_a_deadlock_that_was_not_predicted_is_a_fault_of_inrarch(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts, "rtl")
    edit(damaged["rtl"] / "rtl.json", f'"depth": {BLOCK + 2}', '"depth": 2')
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    assert "process 'the fork' waits to write to stream 'stream short' (2 of 2 words)" in caught.value.text()
    assert caught.value.text().endswith(f"hint: no deadlock was predicted with these depths: {REPORT_IT}")
    assert caught.value.exit_code == 2


def test_rtl_that_goes_on_where_a_deadlock_was_predicted_is_told(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts, "fifo")
    edit(damaged["fifo"] / "depths.json", f'"stream short": {BLOCK + 2}', '"stream short": 2')
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    assert caught.value.text() == (f"the RTL ends; expected a deadlock, as predicted\nhint: {REPORT_IT}")


def test_rtl_that_never_ends_though_a_deadlock_was_predicted_is_told(
    tmp_path: Path, artefacts: dict[str, Path]
) -> None:
    damaged = copied(tmp_path, copied(tmp_path, artefacts, "fifo"), "rtl")
    edit(damaged["fifo"] / "depths.json", f'"stream short": {BLOCK + 2}', '"stream short": 2')
    idle(damaged["rtl"])
    with pytest.raises(UserError, match=r"not ended after 10,000 cycles; expected a deadlock, as predicted"):
        run(tmp_path / "run", damaged)


def idle(rtl: Path) -> None:
    """Let the sum run and make no access."""
    edit(
        module_of(rtl, "sum"),
        ".read_due({2{stage < COUNT}}), .write_due(stage >= LATENCY)",
        ".read_due(0), .write_due(0)",
    )


def test_rtl_that_never_ends_is_stopped_and_told(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    """A process that runs and makes no access is no deadlock."""
    damaged = copied(tmp_path, artefacts, "rtl")
    idle(damaged["rtl"])
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    text = caught.value.text()
    assert re.search(r"the RTL had not ended after 10,\d\d\d cycles; expected \d\d\d cycles, as predicted", text)
    assert re.search(r"process 'the sum' made its last access in cycle -1, its last one was due by \d+", text)
    assert text.endswith(f"hint: {REPORT_IT}")
    assert caught.value.exit_code == 2


def test_a_harness_that_cannot_write_its_result_is_told(
    tmp_path: Path, artefacts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder in the place of a file does what a full disk does: the file cannot be written."""
    described = run_module._description

    def describe(design: Description, scratch: Path, *given: Any) -> str:
        (scratch / "port1.words").mkdir()
        return described(design, scratch, *given)

    monkeypatch.setattr(run_module, "_description", describe)
    with pytest.raises(UserError) as caught:
        run(tmp_path, artefacts)
    assert re.search(r"harness: cannot write .*run0/port1.words: Is a directory", caught.value.text())
    assert caught.value.exit_code == 2


def test_a_top_that_does_not_end_leaves_no_waveform(
    tmp_path: Path, artefacts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = waveform.simulate

    def late(*given: Any, **named: Any) -> Any:
        return replace(ended(*given, **named), ending="late")

    monkeypatch.setattr(waveform, "simulate", late)
    with pytest.raises(UserError) as caught:
        run(tmp_path, artefacts, waveform=True)
    assert re.fullmatch(
        r"the top in SystemVerilog had not ended after [\d,]+ cycles; "
        r"expected the end of the first invocation, as with FIFOs in C\+\+\n"
        rf"hint: {REPORT_IT}; `verification: {{cosim: {{waveform: false}}}}` does without",
        caught.value.text(),
    )
    assert not (tmp_path / "output" / "wave.fst").exists()


def test_a_fault_in_the_systemverilog_is_shown(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts, "rtl")
    place = module_of(damaged["rtl"], "block")
    edit(place, "logic taken, advance;", "logic taken;")
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    assert "verilator: failed with exit code 1" in caught.value.text()
    assert f"src/modules/{place.name}" in caught.value.text()


def test_the_waveform_shows_the_words_of_the_first_invocation(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    """Read by the library with which Surfer reads it. A cycle is 1 ns; before the clock rises, signals are settled."""
    pywellen = pytest.importorskip("pywellen")
    report, _ = run(tmp_path / "a", artefacts, waveform=True, stalls=0)
    assert report["waveform"] == "wave.fst"
    files = [tmp_path / "a" / "output" / "wave.fst", tmp_path / "b" / "output" / "wave.fst"]
    signals = {
        str(each.full_name).split(".", 1)[1]: each.signal for each in pywellen.Waveform(str(files[0])).all_vars()
    }
    top = "inrarch_monolith.design_under_test.y_t"
    found = []
    for cycle in range(3 + report["cycles"]["measured"]):
        data, valid, ready = (signals[top + name].value_at(1000 * cycle) for name in ("data", "valid", "ready"))
        if int(valid) and int(ready):
            found.append(np.uint32(int(data)).astype(np.int32))
    expected = np.fromfile(artefacts["hls"] / "data" / "expected.bin", dtype="<i4")
    assert found == expected[:ROWS].tolist()
    run(tmp_path / "b", artefacts, waveform=True, stalls=0)
    assert files[0].read_bytes() == files[1].read_bytes()
