"""csim compiles and runs the design; differences are counted, what cannot run gives an error that says where."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from inrarch.errors import UserError
from inrarch.resources import data_folder
from inrarch.stages import csim
from tests.hardware.stage_inputs import run_hls, stage_run


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return run_hls(tmp_path_factory.mktemp("design"))[0]


def run(folder: Path, artefacts: dict[str, Path]) -> tuple[dict[str, Any], str]:
    """The report, which satisfies its schema, and the summary."""
    step = stage_run(folder, artefacts, {})
    summary = csim.run(step)
    report = json.loads((step.output / "report.json").read_text(encoding="utf-8"))
    schema = json.loads((data_folder("schemas") / "csim.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(report)
    return report, summary


def copied(folder: Path, artefacts: dict[str, Path]) -> dict[str, Path]:
    """The same artefacts with a copy of hls that a test may damage."""
    shutil.copytree(artefacts["hls"], folder / "hls")
    return artefacts | {"hls": folder / "hls"}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_equal_words_small_errors_and_full_fifos_are_reported(
    tmp_path: Path, artefacts: dict[str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    report, summary = run(tmp_path, artefacts)
    assert report["equal"] is True
    assert (report["rows"], report["mismatches"], report["first_mismatches"]) == (40, 0, [])
    assert (report["last_errors"], report["left_over"], report["saturations"]) == (0, 0, 0)
    assert list(report["outputs"]) == ["y", "y_d0"]
    for errors in report["outputs"].values():
        assert errors["lsb_errors"] == 0
        assert 0 < errors["rel_l2"] < errors["max_rel"] < 1e-4
    assert list(report["streams"]) == ["s_in__first", "s_first__sine", "s_sine__last", "s_last__out"]
    assert report["streams"]["s_first__sine"] == {"depth": 2, "high_water": 2, "writes": 192}
    assert summary.startswith("equal: 40 rows, no words differ from the bit-true model, largest relative error ")
    assert "warning" not in capfd.readouterr().out


def test_a_difference_from_the_bit_true_model_is_located(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts)
    expected = damaged["hls"] / "data" / "expected.bin"
    words = bytearray(expected.read_bytes())
    words[4 * (2 * 7 + 1)] ^= 1  # row 7, second word
    expected.write_bytes(words)
    report, summary = run(tmp_path / "run", damaged)
    assert report["equal"] is False
    assert summary.startswith("DIFFERENT: 40 rows, 1 words differ from the bit-true model, ")
    (first,) = report["first_mismatches"]
    assert (first["row"], first["output"], first["feature"]) == (7, "y_d0", 0)
    assert abs(first["found"] - first["expected"]) == 1
    assert [errors["lsb_errors"] for errors in report["outputs"].values()] == [0, 1]


def test_a_deadlock_names_processes_and_streams(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts)
    replace(damaged["hls"] / "src" / "top.cpp", "inrarch::source<16, 2>", "inrarch::source<15, 2>")
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    assert str(caught.value) == (
        "the C simulation deadlocks: every process that is left waits for another\n"
        "process 'first' waits to read stream 's_in__first' (0 of 2 words)\n"
        "process 'sine' waits to read stream 's_first__sine' (0 of 2 words)\n"
        "process 'last' waits to read stream 's_sine__last' (0 of 2 words)\n"
        "process 'out' waits to read stream 's_last__out' (0 of 2 words)\n"
        "hint: deepen one of the full streams; depths from the fifo stage are free of deadlock"
    )


def test_code_that_does_not_compile_is_an_error_with_the_compilers_words(
    tmp_path: Path, artefacts: dict[str, Path]
) -> None:
    damaged = copied(tmp_path, artefacts)
    replace(damaged["hls"] / "src" / "top.cpp", "INRARCH_RUN();", "not_declared();")
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    assert caught.value.found == "g++: failed with exit code 1"
    assert caught.value.excerpt is not None
    assert "not_declared" in caught.value.excerpt


def test_a_testbench_that_breaks_is_an_error(tmp_path: Path, artefacts: dict[str, Path]) -> None:
    damaged = copied(tmp_path, artefacts)
    (damaged["hls"] / "data" / "inputs.bin").unlink()
    with pytest.raises(UserError) as caught:
        run(tmp_path / "run", damaged)
    assert caught.value.found == "the testbench failed with exit code 2"
    assert caught.value.excerpt is not None
    assert caught.value.excerpt.startswith("no test data in ")
