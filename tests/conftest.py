"""Properties are judged by their results, not by how fast a busy machine draws examples.

The same examples every time: a change is refused for what it does. `--hypothesis-profile=search` draws new ones.
"""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
settings.register_profile("search", settings.get_profile("any machine"), derandomize=False, print_blob=True)
settings.load_profile("any machine")

# A shell that starts the tests in the background has interrupts ignored, and children would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
