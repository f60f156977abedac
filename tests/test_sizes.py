from __future__ import annotations

import pytest

from inrarch.sizes import readable_bytes


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9149, "9.1 kB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (5 * 10**12, "5000.0 GB"),
    ],
)
def test_sizes_have_a_fitting_unit(count: int, text: str) -> None:
    assert readable_bytes(count) == text
