"""No path of a kernel between two registers takes longer than a cycle at 300 MHz on UltraScale+, by the estimate of
`synth` (inrarch/hardware/synthesis/paths.py)."""

from __future__ import annotations

from pathlib import Path

from tests.kernel_lib.path_bench import PERIOD_PS, longest_paths
from tests.kernel_lib.rtl_sums import random_accumulate, random_outer, random_reduce


def test_sums_fit_into_a_cycle(tmp_path: Path) -> None:
    # 24 bits: sums of 2 fields with shifts of 3 and 0; one product.
    found = longest_paths([random_reduce(5), random_accumulate(5), random_outer(7)], tmp_path)
    print(found)
    assert all(0 < path.ps <= PERIOD_PS for path in found)
