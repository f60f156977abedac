import json
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import numpy as np
import onnx
import pytest

from inrarch.boards import load_board
from inrarch.boards.settings import dsp_settings
from inrarch.config.model import Cosim, Domain, Numeric, Verification
from inrarch.derivatives.api import derive
from inrarch.engine.stage import StageRun
from inrarch.errors import UserError
from inrarch.numeric.formats import load_formats
from inrarch.resources import data_folder
from inrarch.stages.quantize import STAGE, files, settings
from tests.models import siren

COSIM = Cosim(16, 0.0, waveform=False)
SETTINGS = {
    "policy": "fixed",
    "data_bits": 24,
    "weight_bits": 18,
    "guard_bits": 2,
    "factor_bits": None,
    "ranges": "calibration",
    "calibration_samples": 256,
    "calibration_seed": 0,
    "max_error": None,
    "tolerance": 1.0,
    "dsp": dsp_settings(load_board("u50").family.dsp),
    "low": [-1.0],
    "high": [1.0],
}


def stage_run(folder, name="quantize", external=None, **changes):
    optimized = folder / "optimize"
    if not optimized.exists():
        optimized.mkdir()
        onnx.save(derive(siren((2, 8, 1), w0=10.0), order=1, method="taylor"), optimized / "derivative.onnx")
    output = folder / name
    output.mkdir()
    return StageRun({"optimize": optimized}, external or {}, SETTINGS | changes, output, folder / "scratch")


def test_formats_json_satisfies_the_schema_and_lists_every_output(tmp_path):
    run = stage_run(tmp_path)
    summary = STAGE.run(run)
    content = json.loads((run.output / "formats.json").read_text())
    schema = json.loads((data_folder("schemas") / "formats.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(content, schema)
    assert set(content["errors"]) == {"y", "y_d0", "y_d1"}
    assert content["samples"] == 256
    assert summary.startswith("data 24 / weights 18 bits, largest relative error ")
    assert "0 overflows in 256 samples, " in summary
    assert summary.endswith("tensors proven never to overflow")


def test_the_same_settings_write_the_same_bytes(tmp_path):
    first, second = stage_run(tmp_path, "a"), stage_run(tmp_path, "b")
    STAGE.run(first)
    STAGE.run(second)
    assert (first.output / "formats.json").read_bytes() == (second.output / "formats.json").read_bytes()


def test_the_samples_file_is_the_domain_and_a_fifth_of_it_is_held_back(tmp_path):
    path = tmp_path / "samples.npy"
    np.save(path, np.random.default_rng(0).uniform(-3, 3, (100, 2)))
    run = stage_run(tmp_path, external={"samples": path})
    STAGE.run(run)
    formats = load_formats(run.output / "formats.json")
    assert formats.samples == 20
    assert 2 < formats.tensors["x"].max_abs <= 3


def test_too_few_samples_are_refused(tmp_path):
    path = tmp_path / "samples.npy"
    np.save(path, np.zeros((9, 2)))
    with pytest.raises(UserError) as error:
        STAGE.run(stage_run(tmp_path, external={"samples": path}))
    assert str(error.value) == f"{path}: found 9 samples; expected at least 10"


def test_the_stage_reads_the_number_formats_and_the_domain_of_a_variant(tmp_path):
    numeric = Numeric("fixed", 24, 18, 2, None, "calibration", 256, 0, None)
    domain = Domain((-1.0,), (1.0,), tmp_path / "s.npy")
    verification, board = Verification(64, 1, 0.01, COSIM), load_board("u50")
    variant = SimpleNamespace(numeric=numeric, domain=domain, verification=verification, board=board)
    assert settings(variant) == SETTINGS
    assert files(variant) == {"samples": tmp_path / "s.npy"}
    assert files(SimpleNamespace(domain=Domain((-1.0,), (1.0,), None))) == {}
    assert STAGE.name == Path(__file__).stem.removeprefix("test_")


def asked(folder, **numeric):
    values = {
        "policy": "fixed",
        "data_bits": 24,
        "weight_bits": 18,
        "guard_bits": 2,
        "factor_bits": "auto",
        "ranges": "calibration",
        "calibration_samples": 256,
        "calibration_seed": 0,
        "max_error": None,
    }
    board = load_board(numeric.pop("board", "u50"))
    return settings(
        SimpleNamespace(
            numeric=Numeric(**values | numeric),
            domain=Domain((-1.0,), (1.0,), None),
            verification=Verification(64, 1, numeric.pop("tolerance", 0.01), COSIM),
            board=board,
        )
    )


def test_the_choice_depends_on_the_device_family_and_not_on_the_board(tmp_path):
    assert asked(tmp_path, board="u50") == asked(tmp_path, board="zcu102")
    assert asked(tmp_path, board="u50") != asked(tmp_path, board="pynq_z2")


def test_the_tolerance_counts_only_where_it_is_a_limit(tmp_path):
    assert asked(tmp_path)["tolerance"] == 1.0
    assert asked(tmp_path, data_bits="auto")["tolerance"] == 0.01
    assert asked(tmp_path, max_error=(("0", 1e-4),))["tolerance"] == 0.01
    assert asked(tmp_path, max_error=(("0", 1e-4),))["max_error"] == {"0": 1e-4}


def test_widths_are_chosen_and_noted(tmp_path, capsys):
    widths = {"data_bits": "auto", "weight_bits": "auto", "guard_bits": "auto", "factor_bits": "auto"}
    run = stage_run(tmp_path, **widths, max_error={"0": 1e-3, "1": 1e-2})
    STAGE.run(run)
    formats = load_formats(run.output / "formats.json")
    assert max(error.max_rel for error in formats.errors.values()) <= 1e-2
    assert formats.errors["y"].max_rel <= 1e-3
    assert formats.data_bits < 24
    assert "meets on all rows" in capsys.readouterr().out


def test_ranges_from_bounds_are_noted_and_proven(tmp_path):
    run = stage_run(tmp_path, ranges="bounds")
    summary = STAGE.run(run)
    formats = load_formats(run.output / "formats.json")
    streams = [tensor for tensor in formats.tensors.values() if tensor.kind == "data"]
    assert (formats.ranges, formats.guard_bits) == ("bounds", 0)
    assert all(tensor.proven for tensor in streams)
    assert summary.endswith(f", {len(streams)} of {len(streams)} tensors proven never to overflow")


def test_the_box_of_a_file_of_samples_is_theirs(tmp_path):
    path = tmp_path / "samples.npy"
    np.save(path, np.random.default_rng(0).uniform(-3, 3, (100, 2)))
    run = stage_run(tmp_path, external={"samples": path}, ranges="bounds")
    STAGE.run(run)
    assert 2.9 < load_formats(run.output / "formats.json").tensors["x"].max_abs <= 3


def test_a_limit_that_is_missed_fails_the_stage(tmp_path):
    with pytest.raises(UserError) as caught:
        STAGE.run(stage_run(tmp_path, data_bits=10, max_error=1e-6))
    assert caught.value.place == "constraints.max_error"
    assert caught.value.expected == "at most 1e-06"
