"""Random graphs over all operators: derivatives to order 3 against power series, and nothing crashes.

A refusal (UserError) is not a disagreement, but there must be few, each with a reason.
"""

from __future__ import annotations

from collections import Counter

import pytest

from inrarch.errors import REPORT_IT, UserError
from inrarch.ops import operators
from tests.derive_and_compare import check_against_series
from tests.fuzz.graphs import Case, random_case

FAST = range(100)
CAMPAIGN = range(1000, 3000)
TOLERANCE = 1e-8
"""Relative to the largest coefficient (or 1): 1e-16 times what a dozen steps amplify."""

NOT_IN_RANDOM_GRAPHS: dict[str, str] = {
    "Constant": "becomes an initializer when a model is loaded",
}


def refusal(case: Case) -> str | None:
    """Compare a case; the reason if it was refused."""
    try:
        check_against_series(case.model, case.order, wrt=case.wrt, tolerance=TOLERANCE)
    except UserError as error:
        assert REPORT_IT not in error.text()  # noqa: PT017
        return str(error)
    return None


@pytest.mark.parametrize("seed", FAST)
def test_derivatives_of_a_random_graph_agree_with_power_series(seed: int) -> None:
    assert refusal(random_case(seed)) is None


@pytest.mark.slow
def test_two_thousand_random_graphs_agree_with_power_series() -> None:
    reasons = Counter(reason for seed in CAMPAIGN if (reason := refusal(random_case(seed))) is not None)
    assert not reasons


def test_random_graphs_contain_every_operator() -> None:
    seen = {node.op_type for seed in CAMPAIGN for node in random_case(seed).model.graph.node}
    assert seen | set(NOT_IN_RANDOM_GRAPHS) == set(operators())
    assert not seen & set(NOT_IN_RANDOM_GRAPHS)
