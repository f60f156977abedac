"""`inrarch derive` on the command line."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from inrarch.cli.main import main
from tests.models import siren


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    onnx.save(siren((2, 8, 8, 3)), "m.onnx")
    return Path("m.onnx")


def test_it_writes_the_derivatives_and_prints_what_they_cost(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "m.onnx", "--wrt", "x", "--order", "2", "-o", "d.onnx"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "d.onnx: 6 outputs (y, y_d0, y_d1, y_d00, y_d01, y_d11)"
    assert printed[1].endswith(f"nodes, 13 matmuls, {2 * 8 + 6 * (8 * 8 + 8 * 3)} MAC per row")
    onnx.checker.check_model(onnx.load("d.onnx"), full_check=True)


def test_outputs_by_name_step_and_unoptimized(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--outputs", "y_d00, y_d0", "--step", "0.5", "--no-optimize", "--method", "taylor"]
    assert main(["derive", "m.onnx", *options, "-o", "d.onnx"]) == 0
    assert capsys.readouterr().out.startswith("d.onnx: 2 outputs (y_d0, y_d00)\n")
    assert [node.name for node in onnx.load("d.onnx").graph.node][:3] == ["net.0/Gemm", "net.0/Gemm_d0", "net.0/Mul"]


def test_stacked_products(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "m.onnx", "--order", "2", "--stack", "-o", "d.onnx"]) == 0
    macs = 2 * 8 + 6 * (8 * 8 + 8 * 3)
    assert capsys.readouterr().out.endswith(f" nodes, 13 matmuls, {macs} MAC per row; stacked into 3 matmuls\n")
    assert [node.op_type for node in onnx.load("d.onnx").graph.node].count("Split") == 2


def test_operators_on_the_command_line(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--outputs", "laplacian", "--operator", "heat,y_directional", "--direction", "0.6,0.8"]
    assert main(["derive", "m.onnx", *options, "--terms", "heat = d0 - 0.5*d11", "-o", "d.onnx"]) == 0
    assert capsys.readouterr().out.startswith("d.onnx: 3 outputs (y_laplacian, y_heat, y_directional)\n")
    assert main(["derive", "m.onnx", "--terms=heat = d0 - 0.5*d11", "--terms=wave = d00 - d11", "-o", "d.onnx"]) == 0
    assert capsys.readouterr().out.startswith("d.onnx: 2 outputs (y_heat, y_wave)\n")
    assert main(["derive", "m.onnx", "--outputs", "gradient,hessian", "--columns", "y=1", "-o", "d.onnx"]) == 0
    assert capsys.readouterr().out.startswith("d.onnx: 2 outputs (y_gradient, y_hessian)\n")
    assert main(["derive", "m.onnx", "--order", "2", "--coordinates", "1", "-o", "d.onnx"]) == 0
    assert capsys.readouterr().out.startswith("d.onnx: 3 outputs (y, y_d1, y_d11)\n")


def test_the_ways_are_explained_without_writing_anything(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "m.onnx", "--outputs", "laplacian", "--explain"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [(line[:37].strip(), line.split("  ")[-1].strip()) for line in printed[1:]] == [
        ("*  Taylor expansion, smallest space", "chosen: the fewest passes"),
        ("Taylor expansion of reverse sweeps", "more passes"),
        ("Reverse sweeps of Taylor expansion", "more passes"),
        ("Taylor expansion, full tower", "not counted: contains the smallest space"),
        ("Reverse sweeps", "not possible: they give first derivatives only"),
    ]
    assert printed[1].split()[5:8] == ["4", "296", "104"]
    assert [path.name for path in Path().iterdir()] == ["m.onnx"]
    assert main(["derive", "m.onnx", "--outputs", "laplacian", "--explain", "-o", "d.onnx"]) == 0
    assert capsys.readouterr().out.splitlines()[6].startswith("d.onnx: 1 output (y_laplacian)")


@pytest.mark.parametrize("text", ["0", "y=a"])
def test_columns_that_cannot_be_read(model: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(SystemExit):
        main(["derive", "m.onnx", "--order", "1", "--columns", text, "-o", "d.onnx"])
    assert capsys.readouterr().err.endswith(f"argument --columns: {text!r} is no output with its columns, like y=0,2\n")


def test_nowhere_to_write(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "m.onnx", "--order", "1"]) == 3
    assert capsys.readouterr().err == (
        "there is nowhere to write the result; expected -o FILE, or --explain for the costs alone\n"
    )


def test_many_outputs_are_not_all_listed(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "m.onnx", "--order", "4", "-o", "d.onnx"]) == 0
    assert "15 outputs (y, y_d0, y_d1, y_d00, y_d01, y_d11, y_d000, y_d001, …)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--order", "0"], "order is 0; expected a whole number of at least 1"),
        (["--order", "2", "--wrt", "z"], "m.onnx: wrt 'z' is not an input of the model; expected one of 'x'"),
        (["--order", "9", "--max-coefficients", "50"], "order 9 in 2 coordinates needs 55 Taylor coefficients"),
        ([], "neither an order nor outputs were asked for"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    model: Path, capsys: pytest.CaptureFixture[str], options: list[str], text: str
) -> None:
    assert main(["derive", "m.onnx", *options, "-o", "d.onnx"]) == 3
    assert capsys.readouterr().err.startswith(text)
    assert [path.name for path in Path().iterdir()] == ["m.onnx"]


def test_a_missing_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", str(tmp_path / "m.onnx"), "--order", "1", "-o", "d.onnx"]) == 3
    assert capsys.readouterr().err == f"{tmp_path}/m.onnx: no such file; expected an ONNX model\n"


def test_by_parameters(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    onnx.save(siren((2, 8, 1)), "m.onnx")
    options = ["--parameters", "net.0.weight,net.0.bias", "--by", "hvp", "-o", "d.onnx"]
    assert main(["derive", "m.onnx", *options]) == 0
    assert capsys.readouterr().out.startswith(
        "d.onnx: 5 outputs (y, y_d:net.0.weight, y_d:net.0.bias, y_dv:net.0.weight, y_dv:net.0.bias)\n"
    )
    assert [value.name for value in onnx.load("d.onnx").graph.input] == ["x", "v:net.0.weight", "v:net.0.bias"]
