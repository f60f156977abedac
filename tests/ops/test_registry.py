"""Every operator has every facet."""

from __future__ import annotations

import keyword
import subprocess
import sys

import onnx
import pytest

import inrarch.ops
from inrarch.numeric import view
from inrarch.ops import operators
from inrarch.ops.operator import Missing
from tests.pointwise_cases import POINTWISE

REQUIRED = [
    "Gemm",
    "MatMul",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Neg",
    "Sin",
    "Cos",
    "Tanh",
    "Sigmoid",
    "Exp",
    "Relu",
    "Softplus",
    "Concat",
    "Slice",
    "Reshape",
    "Transpose",
    "Identity",
    "Constant",
    "Expand",
    "Shape",
    "Where",
    "Greater",
    # structural operators, reductions, linear algebra
    "ReduceSum",
    "ReduceMean",
    "ReduceMax",
    "ReduceMin",
    "ReduceProd",
    "ReduceL1",
    "ReduceL2",
    "ReduceSumSquare",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "Unsqueeze",
    "Squeeze",
    "Flatten",
    "Split",
    "Tile",
    "Pad",
    "Gather",
    "GatherND",
    "ScatterND",
    "ConstantOfShape",
    "Range",
    "Einsum",
    "Softmax",
    "LogSoftmax",
    "LayerNormalization",
    "BatchNormalization",
    "Dropout",
    "Conv",
    "ConvTranspose",
    # element-wise operators
    *POINTWISE,
    "CastLike",
]


def test_the_registry_holds_what_the_documentation_promises() -> None:
    assert set(operators()) == set(REQUIRED)
    assert list(operators()) == sorted(operators())


@pytest.mark.parametrize("name", REQUIRED)
def test_an_operator_has_every_facet(name: str) -> None:
    operator = operators()[name]
    assert operator.name == name
    assert onnx.defs.has(name)
    file = name.lower() + "_" * keyword.iskeyword(name.lower())
    module = sys.modules[f"inrarch.ops.{file}"]
    assert module.OPERATOR is operator
    assert module.__doc__
    assert module.__doc__.startswith(name)
    assert callable(operator.evaluate)
    assert callable(operator.taylor)
    assert callable(operator.reverse) or (isinstance(operator.reverse, Missing) and operator.reverse.reason)
    assert operator.hardware.kind in ("pointwise", "matmul", "reorder", "reduce", "none")
    assert bool(operator.hardware.reason) == (operator.hardware.kind == "none")
    assert not operator.hardware.written or operator.hardware.kind != "none"
    assert operator.smooth


def test_operators_of_one_element_say_so() -> None:
    first = {"Add", "Sub", "Mul", "Div", "Neg", "Sin", "Cos", "Tanh", "Sigmoid", "Exp", "Relu", "Softplus", "Where"}
    found = {name for name, operator in operators().items() if operator.elementwise}
    assert found == {*first, "Greater", "Identity", *POINTWISE}
    assert {name for name, operator in operators().items() if operator.hardware.kind == "pointwise"} <= found


def test_functions_with_tables_are_those_that_hardware_has() -> None:
    pointwise = {
        name for name, each in operators().items() if each.hardware.kind == "pointwise" and each.hardware.direct
    }
    arithmetic = {"Add", "Sub", "Mul", "Neg", "Abs", "Relu", "Floor", "Round", "Cast", "Where"}
    assert pointwise == {*arithmetic, *view.TABLES, *view.TRUTHS}


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        operators()["Sin"] = operators()["Cos"]  # type: ignore[index]


def test_a_module_that_cannot_be_imported_is_an_error(tmp_path, monkeypatch) -> None:
    (tmp_path / "broken.py").write_text("import a_module_that_does_not_exist\n")
    monkeypatch.setattr(inrarch.ops, "__path__", [*inrarch.ops.__path__, str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="a_module_that_does_not_exist"):
        operators.__wrapped__()


def test_importing_the_registry_does_not_load_the_graph_library() -> None:
    code = "import sys, inrarch.ops; sys.exit('onnx_ir' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
