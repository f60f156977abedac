"""What function tables cost: counts that follow from their structure. Against Yosys: benchmarks/calibration."""

from __future__ import annotations

import pytest

from inrarch.dataflow.function_cost import polynomial, table_cost
from inrarch.dataflow.target import Target
from inrarch.numeric.formats import Format
from inrarch.numeric.tables import build_table
from tests.targets import PYNQ, U50, ULX3S

IN, OUT = Format(24, 17), Format(24, 20)


def test_tables_cost_range_reduction_memory_and_a_polynomial() -> None:
    sine, tanh = (table_cost(build_table(name, IN, Format(24, 22)), U50) for name in ("sin", "tanh"))
    assert sine.dsp > tanh.dsp >= 2
    assert tanh.bram18 > 0


@pytest.mark.parametrize("target", [PYNQ, U50, ULX3S], ids=["pynq_z2", "u50", "ulx3s_85f"])
@pytest.mark.parametrize("function", ["sin", "sigmoid", "softplus", "exp", "tanh", "reciprocal", "sqrt"])
def test_a_function_is_its_polynomial_and_a_reduction(function: str, target: Target) -> None:
    table = build_table(function, IN, OUT)
    whole, core = table_cost(table, target), polynomial(table.core, target)
    assert whole.lut > core.lut
    assert whole.ff >= core.ff + table.output.bits
    assert (whole.dsp > core.dsp) == (function in ("sin", "exp"))


def test_the_linear_part_of_softplus_waits_for_the_polynomial() -> None:
    sigmoid, softplus = (table_cost(build_table(name, IN, OUT), ULX3S) for name in ("sigmoid", "softplus"))
    assert softplus.ff - sigmoid.ff > 13 * IN.bits
