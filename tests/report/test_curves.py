from __future__ import annotations

import numpy as np

from inrarch.report.curves import HEIGHT, WIDTH, curve_rows
from inrarch.report.notation import Partial


def test_curves_fill_the_box_and_zero_is_marked() -> None:
    reference = np.array([[-1.0], [0.0], [3.0]])
    (row,) = curve_rows({"y": Partial("y", ())}, {"y": reference}, {"y": reference})
    assert row.values.lines[0] == ("reference", f"0.0,{HEIGHT:.1f} {WIDTH / 2:.1f},112.5 {WIDTH:.1f},0.0")
    assert (row.values.low, row.values.high, row.values.zero) == ("-1", "3", 112.5)
    assert row.feature is None


def test_the_error_has_a_chart_of_its_own() -> None:
    reference = np.array([[1.0], [2.0]])
    (row,) = curve_rows({"y": Partial("y", ())}, {"y": reference + np.array([[0.0], [0.25]])}, {"y": reference})
    assert (row.error.low, row.error.high, row.error.zero) == ("0", "0.25", None)


def test_a_constant_curve_lies_in_the_middle() -> None:
    flat = np.ones((3, 2))
    rows = curve_rows({"y": Partial("y", ())}, {"y": flat}, {"y": flat})
    assert [row.feature for row in rows] == [0, 1]
    assert rows[0].values.lines[0][1].startswith(f"0.0,{HEIGHT / 2:.1f} ")
