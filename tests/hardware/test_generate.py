"""The generated folder: the same bytes each time, equal to the bit-true model, safe against the names of a model."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.hardware.design import load_design
from inrarch.hardware.generate import generate_design
from inrarch.hardware.layout import parse_layout
from tests.hardware import small_design
from tests.hardware.compiling import simulate

HOSTILE = '"); */ #error\n#define int ??/\\ {{ x }} é/'


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_generated_design_equals_the_bit_true_model(tmp_path: Path) -> None:
    design = small_design.write_design(tmp_path)
    result = simulate(tmp_path, design, tmp_path / "out")
    assert (result["rows"], result["mismatches"], result["last_errors"], result["left_over"]) == (40, 0, 0, 0)
    assert result["deadlock"] is None
    # 3 invocations of 16 rows for 40 rows.
    writes = {stream["name"]: stream["writes"] for stream in result["streams"]}
    assert writes == {"s_in_first": 96, "s_first_sine": 192, "s_sine_last": 192, "s_last_out": 48}


def test_generation_is_deterministic(tmp_path: Path) -> None:
    small_design.write_design(tmp_path / "a")
    small_design.write_design(tmp_path / "b")
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


def test_names_of_the_model_enter_no_source_file_as_they_are(tmp_path: Path) -> None:
    design = small_design.write_design(tmp_path, prefix=HOSTILE)
    result = simulate(tmp_path, design, tmp_path / "out")
    assert result["mismatches"] == 0
    assert {process.identifier for process in design.processes} >= {"error_define_int_x_e_first"}
    for name, content in files_of(tmp_path).items():
        if name != "design.json" and name.endswith((".cpp", ".hpp", ".tcl", ".cfg")):
            assert b"{{ x }}" not in content
            assert b"#error" not in content
    assert load_design(tmp_path / "design.json") == design


def test_layout_of_the_folder(tmp_path: Path) -> None:
    small_design.write_design(tmp_path)
    names = set(files_of(tmp_path))
    assert names >= {
        "src/top.cpp", "src/top.hpp", "src/regions/sine.hpp", "src/weights/v_first.hpp", "src/weights/last.hpp",
        "kernels/matmul/matmul.hpp", "kernels/common/token.hpp", "simulation/ap_int.h", "testbench/tb.cpp",
        "data/inputs.bin", "data/expected.bin", "scripts/run_hls.tcl", "scripts/hls_config.cfg", "design.json",
    }  # fmt: skip
    assert not any(name.startswith("kernels/fork") for name in names)


def test_no_scripts_for_a_device_that_vitis_does_not_know(tmp_path: Path) -> None:
    small_design.write_design(tmp_path, part=None)
    assert not (tmp_path / "scripts").exists()


def test_top_only_wires(tmp_path: Path) -> None:
    small_design.write_design(tmp_path, depth=40)
    top = (tmp_path / "src" / "top.cpp").read_text(encoding="utf-8")
    assert top.count("#pragma HLS DATAFLOW") == 1
    assert top.count("INRARCH_PROCESS(") == 5
    assert "#pragma HLS STREAM variable=s_first_sine depth=40" in top
    assert "#pragma HLS BIND_STORAGE variable=s_first_sine type=fifo impl=bram" in top
    assert "#pragma HLS INTERFACE axis port=in_x" in top
    assert "for (" not in top


@pytest.mark.parametrize(
    ("part", "depths", "message"),
    [
        ("xc7; exec rm", None, "board: part 'xc7; exec rm'; expected letters, digits, '_', '-' and '.'"),
        (
            "xc7z020clg400-1",
            {},
            "depths.json: there is no depth for stream 's_in__first'\nhint: run the fifo stage again",
        ),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, part: str, depths: dict[str, int] | None, message: str) -> None:
    graph = small_design.model()
    layout = parse_layout(small_design.network())
    if depths is None:
        depths = {stream.name: 2 for stream in layout.streams}
    with pytest.raises(UserError) as caught:
        generate_design(
            graph, small_design.number_formats(graph), layout, depths, tmp_path, part=part, clock_period_ns=4
        )
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1:1: is not JSON: Expecting value; expected the design.json of the hls stage (JSON)"),
        ("{}", ": 'top' is a required property; expected what schemas/design.schema.json says"),
    ],
)
def test_a_broken_design_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "design.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_design(path)
    assert str(caught.value) == f"{path}{message}"


def test_mismatches_are_counted_and_the_first_ones_named(tmp_path: Path) -> None:
    design = small_design.write_design(tmp_path)
    expected = tmp_path / "data" / "expected.bin"
    words = bytearray(expected.read_bytes())
    words[4 * (5 * design.output_words + 1)] ^= 1
    expected.write_bytes(words)
    result = simulate(tmp_path, design, tmp_path / "out")
    assert result["mismatches"] == 1
    first = result["first_mismatches"]
    assert [(each["row"], each["word"]) for each in first] == [(5, 1)]
    assert abs(first[0]["found"] - first[0]["expected"]) == 1
    assert json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8")) == result


@pytest.mark.slow
def test_equal_with_the_open_vendor_headers(tmp_path: Path) -> None:
    """Their ap_int, their unbounded streams, one process after the other, C++14: as the vendor's C simulation runs."""
    found = importlib.util.find_spec("hls4ml")
    if found is None or found.origin is None:
        pytest.skip("the hls4ml wheel, which carries the vendor's open headers, is not installed")
    theirs = Path(found.origin).parent / "templates" / "vivado" / "ap_types"
    design = small_design.write_design(tmp_path)
    result = simulate(tmp_path, design, tmp_path / "out", include=(theirs,), standard="c++14")
    assert (result["rows"], result["mismatches"], result["last_errors"], result["left_over"]) == (40, 0, 0, 0)
    assert result["streams"] == []
