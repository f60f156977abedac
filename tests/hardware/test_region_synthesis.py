"""What Yosys makes of pointwise regions: DSP slices as the cost model counts them, little work between registers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx_ir as ir
import pytest
from onnx import TensorProto, helper, numpy_helper

from inrarch.dataflow.parallelism import Parallelism
from inrarch.graph.load import load_model
from inrarch.hardware.rtl.module import Image
from inrarch.hardware.tables_sv import function_lines
from inrarch.numeric.formats import Format, Formats, TensorFormat
from inrarch.numeric.tables import build_table
from tests.hardware.region_bench import region_case, region_unit
from tests.kernel_lib.synthesising import run_yosys
from tests.targets import U50

pytestmark = pytest.mark.slow


def yosys(folder: Path, commands: str, images: Mapping[str, Image]) -> None:
    """Run commands on the modules in `folder` and what they use."""
    for name, image in images.items():
        (folder / name).write_text("".join(f"{word:x}\n" for word in image.words))
    run_yosys(["pointwise"], commands, folder)


def cells(folder: Path, kind: str) -> int:
    """Cells of a kind in the whole design, by `stat -json` in stat.json."""
    found = json.loads((folder / "stat.json").read_text())["design"]["num_cells_by_type"]
    return int(found.get(kind, 0))


@pytest.mark.parametrize(
    ("a", "b", "slices"), [(24, 18, 1), (18, 24, 1), (27, 18, 1), (27, 24, 2), (24, 24, 2), (32, 32, 4)]
)
def test_a_product_takes_as_many_dsp_slices_as_the_model_says(tmp_path: Path, a: int, b: int, slices: int) -> None:
    chosen = f"chparam -set A_BITS {a} -set B_BITS {b} inrarch_product"
    made = "synth_xilinx -family xcup -top inrarch_product -noiopad"
    yosys(tmp_path, f"{chosen}; {made}; tee -q -o stat.json stat -json", {})
    assert cells(tmp_path, "DSP48E2") == slices


def test_a_product_on_smaller_multipliers_is_cut_for_them(tmp_path: Path) -> None:
    chosen = "chparam -set A_BITS 24 -set B_BITS 18 -set WIDE 18 inrarch_product"
    yosys(tmp_path, f"{chosen}; synth_ecp5 -top inrarch_product; tee -q -o stat.json stat -json", {})
    assert cells(tmp_path, "MULT18X18D") == 2


def jet(features: int = 4) -> tuple[ir.Model, Formats]:
    """Sine and cosine of one argument and five products, all of 24 bits; a constant per feature of 18."""
    nodes = [
        ("Sin", ["z"], "s"), ("Cos", ["z"], "c"), ("Mul", ["c", "w"], "cw"), ("Mul", ["c", "a"], "ca"),
        ("Mul", ["a", "b"], "ab"), ("Mul", ["s", "ab"], "t"), ("Add", ["t", "cw"], "sum"), ("Mul", ["ca", "ca"], "q"),
    ]  # fmt: skip
    shape = ["rows", features]
    graph = helper.make_graph(
        [helper.make_node(operator, taken, [result], name=f"n {result}") for operator, taken, result in nodes],
        "jet",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "zab"],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("s", "sum", "q")],
        [numpy_helper.from_array(np.linspace(-1, 1, features, dtype=np.float32), "w")],
    )
    model = load_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8))
    tensors = {
        name: TensorFormat("data", Format(24, 18), 1.0) for name in ("z", "a", "b", *(each[2] for each in nodes))
    }
    tensors |= {name: TensorFormat("data", Format(24, 22), 1.0) for name in "sc"}
    return model, Formats("fixed", 24, 18, 0, tensors | {"w": TensorFormat("constant", Format(18, 16), 1.0)})


@pytest.mark.parametrize("interval", [1, 2, 5])
def test_a_region_takes_as_many_dsp_slices_as_the_model_says(tmp_path: Path, interval: int) -> None:
    model, formats = jet()
    case = region_case(model, formats, lanes=2, interval=interval, rows=4, seed=1, stalls=False)
    assert case.instance.rtl.body is not None
    (tmp_path / "region.sv").write_text(case.instance.rtl.body.replace("@MODULE@", "region"))
    # Module by module, as the stage does it: flat, the tool sees the constants of a range reduction, and may make LUTs
    # of a tile of few bits.
    commands = "synth_xilinx -family xcup -top region -noiopad; tee -q -o stat.json stat -json"
    yosys(tmp_path, commands, case.instance.rtl.images)
    unit, facts = region_unit(model, formats, 4)
    model_says = unit.cost(facts, Parallelism({"region": interval}, {4: 2})).dsp
    assert cells(tmp_path, "DSP48E2") == model_says


LONGEST = 7
"""Operators in a row: a difference, the gates of a comparison, and what it chooses; a product stands alone."""


@pytest.mark.parametrize("function", ["sin", "softplus", "sigmoid", "exp", "tanh", "asin", "reciprocal", "sqrt", "log"])
def test_little_stands_between_two_registers_of_a_function(tmp_path: Path, function: str) -> None:
    images: dict[str, Image] = {}
    table = build_table(function, Format(24, 20), Format(24, 18))
    lines = function_lines(table, "n", "x", "y", images, U50)
    text = "module region(input logic clk, input logic advance, input logic [23:0] x, output logic [23:0] y);\n"
    (tmp_path / "region.sv").write_text("\n".join([text, *lines, "endmodule"]))
    commands = "prep -flatten -top region; opt -full; alumacc; opt; tee -q -o longest.txt ltp -noff"
    yosys(tmp_path, commands, images)
    paths = (tmp_path / "longest.txt").read_text()
    found = re.search(r"length=(\d+)", paths)
    assert found is not None
    assert 0 < int(found[1]) <= LONGEST
    assert not ("$mul" in paths and "alu" in paths)
