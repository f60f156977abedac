"""Largest errors by output, order or for all."""

from __future__ import annotations

import onnx_ir as ir
import pytest

from inrarch.derivatives.api import derive_graph
from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.limits import error_limits
from tests.models import siren


def tower() -> ir.Model:
    return derive_graph(load_model(siren((1, 4, 1))), order=2, method="taylor", optimize=True)


def test_one_number_counts_for_all_and_none_is_the_tolerance() -> None:
    assert error_limits(tower(), 1e-3, 0.5) == {"y": 1e-3, "y_d0": 1e-3, "y_d00": 1e-3}
    assert error_limits(tower(), None, 0.5) == {"y": 0.5, "y_d0": 0.5, "y_d00": 0.5}


def test_an_output_counts_before_its_order_and_the_tolerance_fills_in() -> None:
    found = error_limits(tower(), {"0": 1e-4, "1": 1e-3, "y_d0": 2e-3}, 0.5)
    assert found == {"y": 1e-4, "y_d0": 2e-3, "y_d00": 0.5}


def test_operators_have_the_order_of_their_highest_derivative() -> None:
    graph = derive_graph(load_model(siren((2, 4, 1))), outputs=["y", "y_laplacian"], method="taylor", optimize=True)
    assert error_limits(graph, {"2": 0.25}, 0.5) == {"y": 0.5, "y_laplacian": 0.25}


@pytest.mark.parametrize(("key", "hint"), [("3", ""), ("y_d1", "\nhint: did you mean 'y_d0'?"), ("first", "")])
def test_what_is_neither_an_output_nor_an_order_is_refused(key: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        error_limits(tower(), {key: 1e-3}, 0.5)
    assert str(caught.value) == (
        f"constraints.max_error: there is no output and no order {key!r}; "
        f"expected orders (0, 1, 2) or outputs (y, y_d0, y_d00){hint}"
    )
