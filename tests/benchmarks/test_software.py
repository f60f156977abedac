"""The processor's methods are measured in processes of their own; what is not installed is told."""

from __future__ import annotations

from importlib.util import find_spec

from benchmarks.software import METHODS, measure


def test_all_methods_are_measured_or_told_to_be_missing() -> None:
    timings = measure([1], 5, [1], 0.03)
    assert [each.title for each in timings] == list(METHODS.values())
    for each in timings:
        assert (each.threads, each.order) == (1, 1)
        if each.title.startswith("PyTorch") and find_spec("torch") is None:
            assert (each.seconds, each.error, each.failure) == (None, None, "not installed")
        else:
            assert each.seconds is not None
            assert each.error is not None
            assert 0 < each.seconds < 10
            assert each.error < 1e-4
