"""Properties are judged by their results, not by how fast a busy machine draws examples.

The same examples every time: a change is refused for what it does. `--hypothesis-profile=search` draws new ones.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.compilers import compile_quickly

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
settings.register_profile("search", settings.get_profile("any machine"), derandomize=False, print_blob=True)
settings.load_profile("any machine")

# A shell that starts the tests in the background has interrupts ignored, and children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _quick_compiler() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        compile_quickly(patch)
        yield
