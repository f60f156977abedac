"""Numbers of the random units that a compiled program runs: few by default, the rest in the slow tests."""

from __future__ import annotations

import pytest

QUICK = range(20)
"""They must cover what the units can be; each kernel's tests say what that is."""

each_share = pytest.mark.parametrize("seeds", [QUICK, pytest.param(range(20, 80), marks=pytest.mark.slow)])
